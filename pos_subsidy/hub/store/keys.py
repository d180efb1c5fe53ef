"""The shops' keys with their days. A key is never forgotten: what it signed must verify for ever."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, bindparam, func, insert, select, update

from pos_subsidy.domain.keys import key_id
from pos_subsidy.hub.store.schema import outlet_key
from pos_subsidy.hub.store.schema_keys import key_change


@lru_cache(maxsize=4096)
def _public(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(raw)


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a shop. It speaks from ``not_before`` to ``not_after``; moments are UTC text."""

    outlet: str
    kid: str
    public_key: bytes
    added_at: str
    not_before: str | None
    not_after: str | None
    revoked_at: str | None

    @property
    def public(self) -> Ed25519PublicKey:
        return _public(self.public_key)

    def trouble_at(self, at: str) -> str | None:
        """Return why this key is not believed at a moment: its code, or None."""
        if self.revoked_at is not None and at >= self.revoked_at:
            return "key_revoked"
        if self.not_before is not None and at < self.not_before:
            return "key_not_yet_valid"
        if self.not_after is not None and at > self.not_after:
            return "key_expired"
        return None


COLUMNS = tuple(outlet_key.c[name] for name in Key.__dataclass_fields__)  # a Key is made of them, in order
_IN_ORDER = select(*COLUMNS).order_by(outlet_key.c.outlet, outlet_key.c.added_at, outlet_key.c.kid)
_WITH_ID = _IN_ORDER.where(outlet_key.c.kid == bindparam("id"))


def of_outlet(db: Connection, outlet: str) -> list[Key]:
    """Return every key of a shop, oldest first, dead ones too."""
    return _found(db, outlet_key.c.outlet == outlet)


def every(db: Connection) -> list[Key]:
    """Return every key of every shop."""
    return _found(db)


def with_id(db: Connection, kid: str) -> list[Key]:
    """Return the keys with an id; two shops' keys may share one."""
    return [Key(*one) for one in db.execute(_WITH_ID, {"id": kid})]


def of_public(db: Connection, public: bytes) -> list[Key]:
    """Return the keys with this public part; one at most."""
    return _found(db, outlet_key.c.public_key == public)


def add(
    db: Connection, outlet: str, publics: Sequence[bytes], *, at: str, by: str, not_before: str | None = None
) -> None:
    """Add the keys a shop does not have yet; ``by`` says who vouched."""
    known = {key.kid for key in of_outlet(db, outlet)}
    for public in dict.fromkeys(publics):
        kid = key_id(public)
        if kid not in known:
            row = {"kid": kid, "outlet": outlet, "public_key": public, "added_at": at}
            db.execute(insert(outlet_key).values(**row, not_before=not_before))
            _note(db, outlet, kid=kid, what="added", at=at, by=by)


def end(db: Connection, key: Key, *, not_after: str, at: str, by: str) -> None:
    """Let a key speak until a moment and no longer."""
    _set(db, key, not_after=not_after)
    _note(db, key.outlet, kid=key.kid, what="ends", at=at, since=not_after, by=by)


def revoke(db: Connection, key: Key, *, since: str, at: str, by: str, why: str) -> None:
    """Believe nothing a key signs from a moment on."""
    _set(db, key, revoked_at=since)
    _note(db, key.outlet, kid=key.kid, what="revoked", at=at, since=since, by=by, why=why)


def changes(db: Connection, outlet: str) -> list[dict[str, Any]]:
    """Return what became of a shop's keys, in order."""
    chosen = select(key_change).where(key_change.c.outlet == outlet).order_by(key_change.c.counter)
    return [dict(one) for one in db.execute(chosen).mappings()]


def counter(db: Connection, outlet: str) -> int:
    """Return the number of the newest change; 0 where nothing changed since there are numbers."""
    chosen = select(func.max(key_change.c.counter)).where(key_change.c.outlet == outlet)
    return int(db.execute(chosen).scalar_one() or 0)


def _found(db: Connection, *conditions: Any) -> list[Key]:
    return [Key(*one) for one in db.execute(_IN_ORDER.where(*conditions))]


def _set(db: Connection, key: Key, **values: str) -> None:
    db.execute(
        update(outlet_key)
        .where(outlet_key.c.outlet == key.outlet, outlet_key.c.kid == key.kid)
        .values(**values)
    )


def _note(db: Connection, outlet: str, **values: Any) -> None:
    db.execute(insert(key_change).values(outlet=outlet, counter=counter(db, outlet) + 1, **values))
