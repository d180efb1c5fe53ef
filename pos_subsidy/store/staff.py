"""API keys and the people who sign in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from pos_subsidy.domain import moments
from pos_subsidy.store.db import insert, row, rows


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


# Enough of the hash to name a key by; nothing to find the key with.
KEY_ID_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Account:
    """An account as a list shows it."""

    username: str
    display_name: str
    role: str
    till: str
    active: bool
    has_pin: bool


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """An API key as a list shows it."""

    key_id: str
    name: str
    till: str
    created_at: str
    revoked_at: str | None


_ACCOUNT = "SELECT username, display_name, role, till, active, pin_hash IS NOT NULL AS has_pin FROM staff"
_KEY = "SELECT substr(key_hash, 1, 12) AS key_id, name, till, created_at, revoked_at FROM api_key"


def accounts(db: Database) -> list[Account]:
    """Return every account, the active ones first."""
    return [_account(found) for found in rows(db, f"{_ACCOUNT} ORDER BY active DESC, username")]


def account(db: Database, username: str) -> Account | None:
    """Return an account, active or not, or None."""
    found = row(db, f"{_ACCOUNT} WHERE username = ?", [username])
    return _account(found) if found else None


def _account(found: dict[str, Any]) -> Account:
    return Account(**{**found, "active": bool(found["active"]), "has_pin": bool(found["has_pin"])})


def set_role(db: Database, username: str, role: str) -> None:
    db.execute("UPDATE staff SET role = ? WHERE username = ?", [role, username])


def set_password(db: Database, username: str, hashed: str) -> None:
    db.execute("UPDATE staff SET password_hash = ? WHERE username = ?", [hashed, username])


def clear_pin(db: Database, username: str) -> None:
    db.execute("UPDATE staff SET pin_hash = NULL WHERE username = ?", [username])


def set_active(db: Database, username: str, *, active: bool) -> None:
    db.execute("UPDATE staff SET active = ? WHERE username = ?", [int(active), username])


def keys(db: Database) -> list[KeyInfo]:
    """Return every API key, those in use first, then the newest."""
    found = rows(db, f"{_KEY} ORDER BY revoked_at IS NOT NULL, created_at DESC, key_id")
    return [KeyInfo(**one) for one in found]


def key_info(db: Database, key_id: str) -> KeyInfo | None:
    found = row(db, f"{_KEY} WHERE substr(key_hash, 1, 12) = ?", [key_id])
    return KeyInfo(**found) if found else None


def revoke_key(db: Database, key_id: str, *, now: datetime) -> None:
    db.execute(
        "UPDATE api_key SET revoked_at = ? WHERE substr(key_hash, 1, 12) = ? AND revoked_at IS NULL",
        [moments.text(now), key_id],
    )
