"""The people of the city's office: accounts, sign-in, lock-out."""

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Connection

from pos_subsidy.domain import moments
from pos_subsidy.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn, TooManyRequests
from pos_subsidy.hub import office_log
from pos_subsidy.hub.city import City
from pos_subsidy.hub.office_log import By
from pos_subsidy.hub.store import office
from pos_subsidy.hub.store.db import read, run
from pos_subsidy.hub.store.office import Account

ROLES = ("operator", "reviewer1", "reviewer2", "reviewer3", "finance", "auditor", "administrator")
# A demo hub's accounts, with their roles; who names a shop's account cannot confirm it, so finance are two.
DEMO = {role: role for role in ROLES} | {"finance2": "finance"}
MOST_WRONG = 5
LOCKED_FOR = timedelta(minutes=15)
_KEPT_FOR = timedelta(days=1)
_USERNAME = re.compile(r"[a-z0-9._-]{2,32}")
_SHORTEST, _LONGEST = 10, 200

_passwords = PasswordHasher()
# Checked when the name is unknown, so that an answer takes equally long.
_NOBODY = _passwords.hash(secrets.token_urlsafe(16))


def add(
    city: City, *, username: str, display_name: str, role: str, password: str, by: By, now: datetime
) -> None:
    """Make an account; the password is kept as argon2 only.

    Raises:
        Invalid: ``office_account_invalid``, with the field.
        Conflict: ``office_account_exists``.
    """
    _must_be(_USERNAME.fullmatch(username), "username")
    _must_be(1 <= len(display_name.strip()) <= 40, "display_name")
    _must_be(role in ROLES, "role")
    hashed = _hashed(username, password)

    def write(db: Connection) -> None:
        if office.account(db, username) is not None:
            raise Conflict("office_account_exists", username=username)
        at = moments.text(now)
        office.add_account(db, Account(username, display_name.strip(), role, hashed, True, 0, at))
        office_log.note(db, by, "staff_added", about=username, now=now, note=role)

    run(city.engine, write)


def add_demo_accounts(city: City, password: str, *, now: datetime) -> None:
    """Make the accounts of ``DEMO``, all with one password; in a demo hub only.

    Raises:
        NotAllowed: ``demo_only``.
    """
    if not city.demo:
        raise NotAllowed("demo_only")
    hashed = _hashed("", password)

    def write(db: Connection) -> None:
        at = moments.text(now)
        for name, role in DEMO.items():
            if office.account(db, name) is None:
                office.add_account(db, Account(name, "Demo", role, hashed, True, 0, at))
                office_log.note(db, office_log.CONSOLE, "staff_added", about=name, now=now, note=role)

    run(city.engine, write)


def change(
    city: City,
    username: str,
    *,
    by: By,
    now: datetime,
    role: str | None = None,
    active: bool | None = None,
    password: str | None = None,
) -> None:
    """Change an account's role, switch it on or off, or give it another password; its sessions end.

    Raises:
        NotFound: ``office_account_unknown``.
        Invalid: ``office_account_invalid``.
        Conflict: ``own_account``, one's own role or one's own switch.
    """
    _must_be(role is None or role in ROLES, "role")
    hashed = None if password is None else _hashed(username, password)
    if by.username == username and (role is not None or active is not None):
        raise Conflict("own_account", username=username)

    def write(db: Connection) -> None:
        if office.account(db, username) is None:
            raise NotFound("office_account_unknown", username=username)
        if role is not None:
            office.change_account(db, username, role=role)
            office_log.note(db, by, "staff_role", about=username, now=now, note=role)
        if active is not None:
            office.change_account(db, username, active=active)
            office_log.note(db, by, "staff_on" if active else "staff_off", about=username, now=now)
        if hashed is not None:
            office.change_account(db, username, password_hash=hashed)
            office.forget_tries(db, _key(city, username))
            office_log.note(db, by, "staff_password", about=username, now=now)

    run(city.engine, write)


def sign_in(city: City, username: str, password: str, *, now: datetime) -> Account:
    """Return the account, and forget its wrong passwords.

    Raises:
        NotSignedIn: ``office_sign_in_failed``, the same whether name or password is wrong.
        TooManyRequests: ``office_locked``, after too many wrong ones, whether there is such an
            account or not.
    """
    key, at = _key(city, username), moments.text(now)

    account = read(city.engine, lambda db: office.account(db, username))
    # Outside of any transaction: it is slow on purpose. And before the lock is looked at: how long an
    # answer takes says neither whether there is such an account nor whether it is locked.
    is_right = _verified(account, password)

    def note(db: Connection) -> None:
        tried = office.tries(db, key)
        if tried and tried["locked_until"] and tried["locked_until"] > at:
            raise TooManyRequests("office_locked", until_at=tried["locked_until"])
        if account is not None and is_right:
            office.forget_tries(db, key)
            office_log.note(db, By(account.username, account.role), "signed_in", about=username, now=now)
        else:
            _note_wrong(db, key, account, now=now)

    run(city.engine, note)
    if account is None or not is_right:
        raise NotSignedIn("office_sign_in_failed")
    return account


def change_own_password(city: City, by: By, *, old: str, new: str, now: datetime) -> None:
    """Give oneself another password; every session of the account ends.

    Raises:
        NotSignedIn, TooManyRequests: the old one is wrong.
        Invalid: ``office_account_invalid``, the new one will not do.
    """
    sign_in(city, by.username, old, now=now)
    change(city, by.username, password=new, by=by, now=now)


def end_sessions(city: City, by: By, *, now: datetime) -> None:
    """Sign somebody out wherever she is signed in."""

    def write(db: Connection) -> None:
        office.change_account(db, by.username)
        office_log.note(db, by, "signed_out", about=by.username, now=now)

    run(city.engine, write)


def find(city: City, username: str) -> Account | None:
    """Return the active account of that name, or None."""
    found = read(city.engine, lambda db: office.account(db, username))
    return found if found is not None and found.active else None


def listing(city: City) -> list[Account]:
    """Return every account, the active ones first."""
    return read(city.engine, office.accounts)


def _note_wrong(db: Connection, key: str, account: Account | None, *, now: datetime) -> None:
    at = moments.text(now)
    office.forget_old_tries(db, before=moments.text(now - _KEPT_FOR))
    tried = office.tries(db, key)
    fresh = tried is None or tried["locked_until"] or tried["last_at"] < moments.text(now - LOCKED_FOR)
    wrong = 1 if fresh or tried is None else tried["wrong"] + 1
    until = moments.text(now + LOCKED_FOR) if wrong >= MOST_WRONG else None
    office.put_tries(db, key, wrong=wrong, at=at, locked_until=until)
    if until and account is not None:
        about = account.username
        office_log.note(db, By(about, account.role), "sign_in_locked", about=about, now=now)


def _verified(account: Account | None, password: str) -> bool:
    usable = account is not None and account.active
    try:
        _passwords.verify(account.password_hash if account and usable else _NOBODY, password)
    except VerificationError:
        return False
    return usable


def _hashed(username: str, password: str) -> str:
    _must_be(_SHORTEST <= len(password) <= _LONGEST and password != username, "password")
    return _passwords.hash(password)


def _must_be(good: object, field: str) -> None:
    if not good:
        raise Invalid("office_account_invalid", field=field)


def _key(city: City, username: str) -> str:
    text = f"sign-in\x1f{username.lower()}"
    return hmac.new(city.secret, text.encode(), hashlib.sha256).hexdigest()
