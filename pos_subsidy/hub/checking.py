"""Looks at a batch before it waits for its turn at the database: what of it never changes.

Signatures, links, seals and amounts cost most of the time a batch takes, and need nobody's turn.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection

from pos_subsidy.domain import journal
from pos_subsidy.domain.journal import Damage, Entry
from pos_subsidy.errors import Invalid
from pos_subsidy.hub import drafting, identities
from pos_subsidy.hub.city import City
from pos_subsidy.hub.drafting import Draft
from pos_subsidy.hub.store import outlets, rows
from pos_subsidy.hub.store.db import read
from pos_subsidy.protocol import signatures
from pos_subsidy.protocol.batches import Upload


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong with rows, who the people of their claims are, what claims come to.

    ``persons`` are those the city knew and those whose seals were ``opened``, by commitment; once known
    a person never changes.
    """

    damage: tuple[Damage, ...]
    persons: Mapping[str, str]
    opened: frozenset[str]
    texts: Mapping[int, bytes]  # canonical bodies by number; none of a body that has no such form
    drafted: Mapping[int, Draft]
    said_after: int  # what was said before is of other rows

    def unsigned(self, seq: int) -> str | None:
        """Return why a row is not one that the shop signed, or None."""
        codes = (one.code for one in self.damage if one.seq == seq)
        return next((code for code in codes if code in ("entry_changed", "signature_bad")), None)


def check(city: City, outlet: str, upload: Upload, *, now: datetime) -> Checked:
    """Return what is wrong with rows, and of those that are new whom they name and what they come to."""

    def look(db: Connection) -> tuple[dict[str, Any], list[tuple[str, Ed25519PublicKey]]]:
        shop = outlets.find(db, outlet)
        assert shop is not None
        return shop, outlets.keys(db, outlet)

    shop, keys = read(city.engine, look)
    last_seq = shop["last_seq"]
    fresh = [entry for entry in upload.entries if entry.seq > last_seq]
    drafted = drafting.drafts(city, fresh, now=now)
    told = {one.entry.body["commitment"] for one in drafted.values()}.union(upload.sealed)
    # A shop may seal under whatever name; what is no hexadecimal is nobody's.
    asked = [one for one in told if one.isascii()]
    known = read(city.engine, lambda db: rows.persons_of(db, asked))
    before = upload.entries[0] if upload.entries else None
    texts = _texts(fresh)
    # Rows that are known are looked at again: one that differs is a fork only if the shop signed it, and
    # whether two pasts are one is told from their ends where no link between is broken.
    damage = journal.check(
        upload.entries,
        verify=signatures.verifier(keys),
        after_seq=before.seq - 1 if before else 0,
        prev_hash=before.prev_hash if before else "",
        texts=texts,
    )
    opened = {}
    for committed, sealed in upload.sealed.items():
        if committed not in known:
            # One that cannot be opened leaves its claim without a person, which is judged by itself.
            with suppress(Invalid):
                opened[committed] = identities.opened(city, committed, sealed)
    # Rows that came before may have been spoken of before.
    said_after = shop["verdict_counter"] if upload.header.first_seq > last_seq else 0
    persons = {**known, **opened}
    return Checked(tuple(damage), persons, frozenset(opened), texts, drafted, said_after)


def _texts(entries: Iterable[Entry]) -> dict[int, bytes]:
    texts = {}
    for entry in entries:
        with suppress(ValueError):
            texts[entry.seq] = journal.canonical(entry.body)
    return texts
