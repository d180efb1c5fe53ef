"""``close-day``, ``reconcile``, ``sync``: the end of a day, by hand."""

import json
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from pos_subsidy.city.client import HubClient
from pos_subsidy.city.line import Line
from pos_subsidy.cli import complain, data_option, print_json
from pos_subsidy.cli.progress import shown
from pos_subsidy.clock import system_clock
from pos_subsidy.config import Folder
from pos_subsidy.domain import words
from pos_subsidy.domain.money import yuan
from pos_subsidy.errors import SubsidyError
from pos_subsidy.services import city_sync, column_mappings, day_close, reconciliation, watching
from pos_subsidy.services import nightly as night
from pos_subsidy.services.shop import By
from pos_subsidy.wiring import open_till_database, rulebook_of

_day = click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
_json = click.option("--json", "as_json", is_flag=True)


@click.command()
@_day
@data_option
@_json
def close_day(day: datetime, folder: Folder, as_json: bool) -> None:
    """Freeze a day's batch."""
    batch = day_close.close_day(
        open_till_database(folder),
        folder.shop(rulebook_of(folder), city=None),
        day.date(),
        by=By("command"),
        now=system_clock(),
    )
    found = {
        "batch_id": batch.batch_id,
        "business_date": batch.business_date,
        "lines": batch.line_count,
        "subsidy_fen": batch.subsidy_fen,
        "payable_fen": batch.payable_fen,
    }
    if as_json:
        print_json(found)
    else:
        click.echo(
            f"{batch.batch_id}: {batch.line_count} 笔 / lines, 补贴 / subsidy {yuan(batch.subsidy_fen)}"
        )


@click.command()
@_day
@click.option("--reason", required=True, help="Why; it is kept.")
@data_option
def reopen_day(day: datetime, reason: str, folder: Folder) -> None:
    """Undo the last close while nothing of it was sent to the city."""
    shop = folder.shop(rulebook_of(folder), city=None)
    db, by = open_till_database(folder), By("command")
    day_close.reopen_day(db, shop, day.date(), reason=reason, by=by, now=system_clock())
    click.echo(f"{day:%Y-%m-%d} 已重新打开 / is open again")


@click.command()
@_day
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    *("--mapping", "mapping"),
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="JSON that says which column is what in an export with unknown headings; it is remembered.",
)
@click.option("--explain", is_flag=True, help="Say of every order that agrees why it does.")
@click.option("--several-merchants", is_flag=True, help="The shop has several merchant numbers.")
@data_option
@_json
def reconcile(
    day: datetime,
    files: tuple[Path, ...],
    mapping: Path | None,
    several_merchants: bool,
    explain: bool,
    folder: Folder,
    as_json: bool,
) -> None:
    """Compare a day with the shop's POS export and the channels' bills."""
    outcome = reconciliation.reconcile(
        open_till_database(folder),
        folder.shop(rulebook_of(folder), city=None),
        day.date(),
        [(file.name, file.read_bytes()) for file in files],
        now=system_clock(),
        several_merchants=several_merchants,
        mapping=column_mappings.of_json(mapping.read_text("utf-8")) if mapping else None,
        explain=explain,
    )
    found = outcome.reconciliation
    if as_json:
        told = {
            "business_date": found.business_date.isoformat(),
            "matched": found.matched,
            "unsubsidised": found.unsubsidised,
            "differences": [
                {
                    "order_no": one.order_no,
                    "kind": one.kind,
                    "source": one.source,
                    "till_fen": one.till_fen,
                    "other_fen": one.other_fen,
                }
                for one in found.differences
            ],
        }
        if outcome.matches is not None:
            told["classes"] = found.classes
            told["matched_orders"] = [
                {"order_no": one.order_no, "message_zh": one.sentence_zh, "message_en": one.sentence_en}
                for one in outcome.matches
            ]
        print_json(told)
        return
    for match in outcome.matches or ():
        click.echo(f"{match.sentence_zh} / {match.sentence_en}")
    for one in found.differences:
        spoken = words.say(f"difference_{one.kind}", one.figures)
        click.echo(f"{one.order_no}  {spoken.title_zh} / {spoken.title_en}: {spoken.detail_zh}")
    click.echo(f"{found.matched} 一致 / agree, {len(found.differences)} 差异 / differences")


@click.command()
@click.option("--watch", "is_watching", is_flag=True, help="Go on until stopped, every half minute.")
@data_option
@_json
def sync(is_watching: bool, folder: Folder, as_json: bool) -> None:
    """Send the journal to the city and apply its signed answer."""
    db, shop = open_till_database(folder), folder.shop(rulebook_of(folder), city=_line(folder))
    if is_watching:
        said = _say_json if as_json else _say_round
        with shown("sync") as progress:
            watching.watch(db, shop, clock=system_clock, wait=_wait, said=said, progress=progress)
        return
    with shown("sync") as progress:
        done = city_sync.sync(db, shop, now=system_clock(), progress=progress)
    if as_json:
        print_json(_told(done))
    else:
        _say_round(done)
    if not done.complete:
        raise click.ClickException("not everything is acknowledged yet")


@click.command()
@data_option
@_json
def nightly(folder: Folder, as_json: bool) -> None:
    """Close what is over and send it: yesterday's batch, then the exchange with the city."""
    db, shop = open_till_database(folder), folder.shop(rulebook_of(folder), city=_line(folder))
    with shown("nightly") as progress:
        done = night.run_by_hand(db, shop, folder.path / night.LOCK, now=system_clock(), progress=progress)
    if as_json:
        print_json({name: done[name] for name in ("batch_id", "lines", "rows", "complete", "parked")})
        return
    sent = f"{done['rows']} sent" if done["complete"] else "no hub"
    click.echo(f"{done['batch_id'] or '–'}: {done['lines']} 笔 / lines; {sent}")
    _say_parked(done["parked"])


def _wait(seconds: float) -> bool:
    try:
        time.sleep(seconds)
    except KeyboardInterrupt:
        return True
    return False


def _told(done: city_sync.Synced | SubsidyError) -> dict[str, Any]:
    if isinstance(done, SubsidyError):
        return {"code": done.code}
    return {
        "rows": done.rows,
        "acknowledged": done.acknowledged,
        "complete": done.complete,
        "parked": list(done.parked),
    }


def _say_json(done: city_sync.Synced | SubsidyError) -> None:
    click.echo(json.dumps(_told(done), ensure_ascii=False))  # one line a round


def _say_round(done: city_sync.Synced | SubsidyError) -> None:
    if isinstance(done, SubsidyError):
        complain(done)
        return
    click.echo(f"{done.rows} sent, {done.acknowledged} of {done.head} acknowledged")
    _say_parked(done.parked)


def _say_parked(parked: Sequence[dict[str, Any]]) -> None:
    for one in parked:
        click.echo(f"  搁置 / parked: {one['seq']} {one['kind']}: {one['why']}", err=True)


def _line(folder: Folder) -> Line | None:
    hub = folder.hub()
    if hub is None:
        return None
    client = HubClient(
        hub, outlet=folder.settings().outlet, keyring=folder.keys().keyring, clock=system_clock
    )
    return Line(client, clock=system_clock)
