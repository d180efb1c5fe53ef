"""People look at a shop's batch before it is accepted: a sample at least, every doubt with its reason.

Where the city reviews, a claim that passes every rule waits for its batch. A suspended line
holds up nobody but itself. What a reviewer did is appended and never changed.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import moments
from pos_subsidy.domain.journal import Entry
from pos_subsidy.errors import Conflict, Invalid, NotFound
from pos_subsidy.hub.city import City
from pos_subsidy.hub.judgement import WAITING, Judgement, rejudge
from pos_subsidy.hub.office_log import must_be_named
from pos_subsidy.hub.store import claims, reviews, units
from pos_subsidy.hub.store.db import read, run

# Why a reviewer suspends or rejects; the sentences stand in domain/words_review.py.
REASONS = (
    *(
        "review_serial_unreadable",
        "review_serial_differs",
        "review_invoice_missing",
        "review_invoice_differs",
    ),
    *("review_delivery_unproven", "review_region_differs", "review_photo_reused", "review_price_doubtful"),
)
EVIDENCE_POSTPONED = "evidence_postponed"
_FROM = {
    "accepted": (WAITING, "suspended"),
    "suspended": (WAITING, "suspended"),
    "rejected": (WAITING, "suspended"),
}


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One claim of a batch; ``key`` is its place in the drawing of samples."""

    claim: Mapping[str, Any]
    key: str
    is_in_sample: bool
    is_looked_at: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch under review. ``counts`` and ``sums_fen`` are by the claims' verdicts, counted now."""

    batch_id: str
    outlet: str
    lines: tuple[ReviewLine, ...]
    counts: Mapping[str, int]
    sums_fen: Mapping[str, int]
    needed: int
    approved_by: str | None

    @property
    def still_to_look_at(self) -> int:
        """Return how many more must be looked at, the sample first."""
        sample = sum(one.is_in_sample and not one.is_looked_at for one in self.lines)
        return max(sample, self.needed - sum(one.is_looked_at for one in self.lines))


def closed(db: Connection, _city: City, outlet: str, entry: Entry, _now: datetime) -> None:
    """Open a batch for review when its shop has closed the day."""
    names = ("batch_id", "business_date", "first_seq", "last_seq")
    reviews.add_batch(db, outlet=outlet, **{name: entry.body[name] for name in names})


def reopened(db: Connection, _city: City, outlet: str, entry: Entry, _now: datetime) -> None:
    """The shop has undone a close: what it held is in its next batch."""
    reviews.drop_open_batch(db, outlet, entry.body["batch_id"])


def shop_postponed(db: Connection, _city: City, outlet: str, entry: Entry, now: datetime) -> None:
    """A line that its shop lets wait for its papers is in no payment; what is judged stays so."""
    found = claims.find(db, entry.body["redemption_id"])
    if found is not None and found["outlet"] == outlet and found["verdict"] == WAITING:
        params = {name: entry.body[name] for name in ("until", "reason", "missing")}
        judged = Judgement("suspended", EVIDENCE_POSTPONED, params)
        rejudge(db, outlet, entry.body["redemption_id"], judged, now=now)


def shop_resumed(db: Connection, _city: City, outlet: str, entry: Entry, now: datetime) -> None:
    """Its papers are complete: the line waits for a reviewer again."""
    found = claims.find(db, entry.body["redemption_id"])
    if found is not None and found["outlet"] == outlet and found["code"] == EVIDENCE_POSTPONED:
        rejudge(db, outlet, entry.body["redemption_id"], Judgement(WAITING), now=now)


def overview(city: City) -> dict[str, Any]:
    """Return the batches of which a line waits for a reviewer, and how often each reviewer did what."""

    def look(db: Connection) -> dict[str, Any]:
        return {"open": reviews.open_batches(db), "reviewers": reviews.by_reviewer(db)}

    return read(city.engine, look)


def batch(city: City, outlet: str, batch_id: str) -> Batch:
    """Return a batch as it stands.

    Raises:
        NotFound: ``review_batch_unknown``.
    """
    return run(city.engine, lambda db: _batch(db, city, outlet, batch_id))


def look(city: City, redemption_id: str, *, by: str, now: datetime) -> None:
    """Note that a reviewer looked at a claim; raises NotFound, or Invalid (``reviewer_required``)."""
    must_be_named(by)

    def note(db: Connection) -> None:
        _claim(db, redemption_id)
        _step(db, redemption_id, "looked", by=by, now=now)

    run(city.engine, note)


def decide(
    city: City,
    redemption_id: str,
    word: str,
    *,
    by: str,
    now: datetime,
    reason: str | None = None,
    note: str = "",
) -> None:
    """Accept, suspend or reject one claim, and say so to its shop with the reason.

    Raises:
        NotFound: ``redemption_unknown``.
        Invalid: ``review_reason_required``, a doubt without a reason from the list; ``reviewer_required``.
        Conflict: ``review_decided``, the claim no longer waits for a reviewer.
    """
    if word != "accepted" and reason not in REASONS:
        raise Invalid("review_reason_required", allowed=", ".join(REASONS))
    must_be_named(by)

    def judge(db: Connection) -> None:
        found = _claim(db, redemption_id)
        if found["verdict"] not in _FROM[word]:
            raise Conflict("review_decided", verdict=found["verdict"])
        code = None if word == "accepted" else reason
        rejudge(db, found["outlet"], redemption_id, Judgement(word, code, {"note": note}), now=now)
        if word == "rejected":
            units.free_pieces(db, outlet=found["outlet"], hold_id=found["hold_id"])
        _step(db, redemption_id, word, by=by, now=now, reason=code, note=note)

    run(city.engine, judge)


