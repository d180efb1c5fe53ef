"""The shops' keys: a new one follows the old, a lost one is cut off, every one is shown with its days."""

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Engine

from pos_subsidy.domain import moments
from pos_subsidy.domain.journal import Entry
from pos_subsidy.domain.keys import key_id
from pos_subsidy.errors import Conflict, Invalid, NotFound
from pos_subsidy.hub import live
from pos_subsidy.hub.city import City
from pos_subsidy.hub.judgement import Judgement
from pos_subsidy.hub.store import claims, keys, outlets, rows, units
from pos_subsidy.hub.store.db import read, run
from pos_subsidy.hub.store.keys import Key
from pos_subsidy.protocol import envelopes, http_signatures
from pos_subsidy.protocol.messages import KEY_FEED, NewKey, proof_of_new_key

_REMEMBERED = 4_096  # of those that ask again and again; the rest is looked for


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose a key is, which never changes; whether it is believed is another question."""

    outlet: str
    kid: str
    public: Ed25519PublicKey


class _Unknown(Exception):
    """There is no key with this id, yet."""


class Signers:
    """Finds whose a key is, and looks for each once: a key is never forgotten.

    Of two shops' keys with one id it returns the one it found, which is checked by that key's own bytes.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._find)

    def __call__(self, kid: str) -> Signer | None:
        try:
            return self._remembered(kid)
        except _Unknown:
            return None

    def _find(self, kid: str) -> Signer:
        found = read(self._engine, lambda db: keys.with_id(db, kid))
        if not found:
            raise _Unknown  # and not remembered: it may be added
        return Signer(found[0].outlet, kid, found[0].public)


@dataclass(frozen=True, slots=True)
class CutOff:
    """What a cut-off did: the keys it stopped, and sales since then that were taken in before it."""

    kids: tuple[str, ...]
    since: str
    to_look_at: tuple[dict[str, Any], ...]


def follow(city: City, old: Key, asked: NewKey, *, now: datetime) -> dict[str, Any]:
    """Let a new key of a shop follow the one that signed the request; return the keys' feed.

    Both speak until the overlap is over. Asking again changes nothing.

    Raises:
        Invalid: ``keys_malformed``; ``new_key_unproven``, the new key did not sign; ``clock_differs``.
        Conflict: ``keys_taken``, the key is known already.
    """
    public, proof = _decoded(asked.public_key), _decoded(asked.proof)
    if len(public) != 32:
        raise Invalid("keys_malformed")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(proof, proof_of_new_key(old.outlet, old.kid))
    except InvalidSignature:
        raise Invalid("new_key_unproven") from None
    said = moments.moment(asked.not_before)
    if abs(said - now) > http_signatures.TOLERANCE:
        raise Invalid("clock_differs", at=moments.text(now))
    at, begins = moments.text(now), moments.text(min(now, said))
    ends = moments.text(now + timedelta(days=asked.overlap_days))

    def change(db: Connection) -> None:
        known = keys.of_public(db, public)
        if known:
            if known[0].outlet != old.outlet or known[0].kid == old.kid or known[0].trouble_at(at):
                raise Conflict("keys_taken")
            return
        if any(key.kid == key_id(public) for key in keys.of_outlet(db, old.outlet)):
            raise Conflict("keys_taken")
        keys.add(db, old.outlet, [public], at=at, by=old.kid, not_before=begins)
        if old.not_after is None or ends < old.not_after:
            keys.end(db, old, not_after=ends, at=at, by=key_id(public))

    run(city.engine, change)
    return feed(city, old.outlet)


def feed(city: City, outlet: str) -> dict[str, Any]:
    """Return the signed feed of a shop's keys with their days."""
    told, counter = run(city.engine, lambda db: (keys.of_outlet(db, outlet), keys.counter(db, outlet)))
    said = {"outlet": outlet, "counter": counter, "keys": [_shown(key) for key in told]}
    return envelopes.wrap(KEY_FEED, said, city.keyring)


