"""What the city says of this shop's own keys: their days, and which of them it believes no more."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from pos_subsidy.domain import moments
from pos_subsidy.domain.keys import Keyring, without
from pos_subsidy.protocol.messages import KeyFeed
from pos_subsidy.services.shop import CityLine, Shop
from pos_subsidy.store import settings
from pos_subsidy.store.db import TillDatabase, write_transaction

_FEED, _AT = "key_feed", "key_feed_at"
# So early a shop is told that its key ends.
WARNED_BEFORE = timedelta(days=14)


def fetch(db: TillDatabase, city: CityLine, *, now: datetime) -> int:
    """Fetch the keys' feed and keep it; return its counter.

    Raises:
        Unavailable, Invalid: as the line does; what was known stays.
    """
    feed = city.keys()
    learn(db, feed, now=now)
    return feed.counter


def learn(db: TillDatabase, feed: KeyFeed, *, now: datetime) -> None:
    """Keep what a checked feed says; one older than what is known changes nothing."""
    with write_transaction(db):
        known = _kept(db)
        if known is None or known["counter"] <= feed.counter:
            settings.put(db, _FEED, json.dumps(asdict(feed)))
            settings.put(db, _AT, moments.text(now))


def marked(db: TillDatabase, keyring: Keyring) -> Keyring:
    """Return the keyring in which the keys that the city revoked count as revoked."""
    known = _kept(db) or {"keys": []}
    return without(keyring, {one["kid"] for one in known["keys"] if one["revoked_at"] is not None})


def overview(db: TillDatabase, shop: Shop, *, now: datetime) -> dict[str, Any]:
    """Return this shop's keys: id, days as the city has them, which one signs, and what is the matter.

    ``warning`` is ``key_revoked``, ``key_expired``, ``key_ends_soon``, ``key_unknown_to_city`` or None.
    """
    known = _kept(db)
    told = {one["kid"]: one for one in known["keys"]} if known else {}
    keys = [
        {
            "kid": key.kid,
            "signs": key.kid == shop.keyring.kid,
            "revoked": key.revoked,
            "not_before": told.get(key.kid, {}).get("not_before"),
            "not_after": told.get(key.kid, {}).get("not_after"),
            "revoked_at": told.get(key.kid, {}).get("revoked_at"),
        }
        for key in shop.keyring.known
    ]
    return {
        "keys": keys,
        "counter": known["counter"] if known else None,
        "fetched_at": settings.get(db, _AT),
        "warning": warning(db, shop, now=now),
    }


def warning(db: TillDatabase, shop: Shop, *, now: datetime) -> str | None:
    """Return what is the matter with the key that signs, as ``overview`` says it."""
    known = _kept(db)
    if known is None:
        return None
    return _warning({one["kid"]: one for one in known["keys"]}, shop.keyring.kid, now)


def _warning(told: dict[str, Any], kid: str, now: datetime) -> str | None:
    own = told.get(kid)
    if own is None:
        return "key_unknown_to_city"
    if own["revoked_at"] is not None:
        return "key_revoked"
    if own["not_after"] is None:
        return None
    ends = moments.moment(own["not_after"])
    if ends < now:
        return "key_expired"
    return "key_ends_soon" if ends - now < WARNED_BEFORE else None


def _kept(db: TillDatabase) -> dict[str, Any] | None:
    written = settings.get(db, _FEED)
    return None if written is None else dict(json.loads(written))
