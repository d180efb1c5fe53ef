"""Judges what shops hand in of a sale: an invoice serves one sale of the whole city, goods stay in it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import evidence as rules_of_evidence
from pos_subsidy.domain.claims import INVOICE
from pos_subsidy.domain.journal import Entry
from pos_subsidy.errors import Conflict
from pos_subsidy.hub.city import City
from pos_subsidy.hub.judgement import WAITING, Judgement, record, rejudge
from pos_subsidy.hub.store import claims, outlets, units

_OPEN = (WAITING, "suspended")
_OVER = ("rejected", "clawed_back")


def given(db: Connection, city: City, outlet: str, entry: Entry, now: datetime) -> None:
    """Take note of parts of a sale's evidence; what does not fit suspends a claim that waits for review.

    One that was accepted is not taken back by a machine: the audit names it, people claw it back.

    Raises:
        Conflict: ``redemption_unknown``; the row is parked.
    """
    number = entry.body["redemption_id"]
    found = claims.find(db, number)
    if found is None or found["outlet"] != outlet:
        raise Conflict("redemption_unknown", redemption_id=number)
    parts = {one["part"]: one["content"] for one in entry.body["parts"]}
    if found["verdict"] in _OVER:
        return
    doubts = []
    if invoice := parts.get(rules_of_evidence.INVOICE):
        doubts.append(_invoice(db, outlet, found, invoice))
    if delivery := parts.get(rules_of_evidence.DELIVERY):
        doubts.append(_delivery(db, outlet, delivery))
    doubt = next((one for one in doubts if one is not None), None)
    if doubt is not None and found["verdict"] == WAITING:
        rejudge(db, outlet, number, doubt, now=now)


def _invoice(
    db: Connection, outlet: str, found: Mapping[str, Any], content: Mapping[str, Any]
) -> Judgement | None:
    number = f"{content['code']}{content['number']}"
    owner = units.piece_owner(db, INVOICE, number)
    if owner is None:
        # One replaces another; but one that a claim was accepted on serves no other any more.
        if found["verdict"] in _OPEN:
            units.free_pieces(db, outlet=outlet, hold_id=found["hold_id"], spaces=(INVOICE,))
        units.take_piece(db, INVOICE, number, outlet=outlet, hold_id=found["hold_id"])
        return None
    if (owner["outlet"], owner["hold_id"]) == (outlet, found["hold_id"]):
        return None
    return Judgement("suspended", "invoice_used", {"number": number, "first": record(db, owner)})


def _delivery(db: Connection, outlet: str, content: Mapping[str, Any]) -> Judgement | None:
    shop = outlets.find(db, outlet)
    assert shop is not None
    place = content["region"]
    if place is None or rules_of_evidence.is_in_city(place, shop["region"]):
        return None
    return Judgement("suspended", "review_region_differs", {"region": place})
