"""The shops' journal rows as they came, and the identities sealed to the city."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, insert, select, update

from pos_subsidy.domain.journal import Entry, canonical
from pos_subsidy.hub.store.schema import identity, row

_FIELDS = ("seq", "at", "kind", "prev_hash", "hash", "kid", "signature")
_PAGE = 1_000


def keep(db: Connection, outlet: str, entry: Entry, *, at: str) -> None:
    """Keep a row for ever."""
    db.execute(
        insert(row).values(
            outlet=outlet,
            seq=entry.seq,
            at=entry.at,
            kind=entry.kind,
            body=canonical(entry.body).decode(),
            prev_hash=entry.prev_hash,
            hash=entry.hash,
            kid=entry.kid,
            signature=entry.signature,
            received_at=at,
        )
    )


def park(db: Connection, outlet: str, seq: int, *, why: str) -> None:
    """Mark a stored row that could not be carried out; people look at it."""
    db.execute(update(row).where(row.c.outlet == outlet, row.c.seq == seq).values(parked=why))


def parked(db: Connection, outlet: str) -> list[dict[str, Any]]:
    found = db.execute(
        select(row.c.seq, row.c.kind, row.c.parked)
        .where(row.c.outlet == outlet, row.c.parked.is_not(None))
        .order_by(row.c.seq)
    )
    return [{"seq": seq, "kind": kind, "why": why} for seq, kind, why in found]


def hash_at(db: Connection, outlet: str, seq: int) -> str | None:
    return db.execute(select(row.c.hash).where(row.c.outlet == outlet, row.c.seq == seq)).scalar_one_or_none()


def entry_at(db: Connection, outlet: str, seq: int) -> Entry | None:
    found = db.execute(select(row).where(row.c.outlet == outlet, row.c.seq == seq)).mappings().first()
    return as_entry(dict(found)) if found else None


def received_at(db: Connection, outlet: str, seq: int) -> str | None:
    return db.execute(
        select(row.c.received_at).where(row.c.outlet == outlet, row.c.seq == seq)
    ).scalar_one_or_none()


def entries(db: Connection, outlet: str) -> Iterator[Entry]:
    """Yield a shop's rows in order, a page of them in memory at a time."""
    after = 0
    while found := [
        dict(one)
        for one in db.execute(
            select(row).where(row.c.outlet == outlet, row.c.seq > after).order_by(row.c.seq).limit(_PAGE)
        ).mappings()
    ]:
        yield from map(as_entry, found)
        after = found[-1]["seq"]


def as_entry(found: Mapping[str, Any]) -> Entry:
    """Return the entry that a stored row is."""
    return Entry(**{name: found[name] for name in _FIELDS}, body=json.loads(found["body"]))


def person_of(db: Connection, commitment: str) -> str | None:
    """Return the city's key of the person behind a commitment, if she was disclosed."""
    return db.execute(
        select(identity.c.person).where(identity.c.commitment == commitment)
    ).scalar_one_or_none()


def keep_identity(db: Connection, *, commitment: str, person: str, sealed: bytes) -> None:
    if person_of(db, commitment) is None:
        db.execute(insert(identity).values(commitment=commitment, person=person, sealed=sealed))
