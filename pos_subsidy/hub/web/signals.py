"""Signals: patterns that people should look at, with their figures. None of them is a verdict."""

from datetime import date

from flask import Blueprint, render_template, request

from pos_subsidy.domain.rules import PACK_DEFAULT
from pos_subsidy.errors import Invalid
from pos_subsidy.hub import signals
from pos_subsidy.hub.web.api import city, now
from pos_subsidy.hub.web.language import t

_MOST = 200
_SALES_SHOWN = 8

bp = Blueprint("signals", __name__)


@bp.app_template_filter("cited")
def cited(clause: str) -> str:
    """Return a clause; that there is none is said in the reader's language."""
    return t("signals.no_text") if clause == PACK_DEFAULT.cited else clause


@bp.get("/signals")
def listing() -> str:
    """List the signals over the sales since a day, the strangest first."""
    since = _day(request.args.get("since", "").strip())
    found = signals.look(city(), now=now(), since=since)
    return render_template(
        "hub/signals.html",
        signals=found[:_MOST],
        shops=signals.shops(city()),
        left_out=max(len(found) - _MOST, 0),
        since=since,
        days=signals.DAYS,
        sales_shown=_SALES_SHOWN,
    )


def _day(written: str) -> date | None:
    if not written:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Invalid("day_invalid") from None
