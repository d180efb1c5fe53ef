"""A payment run by command: made, said, and written into the file that the bank is sent."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import click

from pos_subsidy.cli import print_json
from pos_subsidy.cli.private_files import private_file
from pos_subsidy.domain.money import yuan
from pos_subsidy.hub import settlement
from pos_subsidy.hub.city import City
from pos_subsidy.hub.settlement import Run

file_option = click.option(
    "--file", "path", type=click.Path(path_type=Path, dir_okay=False), help="CSV for the bank."
)


def carry_out(city: City, make: Callable[[], Run], path: Path | None, *, as_json: bool) -> None:
    """Make a run and say what it pays; a file that cannot be written stops it before money is promised."""
    with private_file(path) if path else nullcontext() as out:
        done = make()
        if out is not None:
            out.write(settlement.payment_file(city, done.run_id) if done.payments else "")
    if as_json:
        print_json({"run_id": done.run_id, "amount_fen": done.amount_fen, "payments": list(done.payments)})
        return
    for one in done.payments:
        carried = f", carried {yuan(one['carried_fen'])}" if one["carried_fen"] else ""
        why = f" ({one['why']})" if one["why"] else ""
        click.echo(f"{one['payment_no']}  {one['status']}  {yuan(one['amount_fen'])}{carried}{why}")
    click.echo(f"{done.run_id}: {yuan(done.amount_fen)} 元 / yuan")
