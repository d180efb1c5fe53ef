"""The city's blocklist: entered with a reason and days, taken back by another entry, never changed."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import block, moments
from pos_subsidy.errors import Conflict, Invalid, NotFound
from pos_subsidy.hub import office_log
from pos_subsidy.hub.city import ZONE, City
from pos_subsidy.hub.office_log import By
from pos_subsidy.hub.store import blocks as store
from pos_subsidy.hub.store import outlets
from pos_subsidy.hub.store.db import read, run
from pos_subsidy.protocol import envelopes
from pos_subsidy.protocol.messages import BLOCK_FEED

PAGE = 500
LISTED = 100


@dataclass(frozen=True, slots=True)
class Overview:
    """Entries, the newest first; ``before`` is where the next part begins, if there is one."""

    entries: list[dict[str, Any]]
    before: int | None
    newest: int


def enter(
    city: City,
    kind: str,
    number: str,
    *,
    reason: str,
    since: date,
    until: date | None = None,
    note: str,
    by: By,
    now: datetime,
) -> int:
    """Block a thing from a day on and return the entry's number. The note stays in the office.

    Raises:
        Invalid: ``block_kind_unknown``, ``block_reason_unknown``, ``block_days_invalid``,
            ``office_reason_required``, or the number is none of its kind.
        NotFound: ``outlet_unknown``.
        Conflict: ``blocked_already``, an entry that counts on ``since`` has no end.
    """
    number, note = block.checked(kind, number), office_log.reason(note)
    if reason not in block.REASONS[kind]:
        raise Invalid("block_reason_unknown", reason=reason[:20], known=", ".join(block.REASONS[kind]))
    if until is not None and until < since:
        raise Invalid("block_days_invalid", from_day=since.isoformat(), last_day=until.isoformat())

    def keep(db: Connection) -> int:
        if kind == block.OUTLET and outlets.find(db, number) is None:
            raise NotFound("outlet_unknown", outlet=number[:40])
        known = store.entries_of(db, [(kind, number)]).get((kind, number), ())
        standing = block.in_force(known, since)
        if standing is not None and standing.until is None:
            raise Conflict("blocked_already", number=number, block_no=standing.block_no)
        about = {"kind": kind, "number": number, "reason": reason, "lifts": None, "note": note}
        days = {"since": since.isoformat(), "until": until.isoformat() if until else None}
        return _add(db, "block_entered", by, now, **about, **days)

    return run(city.engine, keep)


def lift(city: City, block_no: int, *, note: str, by: By, now: datetime) -> int:
    """Take an entry back from today on, and return the number of the entry that does.

    Raises:
        NotFound: ``block_unknown``.
        Invalid: ``office_reason_required``.
        Conflict: ``block_lifted_already``.
    """
    note, today = office_log.reason(note), moments.business_date(now, ZONE)

    def keep(db: Connection) -> int:
        found = store.find(db, block_no)
        if found is None or found["lifts"] is not None:
            raise NotFound("block_unknown", block_no=block_no)
        if (before := store.lifted_by(db, block_no)) is not None:
            raise Conflict("block_lifted_already", block_no=block_no, lifted_by=before)
        about = {name: found[name] for name in ("kind", "number", "reason")}
        days = {"since": today.isoformat(), "until": None, "lifts": block_no, "note": note}
        return _add(db, "block_lifted", by, now, **about, **days)

    return run(city.engine, keep)


def overview(city: City, *, wanted: str = "", before: int | None = None) -> Overview:
    """Return entries, the newest first; of one number if asked for."""

    def look(db: Connection) -> Overview:
        found = store.listing(db, wanted=wanted, before=before, limit=LISTED + 1)
        more = found[LISTED - 1]["block_no"] if len(found) > LISTED else None
        return Overview(found[:LISTED], more, store.newest_no(db))

    return read(city.engine, look)


def feed(city: City, outlet: str, after: int) -> dict[str, Any]:
    """Return the signed page of entries after a number that concern a shop, and how far it was looked."""

    def page(db: Connection) -> tuple[int, int, list[dict[str, Any]]]:
        shop = outlets.find(db, outlet)
        assert shop is not None, "its key signed the request"
        upto, told = store.after(db, after, outlet=outlet, uscc=shop["merchant_uscc"], limit=PAGE)
        return store.newest_no(db), upto, told

    newest, upto, told = read(city.engine, page)
    said = {"outlet": outlet, "after": after, "upto": upto, "newest": newest, "blocks": told}
    return envelopes.wrap(BLOCK_FEED, said, city.keyring)


def _add(db: Connection, what: str, by: By, now: datetime, **entry: Any) -> int:
    who = {"entered_by": by.username, "entered_at": moments.text(now)}
    block_no = store.add(db, **entry, **who)
    # Which piece it is stands in the list; the log is read by more people.
    office_log.note(db, by, what, about=f"#{block_no}", now=now, note=f"{entry['kind']}: {entry['note']}")
    return block_no
