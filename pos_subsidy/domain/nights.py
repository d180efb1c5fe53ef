"""When the nightly run is due: every night once, tried again after a failure, made up for after days off."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from pos_subsidy.domain import moments

DONE, FAILED, GAVE_UP, RUNNING = "done", "failed", "gave_up", "running"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """The shop's wish: begin somewhere in ``window`` after ``at``; wait so long before each retry."""

    zone: tzinfo
    at: time = time(2, 0)
    window: timedelta = timedelta(hours=2)
    waits: tuple[timedelta, ...] = (
        timedelta(minutes=5),
        timedelta(minutes=15),
        timedelta(minutes=45),
        timedelta(hours=2),
    )


def begins(plan: Plan, outlet: str, night: date) -> datetime:
    """Return the moment a night's run is due; shops spread over the window, each night anew."""
    drawn = hashlib.sha256(f"{outlet}\x1f{night.isoformat()}".encode()).digest()
    into = int(plan.window.total_seconds()) * int.from_bytes(drawn[:4], "big") >> 32
    return datetime.combine(night, plan.at, plan.zone) + timedelta(seconds=into)


def night_of(plan: Plan, outlet: str, now: datetime) -> date:
    """Return the night whose moment came last."""
    today = now.astimezone(plan.zone).date()
    return today if begins(plan, outlet, today) <= now else today - _DAY


def next_run(plan: Plan, outlet: str, last: Mapping[str, Any], now: datetime) -> datetime:
    """Return when the next run is due, a moment gone by if it is due now.

    ``last`` is the run that was begun last: ``night``, ``outcome``, ``attempts``, ``began_at``,
    ``ended_at``. However many nights were missed, one run makes up for them.
    """
    night, done = night_of(plan, outlet, now), date.fromisoformat(last["night"])
    if done < night:
        return begins(plan, outlet, night)
    if done > night + _DAY:
        return begins(plan, outlet, night + _DAY)  # a clock that was far ahead must not silence it
    if last["outcome"] in (FAILED, RUNNING) and last["attempts"] <= len(plan.waits):
        ended = moments.moment(last["ended_at"] or last["began_at"])
        return ended + plan.waits[int(last["attempts"]) - 1]
    return begins(plan, outlet, done + _DAY)
