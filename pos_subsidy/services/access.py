"""Who may do what: API keys of tills, passwords of people."""

import hashlib
import re
import secrets
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from pos_subsidy.errors import Invalid, NotSignedIn
from pos_subsidy.store import staff
from pos_subsidy.store.db import TillDatabase, write_transaction
from pos_subsidy.store.staff import ApiKey, Staff

_passwords = PasswordHasher()


def new_api_key(db: TillDatabase, *, name: str, till: str, now: datetime) -> str:
    """Make an API key for one till and return it; only its hash is kept."""
    key = "tk_" + secrets.token_urlsafe(32)
    with write_transaction(db):
        staff.add_api_key(db, key_hash=key_hash(key), name=name, till=till, now=now)
    return key


def api_key(db: TillDatabase, presented: str) -> ApiKey:
    """Return whose key this is.

    Raises:
        NotSignedIn: ``api_key_unknown``.
    """
    found = staff.api_key(db, key_hash(presented))
    if found is None:
        raise NotSignedIn("api_key_unknown")
    return found


def new_staff(
    db: TillDatabase, *, username: str, display_name: str, role: str, password: str, till: str
) -> None:
    """Make an account; the password is kept as argon2 only."""
    with write_transaction(db):
        staff.add_staff(db, Staff(username, display_name, role, hashed(password), till))


def sign_in(db: TillDatabase, username: str, password: str) -> Staff:
    """Return the account.

    Raises:
        NotSignedIn: ``sign_in_failed``, the same whether name or password is wrong.
    """
    account = staff.staff(db, username)
    try:
        _passwords.verify(account.password_hash if account else _NOBODY, password)
    except VerificationError:
        raise NotSignedIn("sign_in_failed") from None
    if account is None:
        raise NotSignedIn("sign_in_failed")
    return account


def has_pin(db: TillDatabase, username: str) -> bool:
    """Say whether an account has a PIN to open a locked screen with."""
    return staff.pin_hash(db, username) is not None


def set_pin(db: TillDatabase, username: str, *, password: str, pin: str) -> None:
    """Set an account's PIN.

    Raises:
        NotSignedIn: ``sign_in_failed``, the password is wrong.
        Invalid: ``pin_invalid``, it is not 4 to 8 digits, or too plain to be one.
    """
    sign_in(db, username, password)
    plain = len(set(pin)) == 1 or pin in "0123456789" or pin in "9876543210"
    if not re.fullmatch(r"[0-9]{4,8}", pin) or plain:
        raise Invalid("pin_invalid")
    with write_transaction(db):
        staff.set_pin(db, username, _passwords.hash(pin))


def check_pin(db: TillDatabase, username: str, pin: str) -> None:
    """Pass if the PIN opens this account's screen.

    Raises:
        NotSignedIn: ``pin_wrong``.
    """
    try:
        _passwords.verify(staff.pin_hash(db, username) or _NOBODY, pin)
    except VerificationError:
        raise NotSignedIn("pin_wrong") from None


def with_password_or_pin(db: TillDatabase, username: str, secret: str) -> Staff:
    """Return the account whose password or PIN this is.

    Raises:
        NotSignedIn: it is neither.
    """
    found = staff.staff(db, username)
    try:
        return sign_in(db, username, secret)
    except NotSignedIn:
        check_pin(db, username, secret)
    if found is None:
        raise NotSignedIn("sign_in_failed")
    return found


def account(db: TillDatabase, username: str) -> Staff | None:
    """Return the active account of that name, or None."""
    return staff.staff(db, username)


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    return _passwords.hash(password)


def key_hash(key: str) -> str:
    """Return what is kept of an API key."""
    return hashlib.sha256(key.encode()).hexdigest()


# Checked when the name is unknown, so that an answer takes equally long.
_NOBODY = _passwords.hash(secrets.token_urlsafe(16))
