"""Stored answers, so that a repeated request has one effect and one answer."""

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from pos_subsidy.domain import moments
from pos_subsidy.store.db import insert, row, rows


@dataclass(frozen=True, slots=True)
class Scope:
    """What an idempotency key belongs to: caller, method and path."""

    caller: str
    method: str
    path: str
    key: str


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer as it was sent, byte for byte."""

    body_hash: str
    status: int
    content_type: str
    answer: bytes
    answered_at: str


def find(db: Database, scope: Scope) -> StoredAnswer | None:
    found = row(
        db,
        "SELECT body_hash, status, content_type, answer, answered_at FROM request"
        " WHERE caller = ? AND method = ? AND path = ? AND key = ?",
        [scope.caller, scope.method, scope.path, scope.key],
    )
    return StoredAnswer(**found) if found else None


def keep(
    db: Database,
    scope: Scope,
    *,
    body_hash: str,
    status: int,
    content_type: str,
    answer: bytes,
    now: datetime,
) -> None:
    """Store an answer; a second one for the same scope is a bug and fails."""
    insert(
        db,
        "request",
        {
            "caller": scope.caller,
            "method": scope.method,
            "path": scope.path,
            "key": scope.key,
            "body_hash": body_hash,
            "status": status,
            "content_type": content_type,
            "answer": answer,
            "answered_at": moments.text(now),
        },
    )


def with_key(db: Database, caller: str, key: str) -> list[tuple[Scope, StoredAnswer]]:
    """Return every stored answer of a caller under a key, newest first."""
    found = rows(
        db, "SELECT * FROM request WHERE caller = ? AND key = ? ORDER BY answered_at DESC", [caller, key]
    )
    return [
        (
            Scope(one["caller"], one["method"], one["path"], one["key"]),
            StoredAnswer(
                one["body_hash"], one["status"], one["content_type"], one["answer"], one["answered_at"]
            ),
        )
        for one in found
    ]


def forget_before(db: Database, moment: datetime) -> int:
    """Delete answers older than a moment and return how many."""
    return db.execute("DELETE FROM request WHERE answered_at < ?", [moments.text(moment)]).rowcount
