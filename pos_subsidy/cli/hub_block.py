"""``hub block``: the city's blocklist, fed down to every shop."""

from datetime import datetime
from pathlib import Path

import click

from pos_subsidy.cli import print_json
from pos_subsidy.cli.hub import by_option, city_of, data_option, database_option, hub
from pos_subsidy.clock import system_clock
from pos_subsidy.domain.block import KINDS, REASONS
from pos_subsidy.hub import blocklist
from pos_subsidy.hub.office_log import By

_REASONS = sorted({one for some in REASONS.values() for one in some})
_note = click.option("--note", required=True, help="What it rests on; it stays in the office.")


@hub.group()
def block() -> None:
    """Pieces, products, merchants and shops that get no subsidy for a time."""


@block.command()
@data_option
@database_option
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("number")
@click.option("--reason", required=True, type=click.Choice(_REASONS))
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), required=True)
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day; none: without an end.")
@_note
@by_option
def enter(
    folder: Path,
    database: str | None,
    kind: str,
    number: str,
    reason: str,
    since: datetime,
    until: datetime | None,
    note: str,
    by: str,
) -> None:
    """Block a thing from a day on."""
    block_no = blocklist.enter(
        city_of(folder, database),
        kind,
        number,
        reason=reason,
        since=since.date(),
        until=until.date() if until else None,
        note=note,
        by=By(by, "console"),
        now=system_clock(),
    )
    click.echo(f"#{block_no}: {kind} {number} {reason}")


@block.command()
@data_option
@database_option
@click.argument("block_no", type=int)
@_note
@by_option
def lift(folder: Path, database: str | None, block_no: int, note: str, by: str) -> None:
    """Take an entry back from today on; it stays in the list."""
    city = city_of(folder, database)
    number = blocklist.lift(city, block_no, note=note, by=By(by, "console"), now=system_clock())
    click.echo(f"#{number}: 撤回 / takes back #{block_no}")


@block.command("list")
@data_option
@database_option
def listing(folder: Path, database: str | None) -> None:
    """Show as JSON the newest entries."""
    print_json({"entries": blocklist.overview(city_of(folder, database)).entries})
