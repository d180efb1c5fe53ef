"""Sign in and out; who may see which page."""

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
from pos_subsidy.web import verdicts

LOCKED = "locked"

bp = Blueprint("auth", __name__)


@dataclass(frozen=True, slots=True, eq=False)
class SignedIn(UserMixin):  # type: ignore[misc]
    """The person in front of the page."""

    username: str
    display_name: str
    role: str
    till: str

    def get_id(self) -> str:
        return self.username


def init_app(app: Flask) -> None:
    manager = LoginManager(app)
    manager.user_loader(_load)
    manager.session_protection = "strong"


def actor() -> By:
    """Return who acts on this page."""
    return By(till=current_user.till, cashier=current_user.username)


def signed_in(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let cashiers and managers pass; send others to sign in first."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not current_user.is_authenticated:
            wanted = request.path if request.method == "GET" else None
            return redirect(url_for("auth.sign_in", next=wanted), 303)
        return view(*args, **kwargs)

    return guarded


def manager_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let managers pass.

    Raises:
        NotAllowed: the account is a cashier's.
    """

    @wraps(view)
    @signed_in
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if current_user.role != "manager":
            raise NotAllowed
        return view(*args, **kwargs)

    return guarded


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


def _load(username: str) -> SignedIn | None:
    account = access.account(get_db(), username)
    return _signed_in(account) if account else None


def _signed_in(account: Any) -> SignedIn:
    return SignedIn(account.username, account.display_name, account.role, account.till)


def home_of(role: str) -> str:
    """Return where a role's own work is."""
    return url_for("office.today") if role == "manager" else url_for("till.sale")


def own_address(wanted: str) -> str | None:
    """Return an address of this service, never one of another host."""
    known = wanted.startswith(("/till", "/office")) and "//" not in wanted and "\\" not in wanted
    return wanted if known else None
