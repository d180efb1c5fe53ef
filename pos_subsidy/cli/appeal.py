"""``appeal``: a shop's appeals against the city's verdicts."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from pos_subsidy.cli import data_option, print_json
from pos_subsidy.clock import system_clock
from pos_subsidy.config import Folder
from pos_subsidy.services import appeals
from pos_subsidy.services.appeals import Attached, View
from pos_subsidy.services.shop import By
from pos_subsidy.wiring import open_till_database, rulebook_of


@click.group()
def appeal() -> None:
    """Appeals against what the city rejected or suspended."""


@appeal.command()
@click.argument("redemption_id")
@click.option("--words", required=True, help="Why the verdict is wrong.")
@click.option(
    *("--file", "files"),
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="JPEG, PNG, HEIC or PDF; may be given several times.",
)
@click.option("--with-evidence", is_flag=True, help="Hand in the sale's own photos as well.")
@click.option("--by", default="command", show_default=True, metavar="NAME", help="Who appeals; it is kept.")
@data_option
def make(
    redemption_id: str, words: str, files: tuple[Path, ...], with_evidence: bool, by: str, folder: Folder
) -> None:
    """Appeal against a verdict; it goes up with the next sync."""
    view = appeals.make(
        open_till_database(folder),
        folder.shop(rulebook_of(folder), city=None),
        redemption_id,
        words,
        [Attached(path.name, path.read_bytes()) for path in files],
        with_evidence=with_evidence,
        by=By("command", by),
        now=system_clock(),
    )
    click.echo(f"{view.appeals[-1].appeal.appeal_id} 待上传 / goes up with the next sync")


@appeal.command("list")
@click.option("--json", "as_json", is_flag=True)
@data_option
def listing(as_json: bool, folder: Folder) -> None:
    """List appeals, the newest first."""
    found = appeals.everything(open_till_database(folder))
    if as_json:
        print_json([{**asdict(told.appeal), "state": told.state, "order_no": no} for told, no in found])
        return
    for told, order_no in found:
        one = told.appeal
        click.echo(f"{one.appeal_id}  {order_no}  {one.made_at}  {told.state}  {one.reason or ''}".rstrip())
    click.echo(f"{len(found)} 申诉 / appeals")


@appeal.command()
@click.argument("redemption_id")
@data_option
def show(redemption_id: str, folder: Folder) -> None:
    """Show as JSON a sale's verdicts and appeals, and both signed records where another claim stood first."""
    shop = folder.shop(rulebook_of(folder), city=None)
    print_json(as_json(appeals.show(open_till_database(folder), shop, redemption_id, now=system_clock())))


def as_json(view: View) -> dict[str, Any]:
    found = asdict(view)
    found["appeals"] = [{**asdict(one.appeal), "state": one.state} for one in view.appeals]
    found["against"] = view.against.code if view.against else None
    return dict(json.loads(json.dumps(found, ensure_ascii=False)))
