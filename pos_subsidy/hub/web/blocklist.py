"""The city's blocklist: its entries, one to be entered, one to be taken back."""

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug import Response

from pos_subsidy.domain import moments
from pos_subsidy.domain.block import KINDS, REASONS
from pos_subsidy.errors import Invalid, SubsidyError
from pos_subsidy.hub import blocklist
from pos_subsidy.hub.city import ZONE
from pos_subsidy.hub.web.api import city, now
from pos_subsidy.hub.web.auth import actor, show_again

bp = Blueprint("blocklist", __name__)


@bp.get("/blocklist")
def listing() -> str:
    """List the entries, the newest first."""
    return _page(None)


@bp.post("/blocklist/find")
def find() -> str:
    """List the entries on one number; what is asked for stands in no address."""
    return _page(None, wanted=request.form.get("number", "").strip()[:40])


@bp.post("/blocklist")
def enter() -> Response:
    """Block a thing from a day on."""
    show_again(_page)
    kind, _, reason = request.form.get("what", "").partition(".")
    since, until = _day("since"), request.form.get("until", "")
    blocklist.enter(
        city(),
        kind,
        request.form.get("number", "")[:40],
        reason=reason,
        since=since,
        until=_day("until") if until else None,
        note=request.form.get("note", ""),
        by=actor(),
        now=now(),
    )
    return redirect(url_for("blocklist.listing"), 303)


@bp.post("/blocklist/<int:block_no>/lift")
def lift(block_no: int) -> Response:
    """Take an entry back from today on; it stays in the list."""
    show_again(_page)
    blocklist.lift(city(), block_no, note=request.form.get("note", ""), by=actor(), now=now())
    return redirect(url_for("blocklist.listing"), 303)


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise Invalid("day_invalid") from None


def _page(wrong: SubsidyError | None, *, wanted: str = "") -> str:
    asked = request.args.get("before", "")
    before = int(asked) if asked.isdecimal() and len(asked) < 10 else None
    return render_template(
        "hub/blocklist.html",
        found=blocklist.overview(city(), wanted=wanted, before=before),
        wanted=wanted,
        choices=[(kind, reason) for kind in KINDS for reason in REASONS[kind]],
        today=moments.business_date(now(), ZONE),
        wrong=wrong,
        typed=request.form,
    )