def postpone(city: City, redemption_id: str, *, by: str, now: datetime) -> str:
    """Carry a suspended claim into the next month's settlement and return that month (YYYY-MM).

    Its shop reads the programme's last settlement before it is too late.

    Raises:
        NotFound: ``redemption_unknown``.
        Conflict: ``review_decided``, it is not suspended; ``postpone_too_late``, the programme's
            last settlement has passed by then.
        Invalid: ``reviewer_required``.
    """
    must_be_named(by)

    def carry(db: Connection) -> str:
        found = _claim(db, redemption_id)
        if found["verdict"] != "suspended":
            raise Conflict("review_decided", verdict=found["verdict"])
        before = [one["until"] for one in reviews.steps_of(db, redemption_id) if one["until"]]
        # A claim that lay since the month it was carried into is carried on from today.
        since = max([now.date().replace(day=1), *(date.fromisoformat(f"{one}-01") for one in before)])
        until = _month_after(since)
        last = _last_settlement(city, found)
        if last is not None and until > last:
            raise Conflict("postpone_too_late", last_day=last.isoformat())
        is_last = last is not None and _month_after(until) > last
        params = {"until": f"{until:%Y-%m}", "last_day": last.isoformat() if last else None, "last": is_last}
        rejudge(db, found["outlet"], redemption_id, Judgement("suspended", found["code"], params), now=now)
        _step(db, redemption_id, "postponed", by=by, now=now, until=f"{until:%Y-%m}", warned=is_last)
        return f"{until:%Y-%m}"

    return run(city.engine, carry)


def approve(city: City, outlet: str, batch_id: str, *, by: str, now: datetime) -> int:
    """Accept every claim of a batch that waits, once enough was looked at; return how many.

    Raises:
        NotFound: ``review_batch_unknown``.
        Conflict: ``review_too_few``, or ``review_approved`` before.
        Invalid: ``reviewer_required``.
    """
    must_be_named(by)

    def accept(db: Connection) -> int:
        found = _batch(db, city, outlet, batch_id)
        if found.approved_by is not None:
            raise Conflict("review_approved", by=found.approved_by)
        if found.still_to_look_at:
            raise Conflict("review_too_few", needed=found.needed, missing=found.still_to_look_at)
        waiting = [one.claim for one in found.lines if one.claim["verdict"] == WAITING]
        for one in waiting:
            rejudge(db, outlet, one["redemption_id"], Judgement("accepted"), now=now)
        reviews.approve(db, outlet, batch_id, by=by, at=moments.text(now))
        return len(waiting)

    return run(city.engine, accept)


def sample(db: Connection, city: City, outlet: str, batch_id: str) -> set[str]:
    """Return the claims of a batch that are drawn to be looked at, in the caller's transaction."""
    return {
        one.claim["redemption_id"] for one in _batch(db, city, outlet, batch_id).lines if one.is_in_sample
    }


def _batch(db: Connection, city: City, outlet: str, batch_id: str) -> Batch:
    kept = reviews.find_batch(db, outlet, batch_id)
    if kept is None:
        raise NotFound("review_batch_unknown", batch_id=batch_id)
    found = reviews.claims_of(db, kept)
    looked = reviews.looked_at(db, [one["redemption_id"] for one in found])
    needed = -(-len(found) * city.review_percent // 100)
    keys = {one["redemption_id"]: _key(city, one["redemption_id"]) for one in found}
    sample = set(sorted(keys, key=keys.__getitem__)[:needed])
    counts: dict[str, int] = {}
    sums: dict[str, int] = {}
    for one in found:
        counts[one["verdict"]] = counts.get(one["verdict"], 0) + 1
        sums[one["verdict"]] = sums.get(one["verdict"], 0) + one["net_subsidy_fen"]
    lines = tuple(
        ReviewLine(one, keys[number], number in sample, number in looked)
        for one in found
        for number in [one["redemption_id"]]
    )
    return Batch(batch_id, outlet, lines, counts, sums, needed, kept["approved_by"])


def _key(city: City, redemption_id: str) -> str:
    """Return a claim's fixed place in every drawing; only the city can reckon it."""
    return hmac.new(city.secret, f"sample\x1f{redemption_id}".encode(), hashlib.sha256).hexdigest()


def _claim(db: Connection, redemption_id: str) -> dict[str, Any]:
    found = claims.find(db, redemption_id)
    if found is None:
        raise NotFound("redemption_unknown")
    return found


def _step(
    db: Connection,
    redemption_id: str,
    what: str,
    *,
    by: str,
    now: datetime,
    reason: str | None = None,
    note: str = "",
    until: str | None = None,
    warned: bool = False,
) -> None:
    about = {"reason": reason, "note": note, "until": until, "warned": warned}
    reviews.add_step(db, redemption_id, what=what, by=by, at=moments.text(now), **about)


def _last_settlement(city: City, found: Mapping[str, Any]) -> date | None:
    rule = city.rulebook.rule_in_force(found["category"], date.fromisoformat(found["business_date"]))
    return rule.programme.last_settlement_on if rule else None


def _month_after(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
