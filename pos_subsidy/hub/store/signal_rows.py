"""Reads what signals look at: claims with their rows, what followed, keyed ties. Writes no verdict."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, insert, select

from pos_subsidy.hub.store.schema import claim, identity, outlet, row
from pos_subsidy.hub.store.schema_signal import identity_tie

_CHUNK = 500
_One = TypeVar("_One")


def claims_since(db: Connection, since: str) -> Iterator[dict[str, Any]]:
    """Yield claims whose row was written at or after a moment: columns, and ``body`` of the row."""
    found = db.execute(
        select(
            claim.c.redemption_id,
            claim.c.outlet,
            claim.c.person,
            claim.c.verdict,
            outlet.c.region,
            row.c.at,
            row.c.received_at,
            row.c.body,
        )
        .join(row, (row.c.outlet == claim.c.outlet) & (row.c.seq == claim.c.seq))
        .join(outlet, outlet.c.outlet == claim.c.outlet)
        .where(row.c.at >= since)
        .order_by(row.c.at, claim.c.outlet, claim.c.seq)
    )
    for one in found.mappings():
        yield {**one, "body": json.loads(one["body"])}


def rows_since(db: Connection, since: str, kinds: Sequence[str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (moment, kind, body) of every shop's rows of some kinds, a shop's own in order."""
    found = db.execute(
        select(row.c.at, row.c.kind, row.c.body)
        .where(row.c.at >= since, row.c.kind.in_(kinds), row.c.parked.is_(None))
        .order_by(row.c.outlet, row.c.seq)
    )
    for at, kind, body in found:
        yield at, kind, json.loads(body)


def untied(db: Connection, commitments: Sequence[str]) -> list[tuple[str, bytes]]:
    """Return (commitment, sealed identity) of those whose ties were not made yet."""
    found: list[tuple[str, bytes]] = []
    for chunk in _chunks(commitments):
        made = select(identity_tie.c.commitment)
        chosen = select(identity.c.commitment, identity.c.sealed).where(
            identity.c.commitment.in_(chunk), identity.c.commitment.not_in(made)
        )
        found += [(commitment, sealed) for commitment, sealed in db.execute(chosen)]
    return found


def tie(db: Connection, made: Sequence[tuple[str, str]]) -> None:
    """Keep what was made of identities; what another look kept meanwhile stays."""
    for chunk in _chunks(made):
        names = [commitment for commitment, _phone in chunk]
        chosen = select(identity_tie.c.commitment).where(identity_tie.c.commitment.in_(names))
        known = set(db.execute(chosen).scalars())
        fresh = [{"commitment": name, "phone": phone} for name, phone in chunk if name not in known]
        if fresh:
            db.execute(insert(identity_tie), fresh)


def phones(db: Connection, commitments: Sequence[str]) -> dict[str, str]:
    """Return the keyed hash of the phone behind each commitment, where there is one."""
    found: dict[str, str] = {}
    for chunk in _chunks(commitments):
        chosen = select(identity_tie.c.commitment, identity_tie.c.phone).where(
            identity_tie.c.commitment.in_(chunk)
        )
        found |= {commitment: phone for commitment, phone in db.execute(chosen) if phone}
    return found


def _chunks(everything: Sequence[_One]) -> Iterator[Sequence[_One]]:
    return (everything[at : at + _CHUNK] for at in range(0, len(everything), _CHUNK))
