"""Carries a shop's rows out on the city's books, and judges its claims.

First stored wins. Every claim is recomputed from its own row under the rules of its day.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import goods_numbers, subsidy
from pos_subsidy.domain.journal import Entry
from pos_subsidy.domain.rules import Rule
from pos_subsidy.domain.subsidy import Item
from pos_subsidy.errors import Conflict
from pos_subsidy.hub import appeals, budget, judging_claims, judging_evidence, keys, listed, live, review
from pos_subsidy.hub.city import City
from pos_subsidy.hub.judgement import Judgement, book, doubted, for_review, funded, must_be_unclaimed, record
from pos_subsidy.hub.store import claims, person_units, reviews, rows, units
from pos_subsidy.hub.withholding import withheld

Body = Mapping[str, Any]
# Judged themselves where their key is not believed; every other act of such a key waits for people.
_CLAIMS = ("redeemed", "claim_submitted")
# What goods are known by; the invoice of a sale that was undone serves no other.
_GOODS = ("serial", "imei")


def carry_out(db: Connection, city: City, outlet: str, entry: Entry, *, now: datetime) -> None:
    """Carry out one row in the caller's transaction.

    Raises:
        Conflict, KeyError, ValueError: the row cannot be carried out and has to be parked.
    """
    if act := _ACTS.get(entry.kind):
        if entry.kind not in _CLAIMS and (doubt := keys.distrusted(db, outlet, entry, now=now)) is not None:
            if doubt.word == "rejected":
                raise Conflict(str(doubt.code), **doubt.params)
        act(db, city, outlet, entry, now)


def is_act(kind: str) -> bool:
    """Say whether rows of a kind change the city's books."""
    return kind in _ACTS


def _redeemed(db: Connection, city: City, outlet: str, entry: Entry, now: datetime) -> None:
    body = entry.body
    must_be_unclaimed(db, outlet, body["hold_id"])
    person = rows.person_of(db, body["commitment"])
    doubt = keys.distrusted(db, outlet, entry, now=now)
    judged = doubted(doubt, lambda: _judge(db, city, outlet, entry, person, now=now))
    judged = for_review(judged, is_reviewed=city.is_reviewed)
    own = units.find_hold(db, outlet, body["hold_id"])
    was_held = own is not None and own["status"] in ("held", "confirmed")
    judged = funded(db, outlet, body, judged, hold_id=body["hold_id"], was_held=was_held)
    stands = judged.stands
    if stands:
        for space, number in live.pieces_of(body):
            units.take_piece(db, space, number, outlet=outlet, hold_id=body["hold_id"])
    else:
        units.free_pieces(db, outlet=outlet, hold_id=body["hold_id"])
    if own is not None and own["person"] != person:
        person_units.release(db, own["person"], outlet=outlet, hold_id=body["hold_id"])
    end = "claimed" if stands else "cancelled"
    units.move_hold(db, outlet, body["hold_id"], old=("held", "confirmed", "expired"), new=end)
    book(db, outlet, entry, judged, hold_id=body["hold_id"], person=person, now=now)


def _judge(
    db: Connection, city: City, outlet: str, entry: Entry, person: str | None, *, now: datetime
) -> Judgement:
    body = entry.body
    standing = reviews.standing_at(db, outlet, body["held_at"])
    if standing is not None and standing["status"] == "suspended":
        return Judgement("rejected", "merchant_suspended", {"since": standing["since"]})
    rule = city.rulebook.rule_in_force(body["category"], date.fromisoformat(body["business_date"]))
    if rule is None:
        return Judgement("rejected", "no_programme", {"category": body["category"]})
    if (wrong := goods_numbers.irregular(body)) is not None:
        # A bar code takes no piece: its spelling makes no second one of it, people look at it.
        word = "suspended" if wrong.params["kind"] == "gtin" else "rejected"
        return Judgement(word, wrong.code, wrong.params)
    if (against := _against_lists(db, outlet, body, rule)) is not None:
        return against
    taken = _taken_piece(db, outlet, body)
    if taken is not None:
        return taken
    if person is None:
        return Judgement("suspended", "identity_missing")
    used = _taken_unit(db, outlet, body, person, rule, now=now)
    if used is not None:
        return used
    granted_fen = 0
    if rule.person_cap_fen is not None:
        granted_fen = units.granted_fen(
            db, person=person, programme=body["programme"], unit_class=body["unit_class"]
        )
    judged = by_amount(city, rule, body, granted_fen)
    doubt = withheld(db, city, outlet, entry, rule, now=now) if judged.word == "accepted" else None
    return doubt or judged


def by_amount(city: City, rule: Rule, body: Body, granted_fen: int) -> Judgement:
    """Judge a claim that nothing else stands against by what its row comes to."""
    expected_fen = _recomputed(city, rule, body, granted_fen)
    if expected_fen != body["subsidy_fen"] or body["programme"] != rule.programme.id:
        params = {
            "expected_fen": expected_fen,
            "claimed_fen": body["subsidy_fen"],
            "policy_version": rule.policy_version,
            "clause": rule.source.cited,
        }
        return Judgement("suspended", "subsidy_differs", params)
    return Judgement("accepted")


def _against_lists(db: Connection, outlet: str, body: Body, rule: Rule) -> Judgement | None:
    own = units.find_hold(db, outlet, body["hold_id"])
    granted_at = own["asked_at"] if own is not None and own["status"] in ("held", "confirmed") else None
    on = date.fromisoformat(body["business_date"])
    return listed.look(db, outlet, [body]).judgement(body, on, rule, granted_at=granted_at)


