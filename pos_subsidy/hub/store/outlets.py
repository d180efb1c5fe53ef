"""Shops, their keys, and how far their journals have come."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, bindparam, insert, select, update

from pos_subsidy.domain.journal import GENESIS_HASH
from pos_subsidy.hub.store.schema import enrolment_code, fork, outlet, outlet_key

_FIND = select(outlet).where(outlet.c.outlet == bindparam("name"))


def find(db: Connection, name: str) -> dict[str, Any] | None:
    found = db.execute(_FIND, {"name": name}).mappings().first()
    return dict(found) if found else None


def add(db: Connection, code: str, *, at: str, **details: str) -> None:
    """Enrol a shop whose journal begins at the beginning."""
    row = {"outlet": code, "status": "active", "enrolled_at": at, "last_seq": 0, "head_hash": GENESIS_HASH}
    db.execute(insert(outlet).values(**row, verdict_counter=0, **details))


def keys(db: Connection, name: str) -> list[tuple[str, Ed25519PublicKey]]:
    """Return (key id, key) of every key of a shop, revoked ones too: they signed old rows."""
    found = db.execute(select(outlet_key.c.kid, outlet_key.c.public_key).where(outlet_key.c.outlet == name))
    return [(kid, Ed25519PublicKey.from_public_bytes(public)) for kid, public in found]


def key_list(db: Connection, name: str) -> list[dict[str, Any]]:
    """Return a shop's keys by id with the days they were added and revoked, the newest first."""
    columns = (outlet_key.c.kid, outlet_key.c.added_at, outlet_key.c.revoked_at)
    chosen = select(*columns).where(outlet_key.c.outlet == name).order_by(outlet_key.c.added_at.desc())
    return [dict(one) for one in db.execute(chosen).mappings()]


def advance(db: Connection, name: str, *, after_seq: int, last_seq: int, head_hash: str) -> bool:
    """Let a shop's journal end later; False if it does not end at ``after_seq`` (any more)."""
    known = (outlet.c.outlet == name) & (outlet.c.last_seq == after_seq)
    done = db.execute(update(outlet).where(known).values(last_seq=last_seq, head_hash=head_hash))
    return done.rowcount == 1


def quarantine(db: Connection, name: str, *, seq: int, stored_hash: str, other_row: str, at: str) -> None:
    """Stop a shop whose journal forked, and keep both sides."""
    row = {"outlet": name, "seq": seq, "stored_hash": stored_hash, "other_row": other_row, "seen_at": at}
    db.execute(insert(fork).values(**row))
    db.execute(update(outlet).where(outlet.c.outlet == name).values(status="quarantined"))


def forks(db: Connection, name: str | None) -> list[dict[str, Any]]:
    """Return the forks of one shop, or of all, oldest first."""
    chosen = select(fork).order_by(fork.c.id)
    if name is not None:
        chosen = chosen.where(fork.c.outlet == name)
    return [dict(one) for one in db.execute(chosen).mappings()]


def set_status(db: Connection, name: str, status: str) -> bool:
    """Suspend or readmit a shop; False if there is none."""
    return db.execute(update(outlet).where(outlet.c.outlet == name).values(status=status)).rowcount == 1


def listing(db: Connection) -> list[dict[str, Any]]:
    return [dict(row) for row in db.execute(select(outlet).order_by(outlet.c.outlet)).mappings()]


def add_code(db: Connection, code_hash: str, *, at: str) -> None:
    db.execute(insert(enrolment_code).values(code_hash=code_hash, made_at=at))


def use_code(db: Connection, code_hash: str, *, by: str, made_since: str) -> bool:
    """Use a one-time code up; False if it is unknown, used, or was made before a moment."""
    done = db.execute(
        update(enrolment_code)
        .where(
            enrolment_code.c.code_hash == code_hash,
            enrolment_code.c.used_by.is_(None),
            enrolment_code.c.made_at >= made_since,
        )
        .values(used_by=by)
    )
    return done.rowcount == 1
