"""Reads forms as people fill them in, and gives every write one effect."""

import re
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from flask import redirect, request
from flask_login import current_user
from werkzeug import Response

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.domain import money
from pos_subsidy.errors import Conflict, Invalid
from pos_subsidy.services import requests
from pos_subsidy.services.requests import Scope, StoredAnswer
from pos_subsidy.services.shop import Remember

# What an input method set to Chinese makes of the keys that a scanner presses.
_SLIPS = str.maketrans("。、￥¥·—《》×", "./$$`-<>*")
# Written out: "1e9" is a slip of the keys.
_AMOUNT = re.compile(r"[0-9]{0,12}\.?[0-9]{0,12}")
_LOCATION = "text/uri-list"
SECRET = "manager_secret"
# A secret is never part of what is kept of a form, not even hashed.
_NOT_COMPARED = frozenset({"csrf_token", SECRET})
_PATIENCE_SECONDS = 8.0
_LOOK_AGAIN_SECONDS = 0.05


def mended(typed: str) -> str:
    """Return a scan in plain characters, without the line end a scanner adds.

    >>> mended("ＴＩ１：７Ｋ。３\\n")
    'TI1:7K.3'
    """
    return unicodedata.normalize("NFKC", typed.strip("\r\n\t").translate(_SLIPS)).lstrip()


def field(name: str, *, longest: int = 200) -> str:
    """Return a field of the form, mended and trimmed; empty where it is absent."""
    return mended(request.form.get(name, "")).strip()[:longest]


def text(name: str, *, longest: int = 200) -> str:
    """Return a field that is for people to read, as typed but trimmed."""
    return request.form.get(name, "").strip()[:longest]


def amount_fen(typed: str) -> int:
    """Return fen from yuan as typed, with or without sign and thousands.

    Raises:
        Invalid: ``price_invalid``.
    """
    plain = mended(typed).strip().lstrip("$¥").removesuffix("元").replace(",", "").replace(" ", "")
    try:
        found = money.fen(Decimal(plain if _AMOUNT.fullmatch(plain) else "NaN"))
    except (InvalidOperation, ValueError):
        raise Invalid("price_invalid") from None
    if found <= 0:
        raise Invalid("price_invalid")
    return found


def day(typed: str) -> date | None:
    """Return a day as the browser writes it, or None where nothing was typed.

    Raises:
        Invalid: ``day_invalid``.
    """
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Invalid("day_invalid") from None


def once(act: Callable[[Remember], Any], *, then: Callable[[Any], str]) -> Response:
    """Run a write once per form shown, and go on to what ``then`` names.

    ``act`` gets the function that the service calls inside its transaction. A double click
    or a reload of the same form goes where the first one went.
    """
    gone_to: list[str] = []

    def remember(result: Any) -> None:
        gone_to.append(then(result))
        _keep(_scope(), gone_to[0])

    with _first_or_after_it(_scope()):
        if went := gone_before():
            return went
        act(remember)
    return redirect(gone_to[0], 303)


def once_of(part: str, act: Callable[[Remember], Any]) -> None:
    """Run one of a form's several writes once per form shown, whatever became of the others.

    Sent again, a write that took effect is not repeated; one that failed is tried anew.
    """
    scope = _scope(part)
    with _first_or_after_it(scope):
        if _stored(scope) is None:
            act(lambda _result: _keep(scope, request.path))


def gone_before() -> Response | None:
    """Return where this very form went when it was sent before, or None.

    Raises:
        Conflict: ``idempotency_conflict``, it was sent with other content.
    """
    found = _stored(_scope())
    return redirect(found.answer.decode(), 303) if found else None


def _stored(scope: Scope) -> StoredAnswer | None:
    return requests.stored(get_db(), scope, body_hash=requests.body_hash(get_shop(), _body()))


def _keep(scope: Scope, location: str) -> None:
    requests.keep(
        get_db(),
        scope,
        body_hash=requests.body_hash(get_shop(), _body()),
        status=303,
        content_type=_LOCATION,
        answer=location.encode(),
        now=now(),
    )


def _scope(part: str = "") -> Scope:
    key = requests.checked_key(request.form.get("once"))
    if part:
        key = requests.checked_key(f"{key}.{part}")
    # Of a page for everybody only the key tells one form from another.
    caller = f"session:{current_user.username}" if current_user.is_authenticated else "public"
    return Scope(caller, request.method, request.path, key)


@contextmanager
def _first_or_after_it(scope: Scope) -> Iterator[None]:
    """Wait for the same form's first sending, so that its answer can be shown."""
    patience = time.monotonic() + _PATIENCE_SECONDS
    marked = requests.running(scope, now=now())
    while True:
        try:
            marked.__enter__()
            break
        except Conflict:
            if time.monotonic() > patience:
                raise
            time.sleep(_LOOK_AGAIN_SECONDS)
            marked = requests.running(scope, now=now())
    try:
        yield
    finally:
        marked.__exit__(None, None, None)


def _body() -> bytes:
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in _NOT_COMPARED]
    return urlencode(sorted(fields)).encode()
