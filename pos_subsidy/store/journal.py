"""All SQL about the journal. To append an entry is to change the state: one act, one place."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from pos_subsidy.domain import journal, moments
from pos_subsidy.domain.journal import Body, Entry, Sign
from pos_subsidy.store import state
from pos_subsidy.store.db import TillDatabase, insert, row, rows, write_transaction

_COLUMNS = "seq, at, kind, body, prev_hash, hash, kid, signature"


def append(db: TillDatabase, kind: str, body: Body, *, at: datetime, sign: Sign) -> Entry:
    """Write one entry and apply it to the state, in the caller's transaction.

    A clock that went back does not take the journal with it: ``at`` is never before the
    entry before.

    Raises:
        Conflict: the state is not the one this entry needs.
    """
    with write_transaction(db):
        last = head(db)
        entry = journal.link(
            seq=last.seq + 1 if last else 1,
            at=max(moments.text(at), last.at) if last else moments.text(at),
            kind=kind,
            body=body,
            prev_hash=last.hash if last else journal.GENESIS_HASH,
            sign=sign,
        )
        write(db, entry)
    return entry


def write(db: Database, entry: Entry) -> None:
    """Insert an entry as it is and apply it (appending, and rebuilding)."""
    insert(
        db,
        "journal",
        {
            "seq": entry.seq,
            "at": entry.at,
            "kind": entry.kind,
            "body": journal.canonical(entry.body).decode(),
            "prev_hash": entry.prev_hash,
            "hash": entry.hash,
            "kid": entry.kid,
            "signature": entry.signature,
        },
    )
    state.apply(db, entry)


def head(db: Database) -> Entry | None:
    """Return the last entry, or None."""
    found = row(db, f"SELECT {_COLUMNS} FROM journal ORDER BY seq DESC LIMIT 1")
    return _entry(found) if found else None


def settled_now(db: Database, now: datetime) -> datetime:
    """Return ``now``, or the moment of the last entry if the clock has gone back behind it."""
    last = row(db, "SELECT at FROM journal ORDER BY seq DESC LIMIT 1")
    return max(now, moments.moment(last["at"])) if last else now


def entries(db: Database, *, after_seq: int = 0, limit: int = -1) -> Iterator[Entry]:
    """Yield entries in order."""
    cursor = db.execute(
        f"SELECT {_COLUMNS} FROM journal WHERE seq > ? ORDER BY seq LIMIT ?", [after_seq, limit]
    )
    names = [column[0] for column in cursor.description]
    for values in cursor:
        yield _entry(dict(zip(names, values, strict=True)))


def entry_at(db: Database, seq: int) -> Entry | None:
    found = row(db, f"SELECT {_COLUMNS} FROM journal WHERE seq = ?", [seq])
    return _entry(found) if found else None


def count(db: Database) -> int:
    return db.execute("SELECT count(*) FROM journal").fetchone()[0]


def rebuild_into(
    db: Database, empty: TillDatabase, *, progress: Callable[[int], None] = lambda _: None
) -> list[str]:
    """Replay every entry into an empty file and name the state tables that differ."""
    with write_transaction(empty):
        for entry in entries(db):
            write(empty, entry)
            progress(entry.seq)
    return [table for table in state.TABLES if _content(db, table) != _content(empty, table)]


def _content(db: Database, table: str) -> list[str]:
    return sorted(json.dumps(found, sort_keys=True) for found in rows(db, f"SELECT * FROM {table}"))


def _entry(found: dict) -> Entry:
    return Entry(**{**found, "body": json.loads(found["body"])})


@dataclass(frozen=True, slots=True)
class Deed:
    """One entry as the audit log shows it."""

    seq: int
    at: str
    kind: str
    who: str
    approved_by: str
    till: str
    number: str
    detail: str


# Only these of a body: no person's key, no reason typed by hand, no serial number.
_DEEDS = """
SELECT seq, at, kind,
       coalesce(nullif(body ->> '$.cashier', ''), body ->> '$.by', '') AS who,
       coalesce(body ->> '$.approved_by', '') AS approved_by,
       coalesce(body ->> '$.till', '') AS till,
       coalesce(body ->> '$.order_no', body ->> '$.voucher', body ->> '$.redemption_id',
                body ->> '$.claim_id', body ->> '$.hold_id', body ->> '$.batch_id', body ->> '$.account',
                body ->> '$.key_id', '') AS number,
       trim(coalesce(body ->> '$.what', body ->> '$.verdict', '') || ' ' || coalesce(body ->> '$.role', ''))
           AS detail
FROM journal
"""


def deeds(db: Database, *, begins: str, ends: str, person: str, before: int | None, limit: int) -> list[Deed]:
    """Return entries as the audit log shows them, newest first; empty or None asks for all."""
    found = rows(
        db,
        f"SELECT * FROM ({_DEEDS}) WHERE (:begins = '' OR at >= :begins) AND (:ends = '' OR at < :ends)"
        " AND (:person = '' OR who = :person OR approved_by = :person)"
        " AND (:before IS NULL OR seq < :before) ORDER BY seq DESC LIMIT :limit",
        {"begins": begins, "ends": ends, "person": person, "before": before, "limit": limit},
    )
    return [Deed(**one) for one in found]
