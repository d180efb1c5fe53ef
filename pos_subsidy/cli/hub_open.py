"""``hub open-data``: what everybody may have of a day, as files."""

import json
from pathlib import Path

import click

from pos_subsidy.cli import print_json
from pos_subsidy.cli.hub import city_of, data_option, database_option, hub
from pos_subsidy.clock import system_clock
from pos_subsidy.hub import open_data as publishing


@hub.command()
@data_option
@database_option
@click.option("--day", required=True, metavar="YYYY-MM-DD", help="A business day that is over.")
@click.option("--into", required=True, type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option("--json", "as_json", is_flag=True)
def open_data(folder: Path, database: str | None, day: str, into: Path, as_json: bool) -> None:
    """Publish a day's sums without a row that tells of one person, as CSV and JSON.

    The public page shows it from then on. A day is published once and never restated: do it when the
    shops have sent their journals.
    """
    table = publishing.publish(city_of(folder, database), day, now=system_clock())
    into.mkdir(parents=True, exist_ok=True)
    files = {ending: into / f"open-data-{day}.{ending}" for ending in ("csv", "json")}
    files["csv"].write_text(publishing.as_csv(table), "utf-8-sig", newline="")
    files["json"].write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", "utf-8")
    if as_json:
        print_json({"day": day, "rows": len(table["rows"]), "files": [str(one) for one in files.values()]})
        return
    for one in files.values():
        click.echo(one)
