"""What every decision about the budget has: who, why and on what basis, a rehearsal, and that it is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import moments
from pos_subsidy.domain.money import fen
from pos_subsidy.errors import Conflict, Invalid
from pos_subsidy.hub import office_log
from pos_subsidy.hub.city import City
from pos_subsidy.hub.office_log import By
from pos_subsidy.hub.store import pools
from pos_subsidy.hub.store.db import run

Work = Callable[[Connection], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Because:
    """Who decided, why, and the clause or paper the decision rests on."""

    by: str
    why: str
    clause: str
    role: str = office_log.CONSOLE.role

    def __post_init__(self) -> None:
        for name in ("by", "why", "clause"):
            if not getattr(self, name).strip():
                raise Invalid("decision_incomplete", field=name)


def newest_decision(*shown: dict[str, Any]) -> int:
    """Return the number of the newest decision about pools as ``show`` returns them, 0 for none."""
    return max((one["decision_no"] for pool in shown for one in pool["decisions"]), default=0)


def amount_fen(written: str) -> int:
    """Read an amount in yuan.

    Raises:
        Invalid: ``amount_invalid``.
    """
    try:
        return fen(Decimal(written.replace(",", "").strip()))
    except (InvalidOperation, ValueError):
        raise Invalid("amount_invalid", found=written[:24]) from None


def note(db: Connection, because: Because, *, now: datetime, **what: Any) -> None:
    """Keep a decision, and log whose it was, in the caller's transaction."""
    who = {"by": because.by, "why": because.why, "clause": because.clause}
    number = pools.decide(db, at=moments.text(now), **who, **what)
    by = By(because.by, because.role)
    office_log.note(db, by, f"pool_{what['what']}", about=what["to_pool"], now=now, note=f"#{number}")


def carry_out(city: City, work: Work, *, rehearse: bool) -> dict[str, Any]:
    """Do ``work`` in a transaction and return what it returned; a rehearsal leaves no trace."""

    def and_undo(db: Connection) -> dict[str, Any]:
        place = db.begin_nested()
        try:
            return work(db)
        finally:
            place.rollback()

    return run(city.engine, and_undo if rehearse else work)


def must_be_as_seen(db: Connection, seen: int | None, *pool_ids: str) -> None:
    """Pass if nothing was decided about pools since; None asks nothing.

    Raises:
        Conflict: ``pool_decided_meanwhile``.
    """
    if seen is None:
        return
    newest = max(one["decision_no"] for pool_id in pool_ids for one in pools.decisions(db, pool_id))
    if newest != seen:
        raise Conflict("pool_decided_meanwhile", pool=pool_ids[0])
