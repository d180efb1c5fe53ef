"""Sign-in of the city's office; nobody passes whom the table of permissions does not name."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, Flask, g, redirect, render_template, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug import Response

from pos_subsidy.domain import moments
from pos_subsidy.errors import NotAllowed, SubsidyError
from pos_subsidy.hub import staff
from pos_subsidy.hub.office_log import By
from pos_subsidy.hub.store.office import Account
from pos_subsidy.hub.web import permissions
from pos_subsidy.hub.web.api import city, now

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=10)
_SEEN, _SINCE, _OVER = "seen_at", "since", "over"

bp = Blueprint("auth", __name__)


@dataclass(frozen=True, slots=True, eq=False)
class SignedIn(UserMixin):  # type: ignore[misc]
    """The person in front of the page."""

    username: str
    display_name: str
    role: str
    stamp: str

    def get_id(self) -> str:
        return f"{self.stamp}.{self.username}"


def init_app(app: Flask) -> None:
    manager = LoginManager(app)
    manager.user_loader(_load)
    manager.session_protection = "strong"
    app.before_request(guard)


def actor() -> By:
    """Return who acts on this page."""
    return By(current_user.username, current_user.role)


def may_use(endpoint: str) -> bool:
    """Say whether the person in front of the page may use a route."""
    return current_user.is_authenticated and permissions.may(current_user.role, endpoint)


def guard() -> Response | None:
    """Let those pass whom the table names; send strangers to sign in first.

    Raises:
        NotAllowed: the account's role is not named for this route, or nobody's is.
    """
    if request.endpoint is None:
        return None  # there is no such page
    who = permissions.TABLE.get(request.endpoint, frozenset())
    if who in (permissions.PUBLIC, permissions.TILL):
        return None
    if current_user.is_authenticated and _is_over():
        logout_user()
        session.clear()
        session[_OVER] = True
    if not current_user.is_authenticated:
        wanted = request.path if request.method == "GET" else None
        return redirect(url_for("auth.sign_in", next=wanted), 303)
    if current_user.role not in who:
        raise NotAllowed("office_not_allowed")
    session[_SEEN] = moments.text(now())
    return None


@bp.get("/")
def home() -> Response:
    """Send everyone to the first page of her own."""
    from pos_subsidy.hub.web.navigation import places

    mine = places()
    return redirect(url_for(mine[0].endpoint if mine else "auth.password"), 303)


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Any:
    """Ask for name and password."""
    if request.method == "GET":
        over = SubsidyError("office_session_over") if session.pop(_OVER, False) else None
        return _sign_in_page(over)
    show_again(_sign_in_page)
    account = staff.sign_in(
        city(), request.form.get("username", "").strip(), request.form.get("password", ""), now=now()
    )
    session.clear()
    login_user(_signed_in(account))
    session[_SEEN] = session[_SINCE] = moments.text(now())
    return redirect(_own_address(request.form.get("next", "")) or url_for("auth.home"), 303)


@bp.post("/sign-out")
def sign_out() -> Response:
    """Sign this person out, here and wherever else she is signed in."""
    if current_user.is_authenticated:
        staff.end_sessions(city(), actor(), now=now())
    logout_user()
    session.clear()
    return redirect(url_for("auth.sign_in"), 303)


@bp.get("/password")
def password() -> str:
    """Ask for another password."""
    return _password_page(None)


@bp.post("/password")
def set_password() -> Response:
    """Change one's own password, and sign in anew with it."""
    show_again(_password_page)
    old, new = request.form.get("old", ""), request.form.get("new", "")
    staff.change_own_password(city(), actor(), old=old, new=new, now=now())
    logout_user()
    session.clear()
    return redirect(url_for("auth.sign_in"), 303)


def show_again(page: Callable[[SubsidyError], str]) -> None:
    """Name what shows the form again, with what was wrong, if the rest of the view raises."""
    g.again = page


def _sign_in_page(wrong: SubsidyError | None) -> str:
    return render_template("hub/sign_in.html", wrong=wrong)


def _password_page(wrong: SubsidyError | None) -> str:
    return render_template("hub/password.html", wrong=wrong)


def _is_over() -> bool:
    seen, since = session.get(_SEEN), session.get(_SINCE)
    if not seen or not since:
        return True
    return now() - moments.moment(seen) > IDLE or now() - moments.moment(since) > LONGEST


def _load(session_id: str) -> SignedIn | None:
    _, _, username = session_id.partition(".")
    account = staff.find(city(), username)
    found = _signed_in(account) if account else None
    # Another password or role, or signing out, ends every session that was begun before.
    return found if found and found.get_id() == session_id else None


def _signed_in(account: Account) -> SignedIn:
    told = f"{account.password_hash}\x1f{account.role}\x1f{account.session_no}"
    stamp = hashlib.sha256(told.encode()).hexdigest()[:16]
    return SignedIn(account.username, account.display_name, account.role, stamp)


def _own_address(wanted: str) -> str | None:
    """Return an address of this service, never one of another host."""
    own = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and "\\" not in wanted
    return wanted if own else None
