"""Judges claims after purchase: recomputed from the row; each thing once; corrections judged anew."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import claims as rules_of_claims
from pos_subsidy.domain import subsidy
from pos_subsidy.domain.attributes import read_kept
from pos_subsidy.domain.claims import Given
from pos_subsidy.domain.journal import Entry
from pos_subsidy.domain.rules import Rule
from pos_subsidy.domain.subsidy import Item
from pos_subsidy.errors import Conflict
from pos_subsidy.hub import budget, keys, listed
from pos_subsidy.hub.city import City
from pos_subsidy.hub.judgement import (
    WAITING,
    Judgement,
    book,
    doubted,
    for_review,
    funded,
    must_be_unclaimed,
    record,
    rejudge,
)
from pos_subsidy.hub.store import claims, person_units, rows, units

Body = Mapping[str, Any]
_AFTER = {  # what a correction may make of a verdict
    "accepted": ("accepted",),
    WAITING: (WAITING, "rejected", "suspended"),
    "suspended": ("accepted", "rejected", "suspended", WAITING),
    "rejected": ("accepted", "rejected", WAITING),
}


def submitted(db: Connection, city: City, outlet: str, entry: Entry, now: datetime) -> None:
    """Book a submitted claim. What it uses up is used city-wide while it stands.

    Raises:
        Conflict: ``hold_claimed``, a sale or a hold has its number; the row is parked for people.
    """
    must_be_unclaimed(db, outlet, entry.body["claim_id"])
    if units.find_hold(db, outlet, entry.body["claim_id"]) is not None:
        raise Conflict("hold_claimed", hold_id=entry.body["claim_id"])
    person = rows.person_of(db, entry.body["commitment"])
    doubt = keys.distrusted(db, outlet, entry, now=now)
    judged = doubted(doubt, lambda: _judge(db, city, outlet, entry.body, person))
    judged = for_review(judged, is_reviewed=city.is_reviewed)
    judged = funded(db, outlet, entry.body, judged, hold_id=entry.body["claim_id"], was_held=False)
    if judged.stands:
        _take(db, city, outlet, entry.body)
    book(db, outlet, entry, judged, hold_id=entry.body["claim_id"], person=person, now=now)


def corrected(db: Connection, city: City, outlet: str, entry: Entry, now: datetime) -> None:
    """Judge a submitted claim anew by its correction.

    Raises:
        Conflict: there is no such claim, it is settled, or a good claim would be made a bad one;
            the row is parked for people.
    """
    body = entry.body
    found = claims.find(db, body["claim_id"])
    if found is None or found["outlet"] != outlet:
        raise Conflict("claim_unknown")
    judged = _judge(db, city, outlet, body, found["person"])
    if found["verdict"] != "accepted":
        judged = for_review(judged, is_reviewed=city.is_reviewed)
    if found["verdict"] == "rejected" and judged.stands:
        judged = funded(db, outlet, body, judged, hold_id=body["claim_id"], was_held=False)
    if judged.word not in _AFTER.get(found["verdict"], ()):
        raise Conflict(judged.code or "claim_submitted", claim_id=body["claim_id"])
    units.free_pieces(db, outlet=outlet, hold_id=body["claim_id"])
    if judged.stands:
        _take(db, city, outlet, body)
    if (judged.word, judged.code) != (found["verdict"], found["code"]):
        rejudge(db, outlet, found["redemption_id"], judged, now=now)


def withdrawn(db: Connection, city: City, outlet: str, entry: Entry, now: datetime) -> None:
    """Take a claim off the books' sum; its right and things as the pack says. An open one is nothing here."""
    body = entry.body
    found = claims.find(db, body["claim_id"])
    if found is None or found["outlet"] != outlet:
        return
    rule = city.rulebook.rule_in_force(found["category"], _sold_on(db, outlet, found))
    restored = rule is not None and rule.terms.right_after_full_reversal == "restored"
    free = rule is not None and rule.terms.serial_after_full_reversal == "free"
    claims.change(
        db, body["claim_id"], net_subsidy_fen=0, unit_used=bool(found["unit_used"]) and not restored
    )
    if restored:
        person_units.release(db, found["person"], outlet=outlet, hold_id=body["claim_id"])
    budget.follow(db, {**found, "net_subsidy_fen": 0}, stood=budget.has_money(found["verdict"]))
    if free and found["unit_used"]:
        submission = rows.entry_at(db, outlet, found["seq"])
        assert submission is not None
        units.free_pieces(db, outlet=outlet, hold_id=body["claim_id"])
        # An invoice of a purchase that was undone serves no other.
        for space, number in things(city, submission.body):
            if space == rules_of_claims.INVOICE:
                units.take_piece(db, space, number, outlet=outlet, hold_id=body["claim_id"])


def _sold_on(db: Connection, outlet: str, found: Mapping[str, Any]) -> date:
    entry = rows.entry_at(db, outlet, found["seq"])
    assert entry is not None, "a claim is booked from a stored row"
    return date.fromisoformat(entry.body["sold_on"])


def _take(db: Connection, city: City, outlet: str, body: Body) -> None:
    for space, number in things(city, body):
        units.take_piece(db, space, number, outlet=outlet, hold_id=body["claim_id"])


