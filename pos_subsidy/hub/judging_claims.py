"""Judges claims after purchase: once for a car, an old car, a flat, an invoice; recomputed from the row."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import claims as rules_of_claims
from pos_subsidy.domain import subsidy
from pos_subsidy.domain.attributes import read_attributes
from pos_subsidy.domain.journal import Entry
from pos_subsidy.domain.rules import Rule
from pos_subsidy.domain.subsidy import Item
from pos_subsidy.errors import Conflict
from pos_subsidy.hub.city import City
from pos_subsidy.hub.judgement import Judgement, book, record, rejudge
from pos_subsidy.hub.store import claims, rows, units

Body = Mapping[str, Any]


def submitted(db: Connection, city: City, outlet: str, entry: Entry, now: datetime) -> None:
    """Book a submitted claim. What it uses up is used city-wide while it stands."""
    body = entry.body
    person = rows.person_of(db, body["commitment"])
    judged = _judge(db, city, outlet, body, person)
    if judged.stands:
        for space, number in body["things"]:
            units.take_piece(db, space, number, outlet=outlet, hold_id=body["claim_id"])
    book(db, outlet, entry, judged, hold_id=body["claim_id"], person=person, now=now)


def corrected(db: Connection, city: City, outlet: str, entry: Entry, now: datetime) -> None:
    """Take a correction of a submitted claim: other numbers are used, a suspended one is judged anew.

    Raises:
        Conflict: a number of the correction belongs to another claim.
    """
    body = entry.body
    found = claims.find(db, body["claim_id"])
    if not body["things"] or found is None or found["outlet"] != outlet or found["verdict"] == "rejected":
        return
    if taken := _taken_thing(db, outlet, body):
        assert taken.code is not None
        raise Conflict(taken.code, number=taken.params["number"])
    units.free_pieces(db, outlet=outlet, hold_id=body["claim_id"])
    for space, number in body["things"]:
        units.take_piece(db, space, number, outlet=outlet, hold_id=body["claim_id"])
    submission = rows.entry_at(db, outlet, found["seq"])
    assert submission is not None
    if found["verdict"] == "suspended" and found["person"] is not None:
        judged = _recomputed(city, {**submission.body, "attributes": body["attributes"]})
        if judged.word != "suspended":
            rejudge(db, outlet, found["redemption_id"], judged, now=now)


def _judge(db: Connection, city: City, outlet: str, body: Body, person: str | None) -> Judgement:
    rule = city.rulebook.rule_in_force(body["category"], date.fromisoformat(body["sold_on"]))
    if rule is None or rule.programme.claim is None:
        return Judgement("rejected", "no_programme", {"category": body["category"]})
    if taken := _taken_thing(db, outlet, body):
        return taken
    if person is None:
        return Judgement("suspended", "identity_missing")
    return _taken_unit(db, rule, body, person) or _recomputed(city, body)


def _taken_thing(db: Connection, outlet: str, body: Body) -> Judgement | None:
    for space, number in body["things"]:
        owner = units.piece_owner(db, space, number)
        if owner is not None and (owner["outlet"], owner["hold_id"]) != (outlet, body["claim_id"]):
            code = "invoice_used" if space == "invoice" else rules_of_claims.taken_code(space)
            return Judgement("rejected", code, {"number": number, "first": record(db, owner)})
    return None


def _taken_unit(db: Connection, rule: Rule, body: Body, person: str) -> Judgement | None:
    before = units.claims_of(db, person=person, programme=body["programme"], unit_class=body["unit_class"])
    if rule.units_max is None or len(before) < rule.units_max:
        return None
    params: dict[str, Any] = {
        "units_max": rule.units_max,
        "units_used": len(before),
        "first": record(db, before[0]),
    }
    earlier = _attributes(db, before[0])
    if rule.exclusive and earlier.get(rule.exclusive) != body["attributes"].get(rule.exclusive):
        schemes = {"used_as": earlier.get(rule.exclusive), "asked": body["attributes"].get(rule.exclusive)}
        return Judgement("rejected", "scheme_conflict", {**params, **schemes})
    return Judgement("rejected", "units_exhausted", params)


def _attributes(db: Connection, used: Mapping[str, Any]) -> Body:
    found = claims.of_hold(db, used["outlet"], used["hold_id"])
    entry = rows.entry_at(db, used["outlet"], found["seq"]) if found else None
    return entry.body.get("attributes", {}) if entry else {}


def _recomputed(city: City, body: Body) -> Judgement:
    rule = city.rulebook.rule_in_force(body["category"], date.fromisoformat(body["sold_on"]))
    terms = rule.programme.claim if rule else None
    assert rule is not None and terms is not None, "a claim is judged only under terms of claim"
    if terms.apply_last_day and date.fromisoformat(body["business_date"]) > terms.apply_last_day:
        return Judgement("rejected", "claim_too_late", {"last_day": terms.apply_last_day.isoformat()})
    item = Item(body["category"], body["price_fen"], attributes=read_attributes(body["attributes"]))
    outcome = subsidy.assess(item, on=date.fromisoformat(body["sold_on"]), rulebook=city.rulebook)
    if outcome.refusals:
        reason = outcome.refusals[0]
        params = {name: str(value) for name, value in reason.params.items()}
        return Judgement("rejected", reason.code, {**params, "clause": reason.clause})
    if outcome.subsidy_fen != body["subsidy_fen"]:
        differs = {
            "expected_fen": outcome.subsidy_fen,
            "claimed_fen": body["subsidy_fen"],
            "policy_version": rule.policy_version,
            "clause": rule.source.cited,
        }
        return Judgement("suspended", "subsidy_differs", differs)
    return Judgement("accepted")
