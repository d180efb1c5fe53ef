"""Compares who occupies which unit of a person with the claims and holds that may, and with what came back.

What is in a claim's columns is compared with its signed row elsewhere; here they are taken as they are.
"""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from pos_subsidy.errors import SubsidyError
from pos_subsidy.hub.city import City
from pos_subsidy.hub.store.schema import claim, hold, row
from pos_subsidy.hub.store.schema_units import unit

Found = dict[str, Any]
Occupied = tuple[str, str, str, str, str]  # person, programme, class, shop, hold


def audit(db: Connection, city: City) -> Iterator[Found]:
    """Yield units that are free and should not be, occupied by nobody, or kept for another time."""
    due = _due(db, _given_back(db, city))
    for one in db.execute(select(unit)):
        about = {"outlet": one.outlet, "hold_id": one.hold_id, "unit_class": one.unit_class}
        key = (one.person, one.programme, one.unit_class, one.outlet, one.hold_id)
        if key not in due:
            yield {"code": "unit_without_owner", **about}
        elif (until := due.pop(key)) != one.kept_until:
            yield {"code": "unit_time_differs", **about, "kept_until": until, "found": one.kept_until}
    for _, _, unit_class, outlet, hold_id in due:
        yield {"code": "unit_not_taken", "outlet": outlet, "hold_id": hold_id, "unit_class": unit_class}


def _due(db: Connection, given_back: set[tuple[str, str]]) -> dict[Occupied, str | None]:
    """Return every unit that must be occupied and until when, None for good."""
    due: dict[Occupied, str | None] = {}
    live = select(hold).where(hold.c.status.in_(("held", "confirmed")), hold.c.person.is_not(None))
    for one in db.execute(live):
        until = one.expires_at if one.status == "held" else None
        due[one.person, one.programme, one.unit_class, one.outlet, one.hold_id] = until
    stands = select(claim).where(claim.c.verdict != "rejected", claim.c.person.is_not(None))
    for one in db.execute(stands):
        # Of a claim that was undone while it was rejected nothing is left to occupy a unit with.
        was_undone = one.net_subsidy_fen == 0 and not one.unit_used
        if (one.outlet, one.redemption_id) not in given_back and not was_undone:
            due[one.person, one.programme, one.unit_class, one.outlet, one.hold_id] = None
    return due


def _given_back(db: Connection, city: City) -> set[tuple[str, str]]:
    """Return the claims (shop, number) whose unit came back with the goods, by the shops' rows."""
    back = set()
    undone = ("reversed", "claim_withdrawn")
    chosen = select(row.c.outlet, row.c.kind, row.c.body).where(
        row.c.kind.in_(undone), row.c.parked.is_(None)
    )
    for outlet, kind, text in db.execute(chosen):
        body = json.loads(text)
        if kind == "reversed" and (body["reversal_kind"], body["right"]) == ("full", "restored"):
            back.add((outlet, str(body["redemption_id"])))
        elif kind == "claim_withdrawn" and _is_restored(db, city, outlet, str(body["claim_id"])):
            back.add((outlet, str(body["claim_id"])))
    return back


def _is_restored(db: Connection, city: City, outlet: str, claim_id: str) -> bool:
    same = (row.c.outlet == claim.c.outlet) & (row.c.seq == claim.c.seq)
    submitted = select(row.c.body).join(claim, same)
    text = db.execute(
        submitted.where(claim.c.redemption_id == claim_id, claim.c.outlet == outlet)
    ).scalar_one_or_none()
    if text is None:
        return False  # withdrawn before it was submitted
    try:
        body = json.loads(text)
        rule = city.rulebook.rule_in_force(body["category"], date.fromisoformat(body["sold_on"]))
    except (SubsidyError, ValueError, KeyError):
        return False  # named by its fields
    return rule is not None and rule.terms.right_after_full_reversal == "restored"
