"""``lint``: look through a day before the auditor does."""

from datetime import datetime

import click

from pos_subsidy.cli import data_option, print_json
from pos_subsidy.config import Folder
from pos_subsidy.domain import explanation, words
from pos_subsidy.services import findings
from pos_subsidy.services.findings import Told
from pos_subsidy.wiring import open_till_database, rulebook_of


@click.command()
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@data_option
@click.option("--json", "as_json", is_flag=True)
def lint(day: datetime, folder: Folder, as_json: bool) -> None:
    """Say what an auditor would ask about a day. Exit status 1 while something must be explained."""
    found = findings.of_day(
        open_till_database(folder), folder.shop(rulebook_of(folder), city=None), day.date()
    )
    waiting = sum(one.keeps_out for one in found)
    if as_json:
        print_json(
            {
                "business_date": day.date().isoformat(),
                "stopping": waiting,
                "findings": [
                    explanation.finding_json(
                        one.finding, reason=one.explained.reason if one.explained else None
                    )
                    for one in found
                ],
            }
        )
    else:
        for one in found:
            _show(one)
        click.echo(f"{len(found)} 条发现 / findings, {waiting} 条须说明 / to be explained")
    if waiting:
        raise SystemExit(1)


def _show(told: Told) -> None:
    finding = told.finding
    spoken, (why_zh, why_en) = words.say(finding.code, finding.seen), words.why(finding.code)
    mark = "✓" if told.explained else "✗" if finding.stops else "!"
    click.echo(f"{mark} {finding.order_no}  {finding.code}: {spoken.title_zh} / {spoken.title_en}")
    click.echo(f"    {spoken.detail_zh}{why_zh}{spoken.next_step_zh}")
    click.echo(f"    {spoken.detail_en} {why_en} {spoken.next_step_en}")
    if told.explained:
        click.echo(f"    {told.explained.cashier}: {told.explained.reason}")
