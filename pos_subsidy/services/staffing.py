"""Accounts and API keys: who works here, with which role, and which tills may call.

Whoever acts is looked up here again: a page that forgot to ask opens nothing. Every change is
journalled without its secret; a secret is returned once and kept only as its hash.
"""

import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pos_subsidy.errors import Conflict, Invalid, NotAllowed, NotFound
from pos_subsidy.services import access
from pos_subsidy.services.shop import By, Remember, Shop, forget
from pos_subsidy.store import journal, staff
from pos_subsidy.store.db import TillDatabase, write_transaction
from pos_subsidy.store.staff import Account, KeyInfo, Staff

__all__ = [
    "ACTIONS",
    "ROLES",
    "Account",
    "KeyInfo",
    "accounts",
    "add",
    "api_keys",
    "change",
    "make_key",
    "revoke_key",
]

ROLES = ("cashier", "lead", "finance", "it", "manager")
ACTIONS = ("role", "password", "pin", "deactivate", "activate")
_MAY_STAFF = frozenset({"it", "manager"})
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
_TILL = re.compile(r"[A-Za-z0-9._-]{1,16}")


def accounts(db: TillDatabase) -> list[Account]:
    """Return every account, the active ones first."""
    return staff.accounts(db)


def api_keys(db: TillDatabase) -> list[KeyInfo]:
    """Return every API key that was ever made, the newest first; never the key itself."""
    return staff.keys(db)


def add(
    db: TillDatabase,
    shop: Shop,
    *,
    username: str,
    display_name: str,
    role: str,
    till: str,
    by: By,
    now: datetime,
    remember: Remember = forget,
) -> str:
    """Make an account and return its password, which nobody can read again.

    Raises:
        NotAllowed: the one who acts may not.
        Invalid: ``staff_invalid`` naming the field.
        Conflict: ``username_taken``.
    """
    password = secrets.token_urlsafe(9)
    with write_transaction(db):
        _may(db, by, role)
        _must(bool(_USERNAME.fullmatch(username)), "username")
        _must(0 < len(display_name) <= 40, "display_name")
        _must(role in ROLES, "role")
        _must(bool(_TILL.fullmatch(till)), "till")
        if staff.account(db, username) is not None:
            raise Conflict("username_taken", username=username)
        staff.add_staff(db, Staff(username, display_name, role, access.hashed(password), till))
        _note(db, shop, {"what": "added", "account": username, "role": role}, by=by, now=now)
        remember(username)
    return password


def change(
    db: TillDatabase,
    shop: Shop,
    username: str,
    action: str,
    *,
    role: str = "",
    by: By,
    now: datetime,
    remember: Remember = forget,
) -> str:
    """Change an account; return the new password where there is one. Its sessions end with it.

    Raises:
        NotAllowed: the one who acts may not.
        NotFound: ``account_unknown``.
        Conflict: ``own_account``, nobody changes her own role or locks herself out.
        Invalid: ``staff_invalid``.
    """
    with write_transaction(db):
        found = staff.account(db, username)
        if found is None:
            raise NotFound("account_unknown")
        _may(db, by, found.role)
        _may(db, by, role)
        _must(action in ACTIONS, "action")
        if username == by.cashier and action != "password":
            raise Conflict("own_account", username=username)
        body, password = {"what": action, "account": username}, ""
        if action == "role":
            _must(role in ROLES, "role")
            body["role"] = role
            staff.set_role(db, username, role)
        elif action == "password":
            password = secrets.token_urlsafe(9)
            staff.set_password(db, username, access.hashed(password))
        elif action == "pin":
            staff.clear_pin(db, username)
        else:
            staff.set_active(db, username, active=action == "activate")
        _note(db, shop, body, by=by, now=now)
        remember(username)
    return password


def make_key(
    db: TillDatabase, shop: Shop, *, name: str, till: str, by: By, now: datetime, remember: Remember = forget
) -> str:
    """Make an API key for one till and return it, this once.

    Raises:
        NotAllowed: the one who acts may not.
        Invalid: ``staff_invalid`` naming the field.
    """
    with write_transaction(db):
        _may(db, by)
        _must(0 < len(name) <= 40, "name")
        _must(bool(_TILL.fullmatch(till)), "till")
        key = access.new_api_key(db, name=name, till=till, now=now)
        made = staff.key_info(db, access.key_hash(key)[: staff.KEY_ID_LENGTH])
        assert made is not None
        body = {"what": "made", "key_id": made.key_id, "name": name, "of_till": till}
        _note(db, shop, body, by=by, now=now, kind="api_key_changed")
        remember(made.key_id)
    return key


def revoke_key(
    db: TillDatabase, shop: Shop, key_id: str, *, by: By, now: datetime, remember: Remember = forget
) -> None:
    """Revoke an API key; it opens nothing from this moment on. Again changes nothing.

    Raises:
        NotAllowed: the one who acts may not.
        NotFound: ``api_key_not_found``.
    """
    with write_transaction(db):
        _may(db, by)
        found = staff.key_info(db, key_id)
        if found is None:
            raise NotFound("api_key_not_found")
        if found.revoked_at is None:
            staff.revoke_key(db, key_id, now=now)
            body = {"what": "revoked", "key_id": key_id, "name": found.name, "of_till": found.till}
            _note(db, shop, body, by=by, now=now, kind="api_key_changed")
        remember(key_id)


def _may(db: TillDatabase, by: By, touched: str = "") -> None:
    """Pass if the one who acts may; only a manager makes or changes a manager."""
    acting = staff.staff(db, by.cashier)
    if acting is None or acting.role not in _MAY_STAFF:
        raise NotAllowed
    if touched == "manager" and acting.role != "manager":
        raise NotAllowed


def _must(holds: bool, field: str) -> None:
    if not holds:
        raise Invalid("staff_invalid", field=field)


def _note(
    db: TillDatabase,
    shop: Shop,
    body: Mapping[str, Any],
    *,
    by: By,
    now: datetime,
    kind: str = "staff_changed",
) -> None:
    told = {**body, "till": by.till, "cashier": by.cashier}
    journal.append(db, kind, told, at=now, sign=shop.keyring.sign)
