"""The city's signed receipts: the shop's proof of what it delivered."""

from datetime import datetime

from sqlite_utils import Database

from pos_subsidy.domain import moments
from pos_subsidy.store.db import row


def keep(db: Database, *, last_seq: int, head_hash: str, signed: str, now: datetime) -> None:
    """Keep a receipt; the same one twice changes nothing."""
    db.execute(
        "INSERT INTO receipt VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [last_seq, head_hash, signed, moments.text(now)],
    )


def newest(db: Database) -> str | None:
    """Return the newest receipt as it came, or None."""
    found = row(db, "SELECT signed FROM receipt ORDER BY last_seq DESC LIMIT 1")
    return found["signed"] if found else None
