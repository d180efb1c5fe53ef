"""Send the journal to the city, keep its signed receipt, and apply its verdicts."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pos_subsidy.domain import moments
from pos_subsidy.domain.journal import Entry
from pos_subsidy.errors import Conflict, Invalid, NotFound, Unavailable
from pos_subsidy.protocol import batches
from pos_subsidy.protocol.messages import Receipt, Verdict
from pos_subsidy.services import appeals, city_budget, city_lists, evidence_upload, offline, standing
from pos_subsidy.services.offline import ACKNOWLEDGED_SEQ, SENT_SEQ
from pos_subsidy.services.rules_age import HEARD_AT
from pos_subsidy.services.shop import CityLine, Shop
from pos_subsidy.store import claims, journal, persons, receipts, redemptions, settings
from pos_subsidy.store.db import TillDatabase, read_transaction, write_transaction

log = logging.getLogger(__name__)
_VERDICT_COUNTER, _PARKED = "verdict_counter", "parked_rows"
# Verdicts are rows themselves and travel with the next round; two rounds always suffice.
_ROUNDS = 1_000


@dataclass(frozen=True, slots=True)
class Synced:
    """What one exchange with the city did. ``acknowledged`` is the last row it has for certain."""

    rows: int
    acknowledged: int
    head: int
    verdicts: int
    parked: tuple[dict, ...]

    @property
    def complete(self) -> bool:
        return self.acknowledged == self.head


def parked_rows(db: TillDatabase) -> list[dict]:
    """Return the rows that the city had put aside for people when it was last asked."""
    return list(json.loads(settings.get(db, _PARKED) or "[]"))


Progress = Callable[[int, int], None]  # acknowledged rows, all rows


def unwatched(_acknowledged: int, _head: int) -> None:
    """Show nothing."""


def sync(db: TillDatabase, shop: Shop, *, now: datetime, progress: Progress = unwatched) -> Synced:
    """Send every row the city has not acknowledged, check its receipts, apply its verdicts.

    Sending again is safe: the city answers from what it has.

    Raises:
        Unavailable: ``no_hub``, or the city does not answer; what was acknowledged before
            stays acknowledged.
        Invalid: a receipt or feed cannot be trusted; nothing of it is applied.
        Conflict: ``chain_forked``.
    """
    if shop.city is None:
        raise Unavailable("no_hub")
    sent = applied = 0
    parked: list[dict] = []
    for _ in range(_ROUNDS):
        entries = _unacknowledged(db)
        if entries:
            receipt = _deliver(db, shop, shop.city, entries)
            _acknowledge(db, shop, receipt, now=now)
            sent += len(entries)
            parked += receipt.parked
            applied += apply_verdicts(db, shop, receipt.verdicts, now=now)
            newest = journal.head(db)
            progress(receipt.last_seq, newest.seq if newest else 0)
        news = _fetch(db, shop, shop.city, now=now)
        applied += news
        if not entries and not news and not _unacknowledged(db):
            break
    acknowledged = int(settings.get(db, ACKNOWLEDGED_SEQ) or 0)
    appeals.send_files(db, shop, shop.city, acknowledged_seq=acknowledged, now=now)
    evidence_upload.send(db, shop, shop.city)
    head = journal.head(db)
    return Synced(
        rows=sent,
        acknowledged=acknowledged,
        head=head.seq if head else 0,
        verdicts=applied,
        parked=tuple(parked),
    )


def apply_verdicts(db: TillDatabase, shop: Shop, verdicts: Sequence[Verdict], *, now: datetime) -> int:
    """Apply what the city said, in its order; return how many changed something.

    One that was applied before, or that the claim has left behind, changes nothing.
    """
    applied = 0
    for verdict in sorted(verdicts, key=lambda one: one.counter):
        try:
            with write_transaction(db):
                applied += _apply(db, shop, verdict, now=now)
        except Conflict:
            log.warning("verdict %s on %s is out of order", verdict.verdict, verdict.redemption_id)
    return applied


def _apply(db: TillDatabase, shop: Shop, verdict: Verdict, *, now: datetime) -> bool:
    found: redemptions.Redemption | claims.Claim
    try:
        found = redemptions.find(db, verdict.redemption_id)
    except NotFound:
        try:
            found = claims.find(db, verdict.redemption_id)
        except NotFound:
            return False
    if found.verdict_at is not None and found.verdict_at > verdict.judged_at:
        return False
    if _says_the_same(found, verdict):
        return False
    body = {
        "redemption_id": verdict.redemption_id,
        "verdict": verdict.verdict,
        "code": verdict.code,
        "params": verdict.params,
        "judged_at": verdict.judged_at,
        "counter": verdict.counter,
    }
    journal.append(db, "verdict_applied", body, at=now, sign=shop.keyring.sign)
    return True


def _says_the_same(found: redemptions.Redemption | claims.Claim, verdict: Verdict) -> bool:
    kept = json.loads(found.verdict_params) if found.verdict_params else None
    return (found.verdict, found.verdict_code, kept) == (verdict.verdict, verdict.code, verdict.params)


def _unacknowledged(db: TillDatabase) -> list[Entry]:
    after = int(settings.get(db, ACKNOWLEDGED_SEQ) or 0)
    with read_transaction(db):
        return list(journal.entries(db, after_seq=after, limit=batches.MAX_ENTRIES))


def _deliver(db: TillDatabase, shop: Shop, city: CityLine, entries: Sequence[Entry]) -> Receipt:
    sealed = {}
    for commitment in batches.commitments(entries):
        if (blob := persons.sealed(db, commitment)) is not None:
            sealed[commitment] = blob
    with write_transaction(db):
        settings.put(db, SENT_SEQ, str(max(offline.sent_seq(db), entries[-1].seq)))
    receipt = city.send(batches.write(shop.outlet_id, entries, sealed))
    last = entries[-1]
    if (receipt.outlet, receipt.last_seq, receipt.head_hash) != (shop.outlet_id, last.seq, last.hash):
        raise Invalid("receipt_invalid", cause="it speaks of other rows")
    return receipt


def _acknowledge(db: TillDatabase, shop: Shop, receipt: Receipt, *, now: datetime) -> None:
    with write_transaction(db):
        receipts.keep(
            db, last_seq=receipt.last_seq, head_hash=receipt.head_hash, signed=receipt.signed, now=now
        )
        known = int(settings.get(db, ACKNOWLEDGED_SEQ) or 0)
        settings.put(db, ACKNOWLEDGED_SEQ, str(max(known, receipt.last_seq)))
        settings.put(db, "acknowledged_at", moments.text(now))


def _fetch(db: TillDatabase, shop: Shop, city: CityLine, *, now: datetime) -> int:
    applied = 0
    while True:
        after = int(settings.get(db, _VERDICT_COUNTER) or 0)
        feed = city.verdicts(after)
        if feed.outlet != shop.outlet_id or feed.counter < after:
            raise Invalid("receipt_invalid", cause="feed")
        standing.learn(db, shop, feed.standing, now=now)
        applied += apply_verdicts(db, shop, feed.verdicts, now=now)
        city_budget.learn(db, feed.budget)
        evidence_upload.learn(db, feed.evidence)
        with write_transaction(db):
            settings.put(db, _VERDICT_COUNTER, str(feed.counter))
            settings.put(db, _PARKED, json.dumps(list(feed.parked)))
        if feed.counter == after:
            city.take_packs(feed.packs)
            city_lists.fetch(db, city, feed)
            with write_transaction(db):
                # Only now: up to date is what was fetched to its end.
                settings.put(db, HEARD_AT, moments.text(now))
            return applied
