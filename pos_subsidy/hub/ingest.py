"""Takes a shop's journal in: every row once, in order, signed; and answers with a receipt."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from pos_subsidy.domain import moments
from pos_subsidy.domain.journal import Entry
from pos_subsidy.errors import Conflict, Invalid, SubsidyError
from pos_subsidy.hub import budget, checking, evidence_files, judging, plainly
from pos_subsidy.hub.checking import Checked
from pos_subsidy.hub.city import ZONE, City
from pos_subsidy.hub.store import (
    blocks,
    catalogue,
    claims,
    evidence,
    lines,
    monthly,
    outlets,
    packs,
    rows,
    traces,
)
from pos_subsidy.hub.store.db import must_run_again, read, run, write_back
from pos_subsidy.hub.store.lines import Line
from pos_subsidy.protocol import batches, envelopes
from pos_subsidy.protocol.batches import Upload
from pos_subsidy.protocol.messages import RECEIPT, VERDICT_FEED, Verdict

Listed = list[dict[str, Any]]
_CLAIMS = ("redeemed", "claim_submitted")
_PARKED_SHOWN = 200
_VERDICT = tuple(one.name for one in fields(Verdict))
_values = attrgetter(*_VERDICT)


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

    monthly.look_after(city.engine, now.date())
    # What needs no database, or what of it never changes, is done before anybody waits for it.
    checked = checking.check(city, outlet, upload, now=now)

    def take_in(db: Connection, until: int) -> bool:
        if _fork(db, outlet, upload, checked, now=now):
            return False
        _store(db, city, upload, checked, until=until, now=now, delivered_by=delivered_by)
        return True

    for until in lines.turns(city.engine, upload.header.first_seq, upload.header.last_seq):
        if not run(city.engine, partial(take_in, until=until), line=Line.INTAKE):
            raise Conflict("chain_forked", outlet=outlet)
    write_back(city.engine)
    return read(city.engine, lambda db: _receipt(db, city, outlet, upload, said_after=checked.said_after))


def verdicts(city: City, outlet: str, after: int, *, now: datetime) -> dict[str, Any]:
    """Return the signed feed of what was said to a shop after a counter, and of its pools as they are."""
    on = moments.business_date(now, ZONE).isoformat()

    def look(
        db: Connection,
    ) -> tuple[list[Verdict], dict[str, Any] | None, Listed, Listed, dict[str, int], list[str]]:
        parked = rows.parked(db, outlet)[:_PARKED_SHOWN]
        said = claims.said_after(db, outlet, after)
        notices = budget.notices(db, city, outlet, on=on)
        files = evidence_files.wanted(db, city, outlet)
        newest = {
            "packs": packs.newest_no(db),
            "filings": catalogue.newest_no(db),
            "blocks": blocks.newest_no(db),
        }
        return said, outlets.find(db, outlet), parked, notices, newest, files

    said, shop, parked, told, newest, files = read(city.engine, look)
    assert shop is not None
    counter = said[-1].counter if said else after
    feed = {
        "outlet": outlet,
        "standing": shop["status"],
        "counter": counter,
        "verdicts": [_told(one) for one in said],
        "parked": parked,
        "budget": told,
        "evidence": files,
        **newest,
    }
    return envelopes.wrap(VERDICT_FEED, feed, city.keyring)


def _fork(db: Connection, outlet: str, upload: Upload, checked: Checked, *, now: datetime) -> bool:
    shop = outlets.find(db, outlet)
    assert shop is not None
    if shop["status"] == "quarantined":
        return True
    is_new = upload.header.first_seq > shop["last_seq"] or _ends_alike(upload, checked, shop)
    known = {} if is_new else rows.hashes(db, outlet, upload.header.first_seq, upload.header.last_seq)
    for entry in upload.entries:
        stored = known.get(entry.seq)
        follows = entry.seq == shop["last_seq"] + 1 and entry.prev_hash != shop["head_hash"]
        if (stored is not None and stored != entry.hash) or follows:
            # Another past is proved by the shop's own signature; anybody could write the rest.
            if (damage := checked.unsigned(entry.seq)) is not None:
                raise Invalid("upload_refused", cause=f"{damage} at {entry.seq}")
            other = json.dumps(asdict(entry), ensure_ascii=False, sort_keys=True)
            at = moments.text(now)
            outlets.quarantine(
                db, outlet, seq=entry.seq, stored_hash=stored or shop["head_hash"], other_row=other, at=at
            )
            return True
    return False


def _ends_alike(upload: Upload, checked: Checked, shop: Mapping[str, Any]) -> bool:
    # Of two unbroken chains with one hash at one place all before it is one, too.
    ends = (entry.hash for entry in upload.entries if entry.seq == shop["last_seq"])
    return not checked.damage and next(ends, None) == shop["head_hash"]


def _store(
    db: Connection,
    city: City,
    upload: Upload,
    checked: Checked,
    *,
    until: int,
    now: datetime,
    delivered_by: str | None,
) -> None:
    outlet = upload.header.outlet
    shop = outlets.find(db, outlet)
    assert shop is not None
    fresh = [entry for entry in upload.entries if shop["last_seq"] < entry.seq <= until]
    if fresh and fresh[0].seq != shop["last_seq"] + 1:
        raise Conflict("rows_missing", last_seq=shop["last_seq"])
    damage = next((one for one in checked.damage if one.seq > shop["last_seq"]), None)
    if damage is not None:
        raise Invalid("upload_refused", cause=f"{damage.code} at {damage.seq}")
    opened = {one: (checked.persons[one], upload.sealed[one]) for one in checked.opened}
    rows.keep_identities(db, opened)
    at = moments.text(now)
    rows.keep_all(db, outlet, fresh, texts=checked.texts, at=at, delivered_by=delivered_by)
    evidence.keep_names(db, outlet, fresh, at=at)
    for entries in plainly.runs(fresh):
        _carry_out_run(db, city, outlet, entries, checked, now=now)
    traces.keep(db, outlet, fresh)
    if fresh and not outlets.advance(
        db, outlet, after_seq=shop["last_seq"], last_seq=fresh[-1].seq, head_hash=fresh[-1].hash
    ):
        raise Conflict("rows_missing", last_seq=shop["last_seq"])


def _carry_out_run(
    db: Connection,
    city: City,
    outlet: str,
    entries: list[Entry],
    checked: Checked,
    *,
    now: datetime,
) -> None:
    sight = plainly.Sight(db, outlet, entries, checked.drafted, checked.persons)
    waiting: list[plainly.Plain] = []
    for entry in entries:
        plain = sight.plain(entry)
        if plain is not None:
            waiting.append(plain)
        elif judging.is_act(entry.kind):
            _book(db, city, sight, outlet, waiting, now=now)
            waiting = []
            carry_out(db, city, outlet, entry, now=now)
    _book(db, city, sight, outlet, waiting, now=now)


def _book(
    db: Connection,
    city: City,
    sight: plainly.Sight,
    outlet: str,
    waiting: list[plainly.Plain],
    *,
    now: datetime,
) -> None:
    if not waiting:
        return
    try:
        with db.begin_nested():
            plainly.book(db, sight, outlet, waiting, now=now)
    except DBAPIError as error:
        if must_run_again(error):
            raise
        # One of them is what the database does not take; which one is found by looking at each.
        for one in waiting:
            carry_out(db, city, outlet, one.entry, now=now)


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


def _receipt(db: Connection, city: City, outlet: str, upload: Upload, *, said_after: int) -> dict[str, Any]:
    first, last = upload.header.first_seq, upload.header.last_seq
    claimed = {str(entry.body.get("redemption_id")) for entry in upload.entries if entry.kind in _CLAIMS}
    said = [_told(one) for one in claims.said_on(db, outlet, claimed, after=said_after)]
    body = {
        "outlet": outlet,
        "first_seq": first,
        "last_seq": last,
        "head_hash": upload.header.head_hash,
        "stored": upload.header.count,
        "parked": rows.parked(db, outlet, first_seq=first, last_seq=last),
        "verdicts": said,
    }
    return envelopes.wrap(RECEIPT, body, city.keyring)


def _told(said: Verdict) -> dict[str, Any]:
    return dict(zip(_VERDICT, _values(said), strict=True))
