"""``hub appeal``: shops' appeals, seen whole and decided by somebody who has not decided before."""

from pathlib import Path

import click

from pos_subsidy.cli import print_json
from pos_subsidy.cli.hub import city_of, data_option, database_option
from pos_subsidy.cli.hub_office import hub
from pos_subsidy.clock import system_clock
from pos_subsidy.domain.appeals import REASONS
from pos_subsidy.hub import appeal_cases, appeals

__all__ = ["appeal", "hub"]
_STATES = ("open", "granted", "refused", "overtaken", "all")


@hub.group()
def appeal() -> None:
    """Appeals of shops against rejected and suspended claims."""


@appeal.command("list")
@data_option
@database_option
@click.option("--state", type=click.Choice(_STATES), default="open", show_default=True)
def listing(folder: Path, database: str | None, state: str) -> None:
    """Show appeals as JSON, the oldest first."""
    print_json(appeals.listing(city_of(folder, database), state=None if state == "all" else state))


@appeal.command()
@data_option
@database_option
@click.argument("appeal_id")
@click.option(
    "--files", "into", type=click.Path(path_type=Path, file_okay=False), help="Write the files into a folder."
)
def show(folder: Path, database: str | None, appeal_id: str, into: Path | None) -> None:
    """Show as JSON an appeal with both signed records, the evidence and every word said so far."""
    city = city_of(folder, database)
    case = appeal_cases.case(city, appeal_id)
    print_json(appeal_cases.as_json(case))
    if into is not None:
        into.mkdir(parents=True, exist_ok=True)
        for one in case.files:
            if one["received_at"] and not one["purged_at"]:
                # What a shop calls its file is never a path here.
                ending = one["media"].rsplit("/", 1)[-1]
                content = appeals.file(city, appeal_id, one["sha256"])[0]
                (into / f"{one['sha256'][:16]}.{ending}").write_bytes(content)


@appeal.command()
@data_option
@database_option
@click.argument("appeal_id")
@click.argument("outcome", type=click.Choice(sorted(REASONS)))
@click.option(
    "--reason", required=True, type=click.Choice([one for list_ in REASONS.values() for one in list_])
)
@click.option("--note", default="")
@click.option("--by", required=True, metavar="NAME", help="Who decides; not who decided before.")
@click.option("--without-files", is_flag=True, help="Decide although a file has not come.")
def decide(
    folder: Path,
    database: str | None,
    appeal_id: str,
    outcome: str,
    reason: str,
    note: str,
    by: str,
    without_files: bool,
) -> None:
    """Grant or refuse an appeal."""
    appeals.decide(
        city_of(folder, database),
        appeal_id,
        outcome,
        reason=reason,
        note=note,
        by=by,
        now=system_clock(),
        without_files=without_files,
    )
    click.echo(f"{appeal_id}: {outcome}")
