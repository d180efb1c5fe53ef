"""The shops' journal rows as they came, and the identities sealed to the city."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from pos_subsidy.domain.journal import Entry
from pos_subsidy.hub.store import bulk
from pos_subsidy.hub.store.schema import identity, row

_FIELDS = ("seq", "at", "kind", "prev_hash", "hash", "kid", "signature")
_PAGE = 1_000


def keep_all(
    db: Connection,
    outlet: str,
    entries: Sequence[Entry],
    *,
    texts: Mapping[int, bytes],
    at: str,
    delivered_by: str | None = None,
) -> None:
    """Keep rows for ever, and the id of the key they were handed in with.

    ``texts`` are their canonical bodies by number.
    """
    kept = [
        {
            "outlet": outlet,
            "seq": entry.seq,
            "at": entry.at,
            "kind": entry.kind,
            "body": texts[entry.seq].decode(),
            "prev_hash": entry.prev_hash,
            "hash": entry.hash,
            "kid": entry.kid,
            "signature": entry.signature,
            "received_at": at,
            "delivered_by": delivered_by,
        }
        for entry in entries
    ]
    bulk.put(db, row, kept)


def park(db: Connection, outlet: str, seq: int, *, why: str) -> None:
    """Mark a stored row that could not be carried out; people look at it."""
    db.execute(update(row).where(row.c.outlet == outlet, row.c.seq == seq).values(parked=why))


def parked(
    db: Connection, outlet: str, *, first_seq: int = 0, last_seq: int | None = None
) -> list[dict[str, Any]]:
    chosen = select(row.c.seq, row.c.kind, row.c.parked).where(
        row.c.outlet == outlet, row.c.parked.is_not(None), row.c.seq >= first_seq
    )
    if last_seq is not None:
        chosen = chosen.where(row.c.seq <= last_seq)
    found = db.execute(chosen.order_by(row.c.seq))
    return [{"seq": seq, "kind": kind, "why": why} for seq, kind, why in found]


def delivered_by(db: Connection, outlet: str, seq: int) -> str | None:
    """Return the id of the key a row was handed in with; None for rows of earlier releases."""
    chosen = select(row.c.delivered_by).where(row.c.outlet == outlet, row.c.seq == seq)
    return db.execute(chosen).scalar_one_or_none()


def why_parked(db: Connection, outlet: str, seq: int) -> str | None:
    chosen = select(row.c.parked).where(row.c.outlet == outlet, row.c.seq == seq)
    return db.execute(chosen).scalar_one_or_none()


def unpark(db: Connection, outlet: str, seq: int) -> None:
    """Take the mark off a row that is carried out after all."""
    db.execute(update(row).where(row.c.outlet == outlet, row.c.seq == seq).values(parked=None))


def every_parked(db: Connection, outlet: str | None) -> list[dict[str, Any]]:
    """Return the rows that were put aside with their content, of one shop or of all."""
    chosen = select(row).where(row.c.parked.is_not(None)).order_by(row.c.outlet, row.c.seq)
    if outlet is not None:
        chosen = chosen.where(row.c.outlet == outlet)
    names = ("outlet", "seq", "at", "kind", "received_at")
    return [
        {**{name: one[name] for name in names}, "why": one["parked"], "body": json.loads(one["body"])}
        for one in db.execute(chosen).mappings()
    ]


def hash_at(db: Connection, outlet: str, seq: int) -> str | None:
    return db.execute(select(row.c.hash).where(row.c.outlet == outlet, row.c.seq == seq)).scalar_one_or_none()


def hashes(db: Connection, outlet: str, first_seq: int, last_seq: int) -> dict[int, str]:
    """Return the stored hashes of a run of rows, by number."""
    chosen = select(row.c.seq, row.c.hash).where(row.c.outlet == outlet)
    return {seq: found for seq, found in db.execute(chosen.where(row.c.seq.between(first_seq, last_seq)))}


def stored_twice(db: Connection, outlet: str) -> list[int]:
    """Return the numbers under which a shop has more than one row, by number."""
    chosen = select(row.c.seq).where(row.c.outlet == outlet).group_by(row.c.seq)
    return list(db.execute(chosen.having(func.count() > 1).order_by(row.c.seq)).scalars())


def entry_at(db: Connection, outlet: str, seq: int) -> Entry | None:
    found = db.execute(select(row).where(row.c.outlet == outlet, row.c.seq == seq)).mappings().first()
    return as_entry(dict(found)) if found else None


def received_at(db: Connection, outlet: str, seq: int) -> str | None:
    return db.execute(
        select(row.c.received_at).where(row.c.outlet == outlet, row.c.seq == seq)
    ).scalar_one_or_none()


def last_received(db: Connection, outlet: str, *, by: str, before: str) -> int:
    """Return the number of the last of a shop's rows that arrived by one moment and before another, or 0."""
    chosen = select(row.c.seq).where(
        row.c.outlet == outlet, row.c.received_at <= by, row.c.received_at < before
    )
    return int(db.execute(chosen.order_by(row.c.seq.desc()).limit(1)).scalar() or 0)


def sold_offline(db: Connection, outlet: str, *, after_seq: int, before_seq: int) -> tuple[int, int]:
    """Return number and subsidy (fen) of the sales between two rows that no city had answered.

    One whose row says no amount, or one below zero, counts as a sale of nothing.
    """
    bodies = select(row.c.body).where(
        row.c.outlet == outlet,
        row.c.seq > after_seq,
        row.c.seq < before_seq,
        row.c.kind == "redeemed",
        row.c.body.contains('"authorisation":"offline"'),
    )
    told = [json.loads(body).get("subsidy_fen") for body in db.execute(bodies).scalars()]
    return len(told), sum(fen for fen in told if type(fen) is int and fen > 0)


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


def persons_of(db: Connection, commitments: Sequence[str]) -> dict[str, str]:
    """Return the city's keys of the people behind commitments, where they were disclosed."""
    if not commitments:
        return {}
    chosen = select(identity.c.commitment, identity.c.person)
    found = db.execute(chosen.where(bulk.among(db, identity.c.commitment, commitments)))
    return {commitment: person for commitment, person in found}


def keep_identities(db: Connection, found: Mapping[str, tuple[str, bytes]]) -> None:
    """Keep people who were disclosed, by commitment: (person, sealed); one who is known stays as she is."""
    known = persons_of(db, list(found))
    new = [
        {"commitment": commitment, "person": person, "sealed": sealed}
        for commitment, (person, sealed) in found.items()
        if commitment not in known
    ]
    bulk.put(db, identity, new)


def keep_identity(db: Connection, *, commitment: str, person: str, sealed: bytes) -> None:
    if person_of(db, commitment) is None:
        db.execute(insert(identity).values(commitment=commitment, person=person, sealed=sealed))
