"""A person's units, city-wide: each slot is occupied by one live hold or by one claim that stands.

What is in force follows from the rules and is asked elsewhere: whoever may have a unit takes the
lowest free slot, and a claim that stands beyond the maximum has one, too.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from pos_subsidy.hub.store import bulk
from pos_subsidy.hub.store.schema_units import unit

_OCCUPANTS = (
    select(unit.c.slot, unit.c.outlet, unit.c.hold_id, unit.c.kept_until)
    .where(
        unit.c.person == bindparam("person"),
        unit.c.programme == bindparam("programme"),
        unit.c.unit_class == bindparam("unit_class"),
    )
    .order_by(unit.c.kept_until.is_not(None), unit.c.slot)
)
_KEY = ("person", "programme", "unit_class")


def occupants(db: Connection, *, person: str, programme: str, unit_class: str) -> list[dict[str, Any]]:
    """Return who occupies a person's units of a class: claims and paid holds first, then by slot.

    ``kept_until`` is None for those; a hold that was not paid yet keeps its unit until then.
    """
    found = db.execute(_OCCUPANTS, {"person": person, "programme": programme, "unit_class": unit_class})
    return [dict(one) for one in found.mappings()]


def lowest_free(occupants: Iterable[Mapping[str, Any]]) -> int:
    """Return the slot that whoever comes next takes."""
    taken = {one["slot"] for one in occupants}
    return next(slot for slot in count(1) if slot not in taken)


def of_people(db: Connection, persons: Sequence[str]) -> list[tuple[str, str, str, str, str]]:
    """Return (person, programme, class, outlet, hold) of whatever occupies a unit of some people."""
    chosen = select(unit.c.person, unit.c.programme, unit.c.unit_class, unit.c.outlet, unit.c.hold_id)
    found = db.execute(chosen.where(bulk.among(db, unit.c.person, persons)))
    return [(person, programme, kind, outlet, hold_id) for person, programme, kind, outlet, hold_id in found]


def take(
    db: Connection, who: Mapping[str, Any], *, outlet: str, hold_id: str, kept_until: str | None = None
) -> None:
    """Occupy the lowest free slot until a moment, or for good; a claim keeps the slot of its hold.

    ``who`` names person, programme and unit_class. What a claim has already stays as it is.
    """
    key = {name: str(who[name]) for name in _KEY}
    found = db.execute(select(unit).where(unit.c.person == key["person"])).mappings().all()
    own = next((one for one in found if (one["outlet"], one["hold_id"]) == (outlet, hold_id)), None)
    if own is not None and all(own[name] == value for name, value in key.items()):
        if own["kept_until"] is not None and kept_until is None:
            keep(db, [key["person"]], outlet=outlet, hold_ids=[hold_id])
        return
    if own is not None:
        release(db, key["person"], outlet=outlet, hold_id=hold_id)
    slot = lowest_free(dict(one) for one in found if all(one[name] == value for name, value in key.items()))
    db.execute(insert(unit).values(**key, slot=slot, outlet=outlet, hold_id=hold_id, kept_until=kept_until))


def add_first(db: Connection, outlet: str, taken: Sequence[tuple[str, str, str, str]]) -> None:
    """Occupy the first slot for claims of which nobody has one: (person, programme, class, hold)."""
    names = (*_KEY, "hold_id")
    rest = {"slot": 1, "outlet": outlet, "kept_until": None}
    bulk.put(db, unit, [{**dict(zip(names, one, strict=True)), **rest} for one in taken])


def keep(db: Connection, persons: Sequence[str], *, outlet: str, hold_ids: Sequence[str]) -> None:
    """Note that units kept for a time are kept for good: paid, or claimed."""
    if hold_ids:
        mine = bulk.among(db, unit.c.person, persons) & bulk.among(db, unit.c.hold_id, hold_ids)
        for_a_time = (unit.c.outlet == outlet) & unit.c.kept_until.is_not(None)
        db.execute(update(unit).where(mine, for_a_time).values(kept_until=None))


def release(db: Connection, person: str | None, *, outlet: str, hold_id: str) -> None:
    """Give back what a hold or claim occupies, if it occupies a unit of this person."""
    if person is not None:
        mine = (unit.c.person == person, unit.c.outlet == outlet, unit.c.hold_id == hold_id)
        db.execute(delete(unit).where(*mine))
