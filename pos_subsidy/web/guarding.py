"""Headers that every page carries, and limits on guessing passwords and links."""

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from pos_subsidy.look import headers
from pos_subsidy.web import forms

_WRONG_PASSWORDS = "8 per minute; 40 per hour"
_WRONG_APPROVALS = "5 per minute; 20 per hour"  # a PIN is short
_QUESTIONS = "120 per minute"
_WRONG_LINKS = "30 per minute"
_WRONG_PHONES = "5 per hour"
# A few tries with a slip of the finger; phones behind one address of the shop's Wi-Fi share theirs.
_PER_PERSON = "6 per hour; 12 per day"
_APPLICATIONS = "20 per minute; 120 per hour"


def init_app(app: Flask) -> None:
    """Add headers and limits. Call it once the pages are registered."""
    app.after_request(headers.add)
    app.config.setdefault("RATELIMIT_HEADERS_ENABLED", False)
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    _limit(app, limiter, "auth.sign_in", _WRONG_PASSWORDS, key=_address_and_name, failed=401)
    for endpoint in ("after.reverse", "after.exchange", "vouchers.void", "vouchers.issue"):
        _limit(app, limiter, endpoint, _WRONG_APPROVALS, key=_address_and_manager, failed=401)
    for endpoint in (
        "wallet.show",
        "wallet.state",
        "wallet.qr",
        "wallet.rights",
        "public.claim",
        "own.vouchers",
        "own.data",
        "own.claim_data",
        "evidence.by_phone",
        "evidence.put_by_phone",
    ):
        _limit(app, limiter, endpoint, _WRONG_LINKS, key=get_remote_address, failed=404)

    for endpoint in ("own.ask", "own.ask_by_claim"):
        _limit(app, limiter, endpoint, _WRONG_PHONES, key=_address_and_link, failed=403)

    view: Any = app.view_functions["apply.issue"]
    by_person: Any = limiter.limit(_PER_PERSON, key_func=_person)
    by_address: Any = limiter.limit(_APPLICATIONS, key_func=get_remote_address)
    app.view_functions["apply.issue"] = by_address(by_person(view))
    read: Any = limiter.limit(_APPLICATIONS, key_func=get_remote_address)
    app.view_functions["apply.picture"] = read(app.view_functions["apply.picture"])
    for endpoint in ("public.ask", "public.rules", "apply.form"):
        asked: Any = limiter.limit(_QUESTIONS, key_func=get_remote_address)
        app.view_functions[endpoint] = asked(app.view_functions[endpoint])


def _limit(
    app: Flask, limiter: Limiter, endpoint: str, limit: str, *, key: Callable[[], str], failed: int
) -> None:
    """Count only the answers that say a guess was wrong."""
    view: Any = app.view_functions[endpoint]
    counted: Any = limiter.limit(
        limit, key_func=key, deduct_when=lambda response: response.status_code == failed
    )
    app.view_functions[endpoint] = counted(view)


def _address_and_name() -> str:
    return f"{get_remote_address()} {request.form.get('username', '')[:64]}"


def _address_and_link() -> str:
    return f"{get_remote_address()} {request.path}"


def _person() -> str:
    # Hashed with the service's own key: a number must not lie about in memory either.
    typed = f"{forms.field('id_type')} {forms.field('id_number').upper()}"
    return hmac.new(current_app.config["SECRET_KEY"].encode(), typed.encode(), hashlib.sha256).hexdigest()


def _address_and_manager() -> str:
    return f"{get_remote_address()} {request.form.get('manager_name', '')[:64]}"
