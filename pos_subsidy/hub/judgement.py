"""The city's word on a claim, and how it is put on the books."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import moments
from pos_subsidy.domain.journal import Entry
from pos_subsidy.errors import Conflict
from pos_subsidy.hub import budget
from pos_subsidy.hub.store import claims, person_units, rows

Body = Mapping[str, Any]


# Passed every rule and waits for its batch to be reviewed; it is said to nobody.
WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The city's word and why."""

    word: str
    code: str | None = None
    params: Body = field(default_factory=dict)

    @property
    def stands(self) -> bool:
        return self.word != "rejected"


def book(
    db: Connection,
    outlet: str,
    entry: Entry,
    judged: Judgement,
    *,
    hold_id: str,
    person: str | None,
    now: datetime,
) -> None:
    """Put a claim on the books with its first judgement, and say so to its shop."""
    at = moments.text(now)
    booked = written(outlet, entry, judged, hold_id=hold_id, person=person, at=at)
    claims.add(db, **booked)
    if booked["unit_used"] and person is not None:
        person_units.take(db, booked, outlet=outlet, hold_id=hold_id)
    _say(db, outlet, entry.body["redemption_id"], judged, at=at)


def written(
    outlet: str, entry: Entry, judged: Judgement, *, hold_id: str, person: str | None, at: str
) -> dict[str, Any]:
    """Return a claim as it is put on the books with its first judgement."""
    body = entry.body
    return {
        "redemption_id": body["redemption_id"],
        "outlet": outlet,
        "seq": entry.seq,
        "hold_id": hold_id,
        "order_no": body["order_no"],
        "category": body["category"],
        "programme": body["programme"],
        "unit_class": body["unit_class"],
        "person": person,
        "business_date": body["business_date"],
        "price_fen": body["price_fen"],
        "subsidy_fen": body["subsidy_fen"],
        "net_subsidy_fen": body["subsidy_fen"],
        "unit_used": judged.stands,
        "verdict": judged.word,
        "code": judged.code,
        "params": json.dumps(judged.params, ensure_ascii=False, sort_keys=True) if judged.params else "{}",
        "judged_at": at,
        "received_at": at,
    }


def must_be_unclaimed(db: Connection, outlet: str, hold_id: str) -> None:
    """Pass if no claim of a shop, whatever was said of it, has a hold's number.

    Unit, pieces and money go by that number: what happened to the one claim would move the other's.

    Raises:
        Conflict: ``hold_claimed``.
    """
    if claims.of_hold(db, outlet, hold_id) is not None:
        raise Conflict("hold_claimed", hold_id=hold_id)


def rejudge(db: Connection, outlet: str, redemption_id: str, judged: Judgement, *, now: datetime) -> None:
    """Put another word on a claim that stood under doubt, and say so to its shop.

    Raises:
        Conflict: ``budget_exhausted``, it would get money again and there is none left.
    """
    at = moments.text(now)
    before = claims.find(db, redemption_id)
    uses = judged.stands and (before is None or _may_use(before))
    claims.change(
        db,
        redemption_id,
        verdict=judged.word,
        code=judged.code,
        params=json.dumps(judged.params, ensure_ascii=False, sort_keys=True),
        judged_at=at,
        unit_used=uses,
    )
    if before is not None and uses and before["person"] is not None:
        person_units.take(db, before, outlet=outlet, hold_id=before["hold_id"])
    elif before is not None and not uses:
        person_units.release(db, before["person"], outlet=outlet, hold_id=before["hold_id"])
    if before is not None:
        stood = budget.has_money(before["verdict"])
        budget.follow(db, {**before, "verdict": judged.word}, stood=stood)
    _say(db, outlet, redemption_id, judged, at=at)


def _may_use(before: Mapping[str, Any]) -> bool:
    # A unit that came back with the goods stays free, whatever is said of the claim afterwards.
    return bool(before["unit_used"]) or (before["verdict"] == "rejected" and before["net_subsidy_fen"] > 0)


def for_review(judged: Judgement, *, is_reviewed: bool) -> Judgement:
    """Return the judgement a claim begins with where people look at batches first."""
    return Judgement(WAITING) if is_reviewed and judged.word == "accepted" else judged


def doubted(doubt: Judgement | None, judge: Callable[[], Judgement]) -> Judgement:
    """Return the judgement of a claim about whose signature there may be a doubt.

    A rejection by the signature needs no other; a lesser doubt only withholds an acceptance.
    """
    if doubt is not None and doubt.word == "rejected":
        return doubt
    judged = judge()
    return doubt if doubt is not None and judged.word == "accepted" else judged


def funded(
    db: Connection, outlet: str, body: Body, judged: Judgement, *, hold_id: str, was_held: bool
) -> Judgement:
    """Return the judgement after the budget: a claim that stands uses it, any other gives it back."""
    if not judged.stands:
        budget.let_go(db, outlet, hold_id)
        return judged
    about = {"programme": body["programme"], "on": body["business_date"], "fen": body["subsidy_fen"]}
    short = budget.use(db, outlet, hold_id, **about, was_held=was_held)
    return Judgement("rejected", budget.EXHAUSTED, short) if short else judged


def _say(db: Connection, outlet: str, redemption_id: str, judged: Judgement, *, at: str) -> None:
    if judged.word == WAITING:
        return
    params = dict(judged.params)
    claims.say(
        db, outlet, redemption_id=redemption_id, word=judged.word, code=judged.code, params=params, at=at
    )


def record(db: Connection, winner: Mapping[str, Any]) -> dict[str, Any]:
    """Return the signed record that stood first, as far as the loser may see it."""
    found = claims.of_hold(db, winner["outlet"], winner["hold_id"])
    if found is None:
        return {"outlet": winner["outlet"], "hold_id": winner["hold_id"]}
    entry = rows.entry_at(db, winner["outlet"], found["seq"])
    assert entry is not None
    return {
        "outlet": winner["outlet"],
        "seq": entry.seq,
        "at": entry.at,
        "hash": entry.hash,
        "kid": entry.kid,
        "signature": entry.signature,
    }
