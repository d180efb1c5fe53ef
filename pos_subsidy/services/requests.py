"""One effect and one answer for a request that may be sent many times."""

import hashlib
import hmac
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from pos_subsidy.errors import Conflict, Invalid
from pos_subsidy.services.shop import Shop
from pos_subsidy.store import requests
from pos_subsidy.store.db import TillDatabase, write_transaction
from pos_subsidy.store.requests import Scope, StoredAnswer

KEPT_DAYS = 7
_KEY = re.compile(r"[A-Za-z0-9._~-]{1,64}")

# A mark of a running request lives in memory, so it dies with its process.
_running: dict[Scope, datetime] = {}
_running_guard = threading.Lock()


def checked_key(key: str | None) -> str:
    """Return the idempotency key.

    Raises:
        Invalid: ``idempotency_key_required`` or ``idempotency_key_invalid``.
    """
    if not key:
        raise Invalid("idempotency_key_required")
    if not _KEY.fullmatch(key):
        raise Invalid("idempotency_key_invalid")
    return key


def body_hash(shop: Shop, body: bytes) -> str:
    """Return the keyed hash by which bodies are compared: they hold ID numbers."""
    return hmac.new(shop.secret, b"request\x1f" + body, hashlib.sha256).hexdigest()


@contextmanager
def running(scope: Scope, *, now: datetime) -> Iterator[None]:
    """Mark a request as running.

    Raises:
        Conflict: ``in_progress``, the first one is not answered yet.
    """
    with _running_guard:
        if scope in _running:
            raise Conflict("in_progress")
        _running[scope] = now
    try:
        yield
    finally:
        with _running_guard:
            _running.pop(scope, None)


def stored(db: TillDatabase, scope: Scope, *, body_hash: str) -> StoredAnswer | None:
    """Return the answer that was given to this very request, or None.

    Raises:
        Conflict: ``idempotency_conflict``, the key was used for another body.
    """
    found = requests.find(db, scope)
    if found is not None and not hmac.compare_digest(found.body_hash, body_hash):
        raise Conflict("idempotency_conflict")
    return found


def keep(
    db: TillDatabase,
    scope: Scope,
    *,
    body_hash: str,
    status: int,
    content_type: str,
    answer: bytes,
    now: datetime,
) -> None:
    """Store an answer, in the caller's transaction where there is one."""
    with write_transaction(db):
        requests.keep(
            db, scope, body_hash=body_hash, status=status, content_type=content_type, answer=answer, now=now
        )


def what_became_of(
    db: TillDatabase, caller: str, key: str
) -> tuple[list[Scope], list[tuple[Scope, StoredAnswer]]]:
    """Return a caller's running and answered requests with this key."""
    with _running_guard:
        now_running = [scope for scope in _running if (scope.caller, scope.key) == (caller, key)]
    return now_running, requests.with_key(db, caller, key)


def forget_old(db: TillDatabase, *, now: datetime) -> int:
    """Delete answers that are older than they must be kept."""
    with write_transaction(db):
        return requests.forget_before(db, now - timedelta(days=KEPT_DAYS))
