"""Accounts of the office: who they are, new ones, other roles and passwords, switched on and off."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug import Response

from pos_subsidy.errors import Invalid, SubsidyError
from pos_subsidy.hub import staff
from pos_subsidy.hub.web.api import city, now
from pos_subsidy.hub.web.auth import actor, show_again

bp = Blueprint("staff", __name__)


@bp.get("/staff")
def listing() -> str:
    """List the accounts."""
    return _page(None)


@bp.post("/staff")
def add() -> Response:
    """Make an account."""
    show_again(_page)
    staff.add(
        city(),
        username=_field("username"),
        display_name=_field("display_name"),
        role=_field("role"),
        password=request.form.get("password", ""),
        by=actor(),
        now=now(),
    )
    return redirect(url_for("staff.listing"), 303)


@bp.post("/staff/<username>")
def change(username: str) -> Response:
    """Change an account's role or password, or switch it on or off."""
    show_again(_page)
    act = request.form.get("act")
    changes = {
        "role": {"role": _field("role")},
        "password": {"password": request.form.get("password", "")},
        "on": {"active": True},
        "off": {"active": False},
    }.get(act or "")
    if changes is None:
        raise Invalid("invalid")
    staff.change(city(), username, by=actor(), now=now(), **changes)  # type: ignore[arg-type]
    return redirect(url_for("staff.listing"), 303)


def _page(wrong: SubsidyError | None) -> str:
    return render_template("hub/staff.html", accounts=staff.listing(city()), roles=staff.ROLES, wrong=wrong)


def _field(name: str) -> str:
    return request.form.get(name, "").strip()
