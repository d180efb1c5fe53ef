"""``hub pack``: packs of rules, proposed by one person, published by another."""

from datetime import date, datetime, timedelta
from pathlib import Path

import click

from pos_subsidy.cli import print_json
from pos_subsidy.cli.hub import by_option, city_of, data_option, database_option, hub
from pos_subsidy.clock import system_clock
from pos_subsidy.domain import moments
from pos_subsidy.domain.money import yuan
from pos_subsidy.hub import packs, trying_packs
from pos_subsidy.hub.city import ZONE
from pos_subsidy.hub.office_log import By

_TEXT = ("text", "signed")


@hub.group()
def pack() -> None:
    """Packs of rules that the city publishes to its shops."""


@pack.command("list")
@data_option
@database_option
def listing(folder: Path, database: str | None) -> None:
    """Show as JSON the packs that wait and those that are published."""
    found = packs.overview(city_of(folder, database))
    print_json(
        {
            name: [{key: one[key] for key in one if key not in _TEXT} for one in some]
            for name, some in (("waiting", found.waiting), ("published", found.published))
        }
    )


@pack.command()
@data_option
@database_option
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--from", "from_day", required=True, type=click.DateTime(["%Y-%m-%d"]))
@click.option("--why", required=True, help="The document it rests on.")
@by_option
def propose(folder: Path, database: str | None, file: Path, from_day: datetime, why: str, by: str) -> None:
    """Check a pack and keep it for a second person."""
    about = {"from_day": from_day.date(), "why": why, "by": By(by, "console"), "now": system_clock()}
    text = file.read_bytes().decode("utf-8-sig", errors="replace")
    number = packs.propose(city_of(folder, database), file.name, text, **about)  # type: ignore[arg-type]
    click.echo(f"{number}: {file.name} 等第二人确认 / waits for a second person")


@pack.command("try")
@data_option
@database_option
@click.argument("proposal_no", type=int)
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 3660))
def try_out(folder: Path, database: str | None, proposal_no: int, days: int) -> None:
    """Say what a pack that waits changes, and what the real claims of some days would come to."""
    city = city_of(folder, database)
    for one in packs.proposal(city, proposal_no).changes:
        span = f"{one.first_day} – {one.last_day}"
        click.echo(f"{one.category:26} {span}  {one.what}: {one.old} → {one.new}")
    today: date = moments.business_date(system_clock(), ZONE)
    tried = trying_packs.try_out(city, proposal_no, first=today - timedelta(days - 1), last=today)
    click.echo(
        f"{tried.otherwise} / {tried.claims} 笔不同 / claims differ: "
        f"{yuan(tried.was_fen)} → {yuan(tried.would_be_fen)}"
    )


@pack.command()
@data_option
@database_option
@click.argument("proposal_no", type=int)
@by_option
def publish(folder: Path, database: str | None, proposal_no: int, by: str) -> None:
    """Publish a pack that waits, as a second person."""
    city = city_of(folder, database)
    number = packs.publish(city, proposal_no, by=By(by, "console"), now=system_clock())
    click.echo(f"{number}: 已发布 / published")
