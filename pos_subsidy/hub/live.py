"""Answers tills before money moves: is this person's unit and this piece free in the whole city?"""

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import moments
from pos_subsidy.domain.identifiers import region
from pos_subsidy.domain.rules import Batch, Rule
from pos_subsidy.errors import Invalid
from pos_subsidy.hub import budget, identities
from pos_subsidy.hub.city import City
from pos_subsidy.hub.store import outlets, person_units, units
from pos_subsidy.hub.store.db import read, run
from pos_subsidy.protocol.messages import HoldRequest

# A hold outlives the till's own while the shop is silent, so that a confirmation lost on
# its way never gives the unit away.
OUTLIVES = timedelta(hours=24)

Refusal = dict[str, Any]


def hold(city: City, outlet: str, asked: HoldRequest, *, now: datetime) -> list[Refusal]:
    """Freeze a person's unit and a piece for one sale; return the refusals, none if it is granted.

    The same hold may be asked for again. One that was cancelled before it was asked for (a
    message overtook the other) is refused.

    Raises:
        Invalid: the identity is missing or cannot be opened.
    """

    def freeze(db: Connection) -> list[Refusal]:
        known = units.find_hold(db, outlet, asked.hold_id)
        if known is not None:
            granted = known["status"] in ("held", "confirmed", "claimed")
            return [] if granted else [_refusal("hold_released", released_at=known["asked_at"])]
        shop = outlets.find(db, outlet)
        if shop is None or shop["status"] != "active":
            return [_refusal("merchant_suspended")]
        if asked.sealed is None:
            raise Invalid("seal_broken")
        person = identities.disclose(db, city, asked.commitment, _decoded(asked.sealed))
        refusals = _unit_refusals(db, city, outlet, asked, person, now=now)
        refusals += piece_refusals(db, asked.model_dump(), outlet=outlet, hold_id=asked.hold_id)
        if not refusals:
            refusals = _budget_refusals(db, outlet, asked)
        if not refusals:
            _grant(db, outlet, asked, person, now=now)
        return refusals

    # Apart: who looks over everybody's holds would stand in the way of every other sale.
    if read(city.engine, lambda db: units.due_holds(db, moments.text(now))):
        run(city.engine, lambda db: expire_due(db, now=now))
    if spent := read(city.engine, lambda db: _first_look(db, outlet, asked)):
        return spent
    return run(city.engine, freeze, in_line=True)


def notices(city: City, outlet: str, asked: HoldRequest) -> list[dict[str, Any]]:
    """Return what a shop has to know of the pools this sale draws on, as they are after it."""
    about = {"on": asked.business_date, "programme": asked.programme}
    return read(city.engine, lambda db: budget.notices(db, city, outlet, **about))


def confirm(city: City, outlet: str, hold_id: str) -> str:
    """Note that the till was paid; return the hold's status as it is now."""

    def note(db: Connection) -> str:
        units.move_hold(db, outlet, hold_id, old=("held",), new="confirmed")
        return _status(db, outlet, hold_id)

    return run(city.engine, note)


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

    return run(city.engine, let_go)


def query(city: City, outlet: str, hold_id: str) -> str:
    """Return a hold's status; ``unknown`` if it never arrived."""
    return run(city.engine, lambda db: _status(db, outlet, hold_id))


def expire_due(db: Connection, *, now: datetime) -> None:
    """End holds whose longer time is over."""
    for outlet, hold_id in units.due_holds(db, moments.text(now)):
        units.move_hold(db, outlet, hold_id, old=("held",), new="expired")
        units.free_pieces(db, outlet=outlet, hold_id=hold_id)
        budget.let_go(db, outlet, hold_id)


def piece_refusals(db: Connection, numbers: Mapping[str, Any], *, outlet: str, hold_id: str) -> list[Refusal]:
    """Return why a piece is not free for a hold of a shop."""
    refusals = []
    for space, number in pieces_of(numbers):
        owner = units.piece_owner(db, space, number)
        if owner is not None and (owner["outlet"], owner["hold_id"]) != (outlet, hold_id):
            code = "serial_used" if space == "serial" else "imei_used"
            refusals.append(_refusal(code, number=number))
    return refusals


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
    return _refusal("budget_exhausted", batch=batch.id, number=batch.number) if used >= batch.number else None


def _batch(rule: Rule, unit_class: str) -> Batch | None:
    told = rule.told_by(unit_class).get("coupon_batch")
    return next((one for one in rule.batches if one.id == told), None)


