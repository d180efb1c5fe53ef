"""The nightly run: close what is over, exchange with the city, keep what came of it."""

import json
import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pos_subsidy.domain import moments, nights
from pos_subsidy.domain.nights import DONE, FAILED, GAVE_UP, RUNNING, Plan
from pos_subsidy.errors import Conflict, SubsidyError, Unavailable
from pos_subsidy.services import city_sync, day_close, key_feed
from pos_subsidy.services.city_sync import Progress, unwatched
from pos_subsidy.services.shop import By, Shop
from pos_subsidy.store import locks, settings
from pos_subsidy.store.db import TillDatabase, write_transaction

log = logging.getLogger(__name__)
LOCK = "nightly.lock"
_LAST, _NEXT = "nightly_last", "nightly_next"


def told(db: TillDatabase) -> dict[str, Any]:
    """Return the last run (None before the first) and when the next is due (None: nobody watches)."""
    last = _last(db)
    ran = last is not None and last["began_at"] is not None
    return {"last": last if ran else None, "next_at": settings.get(db, _NEXT)}


def tick(db: TillDatabase, shop: Shop, plan: Plan, lock: Path, *, now: datetime) -> dict[str, Any] | None:
    """Run if a run is due; return what came of it, or None.

    The first look only takes its bearings: a shop just made has no night to make up for. An error
    of ours is kept in the run and tried again, so often as the plan says; then it waits for the
    next night.
    """
    if _last(db) is None:
        _keep(db, _fresh(nights.night_of(plan, shop.outlet_id, now).isoformat()))
    if _announce(db, shop, plan, now=now) > now:
        return None
    try:
        with locks.only_one(lock, "nightly_running"):
            # Another process may have been at it until just now.
            if _announce(db, shop, plan, now=now) > now:
                return None
            night = nights.night_of(plan, shop.outlet_id, now).isoformat()
            try:
                _run(db, shop, night, now=now, tries=len(plan.waits) + 1, progress=unwatched)
            except SubsidyError:
                pass  # it is in what was kept
            _announce(db, shop, plan, now=now)
            return _last(db)
    except Conflict as error:
        if error.code != "nightly_running":
            raise
        return None


def run_by_hand(
    db: TillDatabase, shop: Shop, lock: Path, *, now: datetime, progress: Progress = unwatched
) -> dict[str, Any]:
    """Run now, whether due or not; return what came of it.

    Raises:
        Conflict: ``nightly_running``, another process is at it.
        SubsidyError: what stopped it; what was done before stays done.
    """
    with locks.only_one(lock, "nightly_running"):
        return _run(db, shop, shop.today(now).isoformat(), now=now, tries=None, progress=progress)


def forget_plan(db: TillDatabase) -> None:
    """Say that nobody watches the clock."""
    with write_transaction(db):
        settings.remove(db, _NEXT)


def _run(
    db: TillDatabase, shop: Shop, night: str, *, now: datetime, tries: int | None, progress: Progress
) -> dict[str, Any]:
    last = _last(db)
    again = last is not None and last["night"] == night and last["outcome"] in (FAILED, RUNNING)
    attempts = 1 + (last["attempts"] if again and last else 0)
    about = {**_fresh(night), "outcome": RUNNING, "attempts": attempts, "began_at": moments.text(now)}
    _keep(db, about)
    try:
        about |= _close(db, shop, now=now)
        about |= _exchange(db, shop, now=now, progress=progress)
    except SubsidyError as error:
        outcome = FAILED if tries is None or attempts < tries else GAVE_UP
        _keep(db, {**about, "outcome": outcome, "code": error.code, "ended_at": moments.text(now)})
        raise
    about = {**about, "outcome": DONE, "ended_at": moments.text(now)}
    _keep(db, about)
    return about


def _close(db: TillDatabase, shop: Shop, *, now: datetime) -> dict[str, Any]:
    yesterday = shop.today(now) - timedelta(days=1)
    try:
        batch = day_close.close_day(db, shop, yesterday, by=By("nightly"), now=now)
    except Conflict as error:
        if error.code == "evidence_overdue":
            return {"waits_for_evidence": error.params["count"]}
        if error.code != "day_before_closed":
            raise
        return {}  # somebody closed today already; what is older is in it
    return {"batch_id": batch.batch_id, "lines": batch.line_count}


def _exchange(db: TillDatabase, shop: Shop, *, now: datetime, progress: Progress) -> dict[str, Any]:
    if shop.city is None:
        return {}
    done = city_sync.sync(db, shop, now=now, progress=progress)
    try:
        key_feed.fetch(db, shop.city, now=now)
    except SubsidyError as error:
        log.warning("keys' feed: %s", error.code)  # an older city has none; what is known stays
    if not done.complete:
        raise Unavailable("sync_incomplete", acknowledged=done.acknowledged, head=done.head)
    return {"rows": done.rows, "verdicts": done.verdicts, "complete": True, "parked": list(done.parked)}


def _announce(db: TillDatabase, shop: Shop, plan: Plan, *, now: datetime) -> datetime:
    last = _last(db)
    assert last is not None
    due = nights.next_run(plan, shop.outlet_id, last, now)
    if settings.get(db, _NEXT) != moments.text(due):
        with write_transaction(db):
            settings.put(db, _NEXT, moments.text(due))
    return due


def _fresh(night: str) -> dict[str, Any]:
    return {
        **{"night": night, "outcome": DONE, "attempts": 0, "began_at": None, "ended_at": None, "code": None},
        **{"batch_id": None, "lines": 0, "rows": 0, "verdicts": 0, "complete": None, "parked": []},
    }


def _last(db: TillDatabase) -> dict[str, Any] | None:
    written = settings.get(db, _LAST)
    return None if written is None else dict(json.loads(written))


def _keep(db: TillDatabase, about: dict[str, Any]) -> None:
    with write_transaction(db):
        settings.put(db, _LAST, json.dumps(about))
