"""``hub evidence``: let photos and papers go when the time to keep them is over."""

from datetime import datetime
from pathlib import Path

import click

from pos_subsidy.cli import print_json
from pos_subsidy.cli.hub import city_of, data_option, database_option, hub
from pos_subsidy.clock import system_clock
from pos_subsidy.hub import evidence_files
from pos_subsidy.hub.office_log import CONSOLE, By


@hub.group()
def evidence() -> None:
    """Photos and papers that shops sent up with claims and appeals."""


@evidence.command()
@data_option
@database_option
@click.option(
    "--before",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Files go whose claims are all of earlier business days and decided.",
)
@click.option("--by", required=True, metavar="NAME")
@click.option("--why", required=True, help="The clause that ends the retention period.")
@click.option("--dry-run", is_flag=True, help="Only say how many there are.")
@click.option("--json", "as_json", is_flag=True)
def purge(
    folder: Path, database: str | None, before: datetime, by: str, why: str, dry_run: bool, as_json: bool
) -> None:
    """Let the files of evidence and appeals go whose retention period is over.

    The signed rows that name them stay, and that they were here. What waits, is suspended or appealed
    keeps its files. How long files are kept is the city's rule: it names the day.
    """
    city, day = city_of(folder, database), before.date()
    count, size_bytes = evidence_files.due(city, day)
    if not dry_run:
        who = By(by.strip(), CONSOLE.role)
        count = evidence_files.purge(city, day, why=why, by=who, now=system_clock())
    if as_json:
        told = {"before": day.isoformat(), "files": count, "bytes": size_bytes, "purged": not dry_run}
        print_json(told)
        return
    word = "will be purged / 将清除" if dry_run else "purged / 已清除"
    click.echo(f"{count} {word} ({size_bytes / 1_000_000:.1f} MB)")