def _taken_piece(db: Connection, outlet: str, body: Body) -> Judgement | None:
    refusals = live.piece_refusals(db, body, outlet=outlet, hold_id=body["hold_id"])
    if not refusals:
        return None
    first = refusals[0]
    space = "serial" if first["code"] == "serial_used" else "imei"
    owner = units.piece_owner(db, space, first["params"]["number"])
    assert owner is not None
    return Judgement("rejected", first["code"], {**first["params"], "first": record(db, owner)})


def _taken_unit(
    db: Connection, outlet: str, body: Body, person: str, rule: Rule, *, now: datetime
) -> Judgement | None:
    own = units.find_hold(db, outlet, body["hold_id"])
    units_max = rule.units_max_for(rule.told_by(body["unit_class"]))
    if own is not None and own["status"] in ("held", "confirmed"):
        return None  # the unit was granted to this very sale before money moved
    spent = live.batch_spent(db, rule, body["programme"], body["unit_class"], now=now, but=body["hold_id"])
    if spent is not None:
        return Judgement("rejected", spent["code"], spent["params"])
    if units_max is None:
        return None
    who = {"person": person, "programme": body["programme"], "unit_class": body["unit_class"]}
    before = [one for one in person_units.occupants(db, **who) if one["kept_until"] is None]
    if len(before) < units_max:
        return None
    params = {"units_max": units_max, "units_used": len(before), "first": record(db, before[0])}
    return Judgement("rejected", "units_exhausted", params)


def _recomputed(city: City, rule: Rule, body: Body, granted_fen: int) -> int:
    """Return what the claim's row comes to (fen), after what the person was granted before."""
    unrated = rule.by_rating and body["energy_rating"] is None
    item = Item(
        category=body["category"],
        price_fen=int(body["price_fen"]),
        energy_rating=body["energy_rating"],
        attributes={**({"has_rating_system": False} if unrated else {}), **rule.told_by(body["unit_class"])},
    )
    on = date.fromisoformat(body["business_date"])
    return subsidy.assess(item, on=on, rulebook=city.rulebook, granted_fen=granted_fen).subsidy_fen


def _reversed(db: Connection, city: City, outlet: str, entry: Entry, now: datetime) -> None:
    body = entry.body
    found = _own_claim(db, outlet, body["redemption_id"])
    net_fen = found["net_subsidy_fen"] + body["subsidy_fen"]
    if net_fen < 0 or body["subsidy_fen"] > 0:
        raise Conflict("reversal_out_of_bounds", redemption_id=body["redemption_id"])
    changes: dict[str, Any] = {"net_subsidy_fen": net_fen}
    if found["verdict"] == "rejected":  # there is nothing it could give back
        claims.change(db, body["redemption_id"], **changes)
        return
    if body["reversal_kind"] == "full":
        if body["right"] == "restored":
            changes["unit_used"] = False
            person_units.release(db, found["person"], outlet=outlet, hold_id=found["hold_id"])
        if body["piece"] == "free":
            units.free_pieces(db, outlet=outlet, hold_id=found["hold_id"], spaces=_GOODS)
    claims.change(db, body["redemption_id"], **changes)
    stood = budget.has_money(found["verdict"])
    budget.follow(db, {**found, "net_subsidy_fen": net_fen}, stood=stood)


def _exchanged(db: Connection, city: City, outlet: str, entry: Entry, now: datetime) -> None:
    _bind(db, outlet, entry.body["redemption_id"], entry.body["new"])


def _serial_bound(db: Connection, city: City, outlet: str, entry: Entry, now: datetime) -> None:
    _bind(db, outlet, entry.body["redemption_id"], entry.body)


def _bind(db: Connection, outlet: str, redemption_id: str, numbers: Body) -> None:
    found = _own_claim(db, outlet, redemption_id)
    if found["verdict"] == "rejected":
        return
    if (wrong := goods_numbers.irregular(numbers)) is not None:
        raise wrong
    refusals = live.piece_refusals(db, numbers, outlet=outlet, hold_id=found["hold_id"])
    if refusals:
        raise Conflict(refusals[0]["code"], **refusals[0]["params"])
    lists, on = listed.look(db, outlet, [numbers]), date.fromisoformat(found["business_date"])
    if (against := next(lists.blocked(live.pieces_of(numbers), on), None)) is not None:
        raise Conflict(against.code, **against.params)
    units.free_pieces(db, outlet=outlet, hold_id=found["hold_id"], spaces=_GOODS)
    for space, number in live.pieces_of(numbers):
        units.take_piece(db, space, number, outlet=outlet, hold_id=found["hold_id"])


def _hold_ended(db: Connection, city: City, outlet: str, entry: Entry, now: datetime) -> None:
    hold_id = entry.body["hold_id"]
    if units.move_hold(db, outlet, hold_id, old=("held",), new="cancelled"):
        units.free_pieces(db, outlet=outlet, hold_id=hold_id)
        budget.let_go(db, outlet, hold_id)


def _own_claim(db: Connection, outlet: str, redemption_id: str) -> dict[str, Any]:
    found = claims.find(db, redemption_id)
    if found is None or found["outlet"] != outlet:
        raise Conflict("redemption_unknown", redemption_id=redemption_id)
    return found


Act = Callable[[Connection, City, str, Entry, datetime], None]
_ACTS: dict[str, Act] = {
    "redeemed": _redeemed,
    "claim_submitted": judging_claims.submitted,
    "claim_corrected": judging_claims.corrected,
    "claim_withdrawn": judging_claims.withdrawn,
    "reversed": _reversed,
    "exchanged": _exchanged,
    "serial_bound": _serial_bound,
    "hold_released": _hold_ended,
    "hold_expired": _hold_ended,
    "evidence_given": judging_evidence.given,
    "evidence_postponed": review.shop_postponed,
    "evidence_resumed": review.shop_resumed,
    "day_closed": review.closed,
    "day_reopened": review.reopened,
    "appeal_made": appeals.made,
}
