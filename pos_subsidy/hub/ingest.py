"""Takes a shop's journal in: every row once, in order, signed; and answers with a receipt."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from pos_subsidy.domain import journal, moments
from pos_subsidy.domain.journal import Entry
from pos_subsidy.domain.keys import is_signed
from pos_subsidy.errors import Conflict, Invalid, SubsidyError
from pos_subsidy.hub import budget, identities, judging
from pos_subsidy.hub.city import ZONE, City
from pos_subsidy.hub.store import claims, outlets, packs, rows, traces
from pos_subsidy.hub.store.db import must_run_again, run
from pos_subsidy.protocol import batches, envelopes
from pos_subsidy.protocol.batches import Upload
from pos_subsidy.protocol.messages import RECEIPT, VERDICT_FEED, Verdict

Listed = list[dict[str, Any]]
_CLAIMS = ("redeemed", "claim_submitted")
_PARKED_SHOWN = 200


def ingest(
    city: City, outlet: str, content: bytes, *, now: datetime, delivered_by: str | None = None
) -> dict[str, Any]:
    """Store the rows that are new and return the signed receipt for all that came.

    Any run of rows may be sent again; the answer is the same. ``delivered_by`` is the id of the key
    that signed the upload; one that was cut off may deliver, too: what happened is judged, not lost.

    Raises:
        Invalid: ``batch_malformed``, or ``upload_refused``: a row's hash or signature is
            wrong; nothing of the batch is stored.
        Conflict: ``rows_missing``, with the number to go on from; ``chain_forked``: the
            shop showed another past before, and is stopped until people have looked.
    """
    upload = batches.read(content)
    if upload.header.outlet != outlet:
        raise Invalid("upload_refused", cause="another shop's rows")

    def take_in(db: Connection) -> dict[str, Any] | None:
        if _fork(db, outlet, upload, now=now):
            return None
        return _store(db, city, outlet, upload, now=now, delivered_by=delivered_by)

    receipt = run(city.engine, take_in)
    if receipt is None:
        raise Conflict("chain_forked", outlet=outlet)
    return receipt


def verdicts(city: City, outlet: str, after: int, *, now: datetime) -> dict[str, Any]:
    """Return the signed feed of what was said to a shop after a counter, and of its pools as they are."""
    on = moments.business_date(now, ZONE).isoformat()

    def read(db: Connection) -> tuple[list[Verdict], dict[str, Any] | None, Listed, Listed, int]:
        parked = rows.parked(db, outlet)[:_PARKED_SHOWN]
        said = claims.said_after(db, outlet, after)
        notices = budget.notices(db, city, outlet, on=on)
        return said, outlets.find(db, outlet), parked, notices, packs.newest_no(db)

    said, shop, parked, told, newest_pack = run(city.engine, read)
    assert shop is not None
    counter = said[-1].counter if said else after
    feed = {
        "outlet": outlet,
        "standing": shop["status"],
        "counter": counter,
        "verdicts": [asdict(one) for one in said],
        "parked": parked,
        "budget": told,
        "packs": newest_pack,
    }
    return envelopes.wrap(VERDICT_FEED, feed, city.keyring)


def _fork(db: Connection, outlet: str, upload: Upload, *, now: datetime) -> bool:
    shop = outlets.find(db, outlet)
    assert shop is not None
    if shop["status"] == "quarantined":
        return True
    for entry in upload.entries:
        stored = rows.hash_at(db, outlet, entry.seq)
        follows = entry.seq == shop["last_seq"] + 1 and entry.prev_hash != shop["head_hash"]
        if (stored is not None and stored != entry.hash) or follows:
            other = json.dumps(asdict(entry), ensure_ascii=False, sort_keys=True)
            at = moments.text(now)
            outlets.quarantine(
                db, outlet, seq=entry.seq, stored_hash=stored or shop["head_hash"], other_row=other, at=at
            )
            return True
    return False


def _store(
    db: Connection, city: City, outlet: str, upload: Upload, *, now: datetime, delivered_by: str | None
) -> dict[str, Any]:
    shop = outlets.find(db, outlet)
    assert shop is not None
    fresh = [entry for entry in upload.entries if entry.seq > shop["last_seq"]]
    if fresh and fresh[0].seq != shop["last_seq"] + 1:
        raise Conflict("rows_missing", last_seq=shop["last_seq"])
    _must_be_signed(db, outlet, fresh, after_seq=shop["last_seq"], prev_hash=shop["head_hash"])
    for committed, sealed in upload.sealed.items():
        _disclose(db, city, committed, sealed)
    for entry in fresh:
        rows.keep(db, outlet, entry, at=moments.text(now), delivered_by=delivered_by)
        carry_out(db, city, outlet, entry, now=now)
    if fresh:
        traces.keep(db, outlet, fresh)
        outlets.advance(db, outlet, last_seq=fresh[-1].seq, head_hash=fresh[-1].hash)
    return _receipt(db, city, outlet, upload)


def _must_be_signed(
    db: Connection, outlet: str, fresh: list[Entry], *, after_seq: int, prev_hash: str
) -> None:
    keys = outlets.keys(db, outlet)

    def verify(kid: str, message: bytes, signature: bytes) -> bool:
        return any(is_signed(key, message, signature) for known, key in keys if known == kid)

    damage = next(journal.check(fresh, verify=verify, after_seq=after_seq, prev_hash=prev_hash), None)
    if damage is not None:
        raise Invalid("upload_refused", cause=f"{damage.code} at {damage.seq}")


def _disclose(db: Connection, city: City, committed: str, sealed: bytes) -> None:
    # One that cannot be opened leaves its claim without a person, which is judged by itself.
    try:
        identities.disclose(db, city, committed, sealed)
    except Invalid:
        return


def carry_out(db: Connection, city: City, outlet: str, entry: Entry, *, now: datetime) -> None:
    """Carry a stored row out in the caller's transaction; one that cannot be is put aside with its reason."""
    try:
        with db.begin_nested():
            judging.carry_out(db, city, outlet, entry, now=now)
    # A row that says impossible things must neither stop the others nor be lost.
    except (
        SubsidyError,
        DBAPIError,
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
    ) as error:
        if isinstance(error, DBAPIError) and must_run_again(error):
            raise
        why = error.code if isinstance(error, SubsidyError) else f"malformed: {type(error).__name__}"
        rows.park(db, outlet, entry.seq, why=why)


def _receipt(db: Connection, city: City, outlet: str, upload: Upload) -> dict[str, Any]:
    first, last = upload.header.first_seq, upload.header.last_seq
    claimed = {str(entry.body.get("redemption_id")) for entry in upload.entries if entry.kind in _CLAIMS}
    said = [asdict(one) for one in claims.said_on(db, outlet, claimed)]
    body = {
        "outlet": outlet,
        "first_seq": first,
        "last_seq": last,
        "head_hash": upload.header.head_hash,
        "stored": upload.header.count,
        "parked": [one for one in rows.parked(db, outlet) if first <= one["seq"] <= last],
        "verdicts": said,
    }
    return envelopes.wrap(RECEIPT, body, city.keyring)
