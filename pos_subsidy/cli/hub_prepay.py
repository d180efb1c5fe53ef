"""``hub prepay``: a share of what waits to be judged, paid in advance."""

from contextlib import nullcontext
from pathlib import Path

import click

from pos_subsidy.cli import print_json
from pos_subsidy.cli.hub import city_of, data_option, database_option, hub
from pos_subsidy.cli.private_files import private_file
from pos_subsidy.clock import system_clock
from pos_subsidy.domain.money import yuan
from pos_subsidy.hub import prepayment, settlement

_by = click.option("--by", required=True, metavar="NAME", help="Who does this; it is kept.")
_json = click.option("--json", "as_json", is_flag=True)


@hub.command()
@data_option
@database_option
@_by
@click.option("--file", "path", type=click.Path(path_type=Path, dir_okay=False), help="CSV for the bank.")
@_json
def prepay(folder: Path, database: str | None, by: str, path: Path | None, as_json: bool) -> None:
    """Pay shops the decided share of what waits, less what they have not earned yet. Settle first."""
    city = city_of(folder, database)
    with private_file(path) if path else nullcontext() as out:
        done = prepayment.prepay(city, by=by, now=system_clock())
        if out is not None:
            out.write(settlement.payment_file(city, done.run_id) if done.payments else "")
    if as_json:
        print_json({"run_id": done.run_id, "amount_fen": done.amount_fen, "payments": list(done.payments)})
        return
    for one in done.payments:
        why = f" ({one['why']})" if one["why"] else ""
        click.echo(f"{one['payment_no']}  {one['status']}  {yuan(one['amount_fen'])}{why}")
    click.echo(f"{done.run_id}: {yuan(done.amount_fen)} 元 / yuan")


@hub.command()
@data_option
@database_option
@click.argument("programme")
@click.argument("percent", type=int)
@_by
@click.option("--clause", required=True, help="The paper or clause it rests on; it is kept.")
@_json
def prepay_share(
    folder: Path, database: str | None, programme: str, percent: int, by: str, clause: str, as_json: bool
) -> None:
    """Decide which share of a programme's waiting claims is paid in advance; 0 ends it."""
    city = city_of(folder, database)
    number = prepayment.set_share(city, programme, percent, by=by, clause=clause, now=system_clock())
    if as_json:
        print_json({"share_no": number, "programme": programme, "percent": percent})
    else:
        click.echo(f"{number}: {programme} {percent} %")