def _unreleased(rule: Rule, unit_class: str, *, now: datetime) -> Refusal | None:
    """Return the refusal of a coupon before its batch's moment: by the city's clock, not the till's."""
    batch = _batch(rule, unit_class)
    if batch is None or now >= batch.released_at:
        return None
    span = {"released_at": batch.released_at.isoformat(), "last_day": batch.last_day.isoformat()}
    return _refusal("coupon_not_open", batch=batch.id, **span)


def pieces_of(numbers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the numbers by which a piece is known: (space, number)."""
    serial = numbers.get("serial_no")
    imeis = dict.fromkeys(numbers[slot] for slot in ("imei1", "imei2") if numbers.get(slot))
    return ([("serial", serial)] if serial else []) + [("imei", number) for number in imeis]


def _unit_refusals(
    db: Connection, city: City, outlet: str, asked: HoldRequest, person: str, *, now: datetime
) -> list[Refusal]:
    on = datetime.fromisoformat(asked.business_date).date()
    rule = city.rulebook.rule_in_force(asked.category, on)
    if rule is None or rule.programme.id != asked.programme:
        return [_refusal("no_programme", category=asked.category, on=asked.business_date)]
    if early := _unreleased(rule, asked.unit_class, now=now):
        return [early]
    if spent := batch_spent(db, rule, asked.programme, asked.unit_class, now=now, but=asked.hold_id):
        return [spent]
    units_max = rule.units_max_for(rule.told_by(asked.unit_class))
    if units_max is None:
        return []
    who = {"person": person, "programme": asked.programme, "unit_class": asked.unit_class}
    occupied = [one for one in person_units.occupants(db, **who) if not is_over(one, now=now)]
    if len(occupied) < units_max:
        return []
    elsewhere = [one["outlet"] for one in occupied if one["outlet"] != outlet]
    if not elsewhere:
        category = city.rulebook.category(asked.category)
        return [
            _refusal(
                "units_exhausted",
                category=category.code,
                category_zh=category.name_zh,
                category_en=category.name_en,
                units_used=len(occupied),
                units_max=units_max,
            )
        ]
    other = outlets.find(db, elsewhere[0])
    assert other is not None
    zh, en = region.name_of(other["region"])
    return [_refusal("claimed_elsewhere", where_zh=f"{zh}的其他门店", where_en=f"another shop in {en}")]


def _first_look(db: Connection, outlet: str, asked: HoldRequest) -> list[Refusal]:
    """Refuse at once what a spent pool refuses: a crowd must not wait for its turn to hear that,
    longer than its tills wait for an answer."""
    if units.find_hold(db, outlet, asked.hold_id) is not None:
        return []
    on, fen = asked.business_date, asked.subsidy_fen
    short = budget.short(db, outlet, programme=asked.programme, on=on, fen=fen)
    return [_refusal(budget.EXHAUSTED, **short)] if short else []


def _budget_refusals(db: Connection, outlet: str, asked: HoldRequest) -> list[Refusal]:
    on, fen = asked.business_date, asked.subsidy_fen
    short = budget.hold(db, outlet, asked.hold_id, programme=asked.programme, on=on, fen=fen)
    return [_refusal(budget.EXHAUSTED, **short)] if short else []


def _grant(db: Connection, outlet: str, asked: HoldRequest, person: str, *, now: datetime) -> None:
    expires_at = moments.text(moments.moment(asked.expires_at) + OUTLIVES)
    who = {"person": person, "programme": asked.programme, "unit_class": asked.unit_class}
    person_units.take(db, who, outlet=outlet, hold_id=asked.hold_id, kept_until=expires_at)
    units.put_hold(
        db,
        outlet=outlet,
        hold_id=asked.hold_id,
        **who,
        subsidy_fen=asked.subsidy_fen,
        expires_at=expires_at,
        status="held",
        asked_at=moments.text(now),
    )
    for space, number in pieces_of(asked.model_dump()):
        units.take_piece(db, space, number, outlet=outlet, hold_id=asked.hold_id)


def _status(db: Connection, outlet: str, hold_id: str) -> str:
    found = units.find_hold(db, outlet, hold_id)
    return str(found["status"]) if found else "unknown"


def _refusal(code: str, **params: Any) -> Refusal:
    return {"code": code, "params": params}


def _decoded(sealed: str) -> bytes:
    try:
        return base64.b64decode(sealed, validate=True)
    except ValueError:
        raise Invalid("seal_broken") from None