def _judge(db: Connection, city: City, outlet: str, body: Body, person: str | None) -> Judgement:
    rule = city.rulebook.rule_in_force(body["category"], date.fromisoformat(body["sold_on"]))
    if rule is None or rule.programme.claim is None:
        return Judgement("rejected", "no_programme", {"category": body["category"]})
    sold_on = date.fromisoformat(body["sold_on"])
    if (against := listed.look(db, outlet, [body]).judgement(body, sold_on, rule)) is not None:
        return against
    if taken := _taken_thing(db, outlet, body, things(city, body)):
        return taken
    if person is None:
        return Judgement("suspended", "identity_missing")
    unit_class = rule.unit_class(city.rulebook.category(body["category"]), read_kept(body["attributes"]))
    if unit_class != body["unit_class"]:
        return Judgement("suspended", "subsidy_differs", {"unit_class": unit_class})
    return _taken_unit(db, outlet, rule, body, person) or _recomputed(city, rule, body)


def things(city: City, body: Body) -> list[tuple[str, str]]:
    """Return what a row uses up, (space, number), whatever it says itself that it uses."""
    rule = city.rulebook.rule_in_force(body["category"], date.fromisoformat(body["sold_on"]))
    terms = rule.programme.claim if rule else None
    return rules_of_claims.things(terms, read_kept(body["attributes"]), _papers(body)) if terms else []


def _papers(body: Body) -> list[Given]:
    """Return the row's papers, their numbers in the one form.

    Raises:
        Invalid: a number that cannot be an invoice's; the row is parked.
    """
    return [
        rules_of_claims.checked(
            Given(
                str(one["code"]),
                str(one["number"]),
                date.fromisoformat(one["issued_on"]) if one["issued_on"] else None,
                one["amount_fen"],
            )
        )
        for one in body["papers"]
    ]


def _taken_thing(db: Connection, outlet: str, body: Body, used: list[tuple[str, str]]) -> Judgement | None:
    for space, number in used:
        owner = units.piece_owner(db, space, number)
        if owner is not None and (owner["outlet"], owner["hold_id"]) != (outlet, body["claim_id"]):
            code = rules_of_claims.taken_code(space)
            return Judgement("rejected", code, {"number": number, "first": record(db, owner)})
    return None


def _taken_unit(db: Connection, outlet: str, rule: Rule, body: Body, person: str) -> Judgement | None:
    who = {"person": person, "programme": body["programme"], "unit_class": body["unit_class"]}
    own = (outlet, body["claim_id"])
    occupied = [one for one in person_units.occupants(db, **who) if one["kept_until"] is None]
    before = [one for one in occupied if (one["outlet"], one["hold_id"]) != own]
    if rule.units_max is None or len(before) < rule.units_max:
        return None
    params: dict[str, Any] = {"units_max": rule.units_max, "units_used": len(before)}
    params["first"] = record(db, before[0])
    earlier = _attributes(db, before[0])
    if rule.exclusive and earlier.get(rule.exclusive) != body["attributes"].get(rule.exclusive):
        schemes = {"used_as": earlier.get(rule.exclusive), "asked": body["attributes"].get(rule.exclusive)}
        return Judgement("rejected", "scheme_conflict", {**params, **schemes})
    return Judgement("rejected", "units_exhausted", params)


def _attributes(db: Connection, used: Mapping[str, Any]) -> Body:
    found = claims.of_hold(db, used["outlet"], used["hold_id"])
    entry = rows.entry_at(db, used["outlet"], found["seq"]) if found else None
    return entry.body.get("attributes", {}) if entry else {}


def _recomputed(city: City, rule: Rule, body: Body) -> Judgement:
    terms, attributes = rule.programme.claim, read_kept(body["attributes"])
    assert terms is not None, "a claim is judged only under terms of claim"
    sold_on, on = date.fromisoformat(body["sold_on"]), date.fromisoformat(body["business_date"])
    item = Item(body["category"], body["price_fen"], attributes=attributes)
    outcome = subsidy.assess(item, on=sold_on, rulebook=city.rulebook)
    needed = {str(one.params["attribute"]) for one in outcome.warnings if one.code == "to_be_proven"}
    papers = rules_of_claims.wanted(terms, attributes, _papers(body), needed | set(terms.once))
    against = rules_of_claims.against_submission(
        terms, papers, attributes, price_fen=body["price_fen"], sold_on=sold_on, on=on
    )
    for reason in (*outcome.refusals, *against):
        params = {name: str(value) for name, value in reason.params.items()}
        return Judgement("rejected", reason.code, {**params, "clause": reason.clause})
    if needed:
        return Judgement("suspended", "to_be_proven", {"attribute": sorted(needed)[0]})
    if outcome.subsidy_fen != body["subsidy_fen"]:
        differs = {
            "expected_fen": outcome.subsidy_fen,
            "claimed_fen": body["subsidy_fen"],
            "policy_version": rule.policy_version,
            "clause": rule.source.cited,
        }
        return Judgement("suspended", "subsidy_differs", differs)
    return Judgement("accepted")
