"""The screen locked while nobody is there, and opened again with a PIN; never a sign-out of the sale."""

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, session, url_for
from flask_login import current_user, logout_user
from werkzeug import Response as BaseResponse

from pos_subsidy.context import get_db
from pos_subsidy.errors import NotSignedIn, SubsidyError
from pos_subsidy.services import access
from pos_subsidy.web import sale as sales
from pos_subsidy.web import verdicts
from pos_subsidy.web.auth import LOCKED, home_of, own_address, signed_in

_TRIES = "wrong_pins"
_MOST_TRIES = 5

bp = Blueprint("locking", __name__)
bp.register_error_handler(SubsidyError, verdicts.answer)


@bp.get("/lock")
def lock() -> Any:
    """Lock the screen: the customer's data leave it, the cashier stays who she is."""
    if not current_user.is_authenticated:
        return redirect(url_for("auth.sign_in"), 303)
    if not access.has_pin(get_db(), current_user.username):
        sales.clear()
        return redirect(home_of(current_user.role), 303)
    if not session.get(LOCKED):
        session[LOCKED] = True
        sales.clear()
    return _lock_page(None)


@bp.post("/lock")
def unlock() -> Any:
    """Open the screen with the PIN; after a few wrong ones the password is asked for."""
    if not current_user.is_authenticated:
        return redirect(url_for("auth.sign_in"), 303)
    g.again = _lock_page
    try:
        access.check_pin(get_db(), current_user.username, request.form.get("pin", ""))
    except NotSignedIn:
        session[_TRIES] = session.get(_TRIES, 0) + 1
        if session[_TRIES] >= _MOST_TRIES:
            logout_user()
            session.clear()
            return redirect(url_for("auth.sign_in"), 303)
        raise
    session.pop(LOCKED, None)
    session.pop(_TRIES, None)
    wanted = own_address(request.form.get("next", ""))
    return redirect(wanted or home_of(current_user.role), 303)


@bp.get("/till/pin")
@signed_in
def pin_form() -> str:
    """Ask for a new PIN."""
    return _pin_page(None)


@bp.post("/till/pin")
@signed_in
def set_pin() -> BaseResponse:
    """Set a PIN; the password proves who is asking."""
    g.again = _pin_page
    access.set_pin(
        get_db(),
        current_user.username,
        password=request.form.get("password", ""),
        pin=request.form.get("pin", ""),
    )
    return redirect(home_of(current_user.role), 303)


def _lock_page(verdict: verdicts.Verdict | None) -> str:
    return render_template("auth/lock.html", verdict=verdict)


def _pin_page(verdict: verdicts.Verdict | None) -> str:
    return render_template("auth/pin.html", verdict=verdict)


def keep_locked() -> Response | None:
    """Send whoever asks for a page of staff to the lock while the screen is locked."""
    if session.get(LOCKED) and request.blueprint not in (
        "locking",
        "assets",
        "installing",
        "auth",
        "public",
        "wallet",
    ):
        return redirect(url_for("locking.lock"), 303)  # type: ignore[return-value]
    return None
