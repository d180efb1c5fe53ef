"""What becomes of holds, and what is free in the whole city: pieces, units, coupon batches."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import moments
from pos_subsidy.domain.rules import Batch, Rule
from pos_subsidy.hub import budget
from pos_subsidy.hub.city import City
from pos_subsidy.hub.store import units
from pos_subsidy.hub.store.db import read, run
from pos_subsidy.hub.store.lines import Line

Refusal = dict[str, Any]


def confirm(city: City, outlet: str, hold_id: str) -> str:
    """Note that the till was paid; return the hold's status as it is now."""

    def note(db: Connection) -> str:
        units.move_hold(db, outlet, hold_id, old=("held",), new="confirmed")
        return _status(db, outlet, hold_id)

    return run(city.engine, note, line=Line.HOLDS)


def cancel(city: City, outlet: str, hold_id: str, *, now: datetime) -> str:
    """Let go of a hold; return its status. Cancelling one that never arrived keeps it from arriving."""

    def let_go(db: Connection) -> str:
        if units.move_hold(db, outlet, hold_id, old=("held", "expired"), new="cancelled"):
            units.free_pieces(db, outlet=outlet, hold_id=hold_id)
            budget.let_go(db, outlet, hold_id)
        elif units.find_hold(db, outlet, hold_id) is None:
            at = moments.text(now)
            units.put_hold(db, outlet=outlet, hold_id=hold_id, status="cancelled", asked_at=at)
        return _status(db, outlet, hold_id)

    return run(city.engine, let_go, line=Line.HOLDS)


def query(city: City, outlet: str, hold_id: str) -> str:
    """Return a hold's status; ``unknown`` if it never arrived."""
    return read(city.engine, lambda db: _status(db, outlet, hold_id))


def expire_due(db: Connection, *, now: datetime) -> None:
    """End holds whose longer time is over."""
    for outlet, hold_id in units.due_holds(db, moments.text(now)):
        units.move_hold(db, outlet, hold_id, old=("held",), new="expired")
        units.free_pieces(db, outlet=outlet, hold_id=hold_id)
        budget.let_go(db, outlet, hold_id)


def piece_refusals(db: Connection, numbers: Mapping[str, Any], *, outlet: str, hold_id: str) -> list[Refusal]:
    """Return why a piece is not free for a hold of a shop."""
    pieces = pieces_of(numbers)
    known = {piece: units.piece_owner(db, *piece) for piece in pieces}
    owners = {piece: (one["outlet"], one["hold_id"]) for piece, one in known.items() if one is not None}
    return taken(pieces, owners, own=(outlet, hold_id))


def taken(
    pieces: Iterable[tuple[str, str]],
    owners: Mapping[tuple[str, str], tuple[str, str]],
    *,
    own: tuple[str, str],
) -> list[Refusal]:
    """Return the refusals of pieces that others than ``own``, (shop, hold), have."""
    return [
        refusal("serial_used" if space == "serial" else "imei_used", number=number)
        for space, number in pieces
        if owners.get((space, number), own) != own
    ]


def is_over(occupant: Mapping[str, Any], *, now: datetime) -> bool:
    """Say whether a hold that was not paid keeps its person's unit no longer."""
    return occupant["kept_until"] is not None and occupant["kept_until"] <= moments.text(now)


def batch_spent(
    db: Connection, rule: Rule, programme: str, unit_class: str, *, now: datetime, but: str
) -> Refusal | None:
    """Return the refusal of a coupon whose batch is used up in the whole city, or None."""
    batch = _batch(rule, unit_class)
    if batch is None:
        return None
    used = units.count_of_class(db, programme, unit_class, now=moments.text(now), but=but)
    return refusal("budget_exhausted", batch=batch.id, number=batch.number) if used >= batch.number else None


def _batch(rule: Rule, unit_class: str) -> Batch | None:
    told = rule.told_by(unit_class).get("coupon_batch")
    return next((one for one in rule.batches if one.id == told), None)


def unreleased(rule: Rule, unit_class: str, *, now: datetime) -> Refusal | None:
    """Return the refusal of a coupon before its batch's moment: by the city's clock, not the till's."""
    batch = _batch(rule, unit_class)
    if batch is None or now >= batch.released_at:
        return None
    span = {"released_at": batch.released_at.isoformat(), "last_day": batch.last_day.isoformat()}
    return refusal("coupon_not_open", batch=batch.id, **span)


def pieces_of(numbers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the numbers by which a piece is known: (space, number)."""
    serial = numbers.get("serial_no")
    imeis = dict.fromkeys(numbers[slot] for slot in ("imei1", "imei2") if numbers.get(slot))
    return ([("serial", serial)] if serial else []) + [("imei", number) for number in imeis]


def _status(db: Connection, outlet: str, hold_id: str) -> str:
    found = units.find_hold(db, outlet, hold_id)
    return str(found["status"]) if found else "unknown"


def refusal(code: str, **params: Any) -> Refusal:
    """Return a refusal as a till reads it."""
    return {"code": code, "params": params}
