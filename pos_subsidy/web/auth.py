"""Sign in and out; nobody passes whom the table of permissions does not name."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, Flask, g, redirect, render_template, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug import Response

from pos_subsidy.context import get_db
from pos_subsidy.errors import NotAllowed, NotSignedIn
from pos_subsidy.services import access
from pos_subsidy.services.shop import By
from pos_subsidy.web import permissions, verdicts

LOCKED = "locked"

bp = Blueprint("auth", __name__)


@dataclass(frozen=True, slots=True, eq=False)
class SignedIn(UserMixin):  # type: ignore[misc]
    """The person in front of the page."""

    username: str
    display_name: str
    role: str
    till: str
    stamp: str

    def get_id(self) -> str:
        return f"{self.stamp}.{self.username}"


def init_app(app: Flask) -> None:
    manager = LoginManager(app)
    manager.user_loader(_load)
    manager.session_protection = "strong"


def actor() -> By:
    """Return who acts on this page."""
    return By(till=current_user.till, cashier=current_user.username)


def signed_in(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let those pass whom the table of permissions names; send strangers to sign in first.

    Raises:
        NotAllowed: the account's role is not named for this route.
    """

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not current_user.is_authenticated:
            wanted = request.path if request.method == "GET" else None
            return redirect(url_for("auth.sign_in", next=wanted), 303)
        if not may_use(request.endpoint or ""):
            raise NotAllowed
        return view(*args, **kwargs)

    return guarded


def may_use(endpoint: str) -> bool:
    """Say whether the person in front of the page may use a route."""
    return current_user.is_authenticated and permissions.may(current_user.role, endpoint)


@bp.get("/")
@signed_in
def home() -> Response:
    """Send everyone to their own work."""
    return redirect(home_of(current_user.role), 303)


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Any:
    """Ask for name and password."""
    if request.method == "GET":
        return render_template("auth/sign_in.html", verdict=None)
    g.again = lambda verdict: render_template("auth/sign_in.html", verdict=verdict)
    account = access.sign_in(get_db(), request.form.get("username", ""), request.form.get("password", ""))
    session.clear()
    login_user(_signed_in(account))
    return redirect(own_address(request.form.get("next", "")) or home_of(account.role), 303)


@bp.post("/sign-out")
def sign_out() -> Response:
    """Forget who was here, and the sale that was begun."""
    logout_user()
    session.clear()
    return redirect(url_for("auth.sign_in"), 303)


@bp.errorhandler(NotSignedIn)
def _refused(error: NotSignedIn) -> Response:
    return verdicts.answer(error)


def _load(session_id: str) -> SignedIn | None:
    _, _, username = session_id.partition(".")
    account = access.account(get_db(), username)
    found = _signed_in(account) if account else None
    # A password that was changed ends every session that the old one began.
    return found if found and found.get_id() == session_id else None


def _signed_in(account: Any) -> SignedIn:
    stamp = hashlib.sha256(account.password_hash.encode()).hexdigest()[:16]
    return SignedIn(account.username, account.display_name, account.role, account.till, stamp)


def home_of(role: str) -> str:
    """Return where a role's own work is."""
    return url_for(permissions.home_endpoint(role))


def own_address(wanted: str) -> str | None:
    """Return an address of this service, never one of another host."""
    known = wanted.startswith(("/till", "/office")) and "//" not in wanted and "\\" not in wanted
    return wanted if known else None
