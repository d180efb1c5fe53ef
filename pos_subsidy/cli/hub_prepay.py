"""``hub prepay``: a share of what waits to be judged, paid in advance."""

from pathlib import Path

import click

from pos_subsidy.cli import print_json
from pos_subsidy.cli.hub import by_option, city_of, data_option, database_option, hub
from pos_subsidy.cli.hub_runs import carry_out, file_option
from pos_subsidy.clock import system_clock
from pos_subsidy.hub import paying, prepayment
from pos_subsidy.hub.office_log import at_console

_json = click.option("--json", "as_json", is_flag=True)


@hub.command()
@data_option
@database_option
@by_option
@file_option
@_json
def prepay(folder: Path, database: str | None, by: str, path: Path | None, as_json: bool) -> None:
    """Pay shops the decided share of what waits, less what they have not earned yet. Settle first."""
    city = city_of(folder, database)
    carry_out(city, lambda: paying.prepay(city, by=at_console(by), now=system_clock()), path, as_json=as_json)


@hub.command()
@data_option
@database_option
@click.argument("programme")
@click.argument("percent", type=int)
@by_option
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