def cut_off(
    city: City, outlet: str, *, kid: str | None, since: datetime, by: str, why: str, now: datetime
) -> CutOff:
    """Stop a shop's keys, or one of them, from a moment on; what they signed before stays valid.

    Raises:
        NotFound: ``outlet_unknown``, ``key_unknown``.
        Invalid: ``reason_required``; ``cut_off_ahead``, the moment lies ahead.
        Conflict: ``key_revoked``, there is no key left to stop.
    """
    if not why.strip():
        raise Invalid("reason_required")
    if since > now:
        raise Invalid("cut_off_ahead")
    at, from_then = moments.text(now), moments.text(since)

    def stop(db: Connection) -> CutOff:
        if outlets.find(db, outlet) is None:
            raise NotFound("outlet_unknown", outlet=outlet)
        named = [key for key in keys.of_outlet(db, outlet) if kid in (None, key.kid)]
        if not named:
            raise NotFound("key_unknown", kid=kid or "")
        alive = [key for key in named if key.revoked_at is None or from_then < key.revoked_at]
        if not alive:
            raise Conflict("key_revoked", kid=named[0].kid, since=named[0].revoked_at)
        for key in alive:
            keys.revoke(db, key, since=from_then, at=at, by=by, why=why)
        stopped = tuple(key.kid for key in alive)
        return CutOff(stopped, from_then, tuple(claims.signed_since(db, outlet, stopped, from_then)))

    return run(city.engine, stop)


def listing(city: City, *, outlet: str | None, now: datetime) -> list[dict[str, Any]]:
    """Return every key with its days, what it is worth now, and what became of it.

    Raises:
        NotFound: ``outlet_unknown``.
    """
    at = moments.text(now)

    def look(db: Connection) -> list[dict[str, Any]]:
        if outlet is not None and outlets.find(db, outlet) is None:
            raise NotFound("outlet_unknown", outlet=outlet)
        found = keys.every(db) if outlet is None else keys.of_outlet(db, outlet)
        became = {name: keys.changes(db, name) for name in {key.outlet for key in found}}
        return [
            {
                "outlet": key.outlet,
                **_shown(key),
                "state": (key.trouble_at(at) or "key_valid").removeprefix("key_"),
                "changes": [
                    {name: one[name] for name in ("what", "at", "since", "by", "why")}
                    for one in became[key.outlet]
                    if one["kid"] == key.kid
                ],
            }
            for key in found
        ]

    return read(city.engine, look)


def distrusted(db: Connection, outlet: str, entry: Entry, *, now: datetime) -> Judgement | None:
    """Return the judgement of a claim whose key is not to be believed, or None.

    Signed after the cut-off or outside its days: rejected. Signed before by its own clock, but
    handed in by a cut-off key itself: suspended for people, unless the city knew of the sale in
    time; whoever has the till also has its clock.
    """
    signers = [key for key in keys.of_outlet(db, outlet) if key.kid == entry.kid]
    for key in signers:
        if (trouble := key.trouble_at(entry.at)) is not None:
            return Judgement("rejected", trouble, _why(key))
    cut = next((key for key in signers if key.revoked_at is not None), None)
    if cut is None:
        return None
    bearer = rows.delivered_by(db, outlet, entry.seq)
    at = moments.text(now)
    if any(key.kid == bearer and key.trouble_at(at) is None for key in keys.of_outlet(db, outlet)):
        return None
    hold = units.find_hold(db, outlet, str(entry.body.get("hold_id") or ""))
    if hold is not None and hold["asked_at"] < str(cut.revoked_at):
        return None
    return Judgement("suspended", "delivered_after_cut_off", _why(cut))


def disbelief(key: Key, *, now: datetime) -> live.Refusal | None:
    """Return why a key is not believed now, or None."""
    code = key.trouble_at(moments.text(now))
    return None if code is None else live.refusal(code, **_why(key))


def _why(key: Key) -> dict[str, Any]:
    since = key.revoked_at or key.not_after or key.not_before
    return {"kid": key.kid, "since": since}


def _shown(key: Key) -> dict[str, Any]:
    return {
        "kid": key.kid,
        "public_key": base64.b64encode(key.public_key).decode(),
        "not_before": key.not_before or key.added_at,
        "not_after": key.not_after,
        "revoked_at": key.revoked_at,
    }


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise Invalid("keys_malformed") from None
