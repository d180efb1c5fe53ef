"""Merchants: a list, one of them with its shops, and who suspends or reinstates a shop."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug import Response

from pos_subsidy.errors import Invalid, SubsidyError
from pos_subsidy.hub import merchants
from pos_subsidy.hub.web.api import city, now
from pos_subsidy.hub.web.auth import actor, show_again

STANDINGS = ("active", "suspended", "quarantined")

bp = Blueprint("merchants", __name__)


@bp.get("/shops")
def listing() -> str:
    """List merchants with their shops."""
    wanted, status = request.args.get("q", "").strip()[:80], request.args.get("status", "")
    status = status if status in STANDINGS else ""
    found = merchants.listing(city(), now=now(), wanted=wanted, status=status)
    return render_template(
        "hub/merchants.html",
        caps=city().offline_caps,
        found=found,
        days=merchants.DAYS,
        wanted=wanted,
        status=status,
        standings=STANDINGS,
    )


@bp.get("/shops/<outlet>")
def show(outlet: str) -> str:
    """Show the merchant of a shop, this shop first."""
    return _page(outlet, None)


@bp.post("/shops/<outlet>/standing")
def set_standing(outlet: str) -> Response:
    """Suspend a shop or reinstate it, with a reason."""
    show_again(lambda wrong: _page(outlet, wrong))
    act = request.form.get("act")
    if act not in ("suspend", "reinstate"):
        raise Invalid("invalid")
    merchants.set_standing(
        city(),
        outlet,
        suspended=act == "suspend",
        reason=request.form.get("reason", ""),
        by=actor(),
        now=now(),
    )
    return redirect(url_for("merchants.show", outlet=outlet), 303)


def _page(outlet: str, wrong: SubsidyError | None) -> str:
    found = merchants.show(city(), outlet)
    shops = sorted(found.shops, key=lambda one: one.outlet.details["outlet"] != outlet)
    return render_template(
        "hub/merchant.html",
        merchant=found.merchant,
        shops=shops,
        wrong=wrong,
        typed=request.form.get("reason", ""),
        asked=outlet,
    )
