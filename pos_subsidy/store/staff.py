"""API keys and the people who sign in."""

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from pos_subsidy.domain import moments
from pos_subsidy.store.db import insert, row


@dataclass(frozen=True, slots=True)
class ApiKey:
    key_hash: str
    name: str
    till: str


@dataclass(frozen=True, slots=True)
class Staff:
    username: str
    display_name: str
    role: str
    password_hash: str
    till: str


def api_key(db: Database, key_hash: str) -> ApiKey | None:
    """Return the key in use with this SHA-256, or None."""
    found = row(
        db, "SELECT key_hash, name, till FROM api_key WHERE key_hash = ? AND revoked_at IS NULL", [key_hash]
    )
    return ApiKey(**found) if found else None


def add_api_key(db: Database, *, key_hash: str, name: str, till: str, now: datetime) -> None:
    insert(
        db,
        "api_key",
        {
            "key_hash": key_hash,
            "name": name,
            "till": till,
            "created_at": moments.text(now),
            "revoked_at": None,
        },
    )


def staff(db: Database, username: str) -> Staff | None:
    """Return the active account, or None."""
    found = row(
        db,
        "SELECT username, display_name, role, password_hash, till FROM staff"
        " WHERE username = ? AND active = 1",
        [username],
    )
    return Staff(**found) if found else None


def pin_hash(db: Database, username: str) -> str | None:
    """Return the hash of an active account's PIN, or None."""
    found = row(db, "SELECT pin_hash FROM staff WHERE username = ? AND active = 1", [username])
    return found["pin_hash"] if found else None


def set_pin(db: Database, username: str, hashed: str) -> None:
    db.execute("UPDATE staff SET pin_hash = ? WHERE username = ? AND active = 1", [hashed, username])


def add_staff(db: Database, account: Staff) -> None:
    insert(
        db,
        "staff",
        {
            "username": account.username,
            "display_name": account.display_name,
            "role": account.role,
            "password_hash": account.password_hash,
            "till": account.till,
            "active": 1,
        },
    )
