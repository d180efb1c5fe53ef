"""What stands between a shop and the city: journals that forked, rows that were put aside."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import journal
from pos_subsidy.domain.journal import Entry
from pos_subsidy.domain.keys import is_signed
from pos_subsidy.errors import Conflict, NotFound
from pos_subsidy.hub import ingest
from pos_subsidy.hub.city import City
from pos_subsidy.hub.store import outlets, rows
from pos_subsidy.hub.store.db import read, run


def forks(city: City, *, outlet: str | None = None) -> list[dict[str, Any]]:
    """Return every fork with both sides: what the shop signed first, and what it showed later.

    ``differs`` names the fields; ``signed`` says of each side whether a key of the shop made it.
    Where a row only does not follow on the last one, the last one is the stored side.
    """

    def look(db: Connection) -> list[dict[str, Any]]:
        return [_both_sides(db, one) for one in outlets.forks(db, outlet)]

    return read(city.engine, look)


def parked(city: City, *, outlet: str | None = None) -> list[dict[str, Any]]:
    """Return every row that was put aside, with its reason and its content."""
    return read(city.engine, lambda db: rows.every_parked(db, outlet))


def try_again(city: City, outlet: str, seq: int, *, now: datetime) -> None:
    """Carry out a row that was put aside, after what stood in its way was mended.

    Raises:
        NotFound: ``row_not_parked``.
        Conflict: ``row_still_parked``, with the reason it has now.
    """

    def carry_out(db: Connection) -> str | None:
        if rows.why_parked(db, outlet, seq) is None:
            raise NotFound("row_not_parked", outlet=outlet, seq=seq)
        entry = rows.entry_at(db, outlet, seq)
        assert entry is not None
        rows.unpark(db, outlet, seq)
        ingest.carry_out(db, city, outlet, entry, now=now)
        return rows.why_parked(db, outlet, seq)

    if (why := run(city.engine, carry_out)) is not None:
        raise Conflict("row_still_parked", outlet=outlet, seq=seq, why=why)


def _both_sides(db: Connection, fork: Mapping[str, Any]) -> dict[str, Any]:
    # One that only does not follow on the last row has nobody at its own number yet.
    stored = rows.entry_at(db, fork["outlet"], fork["seq"]) or rows.entry_at(
        db, fork["outlet"], fork["seq"] - 1
    )
    other = Entry(**json.loads(fork["other_row"]))
    sides: list[dict[str, Any] | None] = [asdict(one) if one else None for one in (stored, other)]
    first, second = sides
    differs = sorted(name for name in first if first[name] != second[name]) if first and second else []
    return {
        "outlet": fork["outlet"],
        "seq": fork["seq"],
        "seen_at": fork["seen_at"],
        "stored_hash": fork["stored_hash"],
        "stored": first,
        "shown": second,
        "differs": differs,
        "signed": [one is not None and _is_signed(db, fork["outlet"], one) for one in (stored, other)],
    }


def _is_signed(db: Connection, outlet: str, entry: Entry) -> bool:
    known = outlets.keys(db, outlet)

    def verify(kid: str, message: bytes, signature: bytes) -> bool:
        return any(is_signed(key, message, signature) for its_id, key in known if its_id == kid)

    check = journal.check([entry], verify=verify, after_seq=entry.seq - 1, prev_hash=entry.prev_hash)
    return next(check, None) is None
