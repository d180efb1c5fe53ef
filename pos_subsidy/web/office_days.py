"""Days beside one another, a close undone, and what people decide about differences."""

from datetime import date, timedelta

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug import Response

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.errors import Invalid, SubsidyError
from pos_subsidy.services import city_sync, day_close, decisions
from pos_subsidy.web import forms, office, verdicts
from pos_subsidy.web.auth import actor, signed_in

bp = Blueprint("days", __name__)
bp.register_error_handler(SubsidyError, verdicts.answer)


@bp.get("/office/calendar")
@signed_in
def calendar() -> str:
    """Show a month: what is open, closed, sent, acknowledged, settled."""
    first = _month(request.args.get("month", ""))
    return render_template(
        "office/calendar.html",
        days=day_close.month(get_db(), first),
        first=first,
        before=(first - timedelta(days=1)).replace(day=1),
        after=(first + timedelta(days=31)).replace(day=1),
        today=get_shop().today(now()),
    )


@bp.post("/office/day/<day>/reopen")
@signed_in
def reopen(day: str) -> Response:
    """Undo the last close, with a reason, while nothing of it was sent."""
    on = office.on_day(day)
    g.again = lambda verdict: office.page(on, verdict)
    return forms.once(
        lambda remember: day_close.reopen_day(
            get_db(), get_shop(), on, reason=forms.text("reason"), by=actor(), now=now(), remember=remember
        ),
        then=lambda _done: url_for("office.show", day=on.isoformat()),
    )


@bp.post("/office/day/<day>/send")
@signed_in
def send(day: str) -> Response:
    """Send to the city what it has not acknowledged, and take in what it says. Safe to repeat."""
    on = office.on_day(day)
    g.again = lambda verdict: office.page(on, verdict)
    city_sync.sync(get_db(), get_shop(), now=now())
    return redirect(url_for("office.show", day=on.isoformat(), _anchor="batch"), 303)


@bp.post("/office/day/<day>/differences/<order_no>")
@signed_in
def decide(day: str, order_no: str) -> Response:
    """Keep what was decided about a difference."""
    on = office.on_day(day)
    g.again = lambda verdict: office.page(on, verdict)
    return forms.once(
        lambda remember: decisions.decide(
            get_db(),
            get_shop(),
            on,
            order_no,
            decision=forms.field("decision"),
            reason=forms.text("reason"),
            by=actor(),
            now=now(),
            remember=remember,
        ),
        then=lambda _done: url_for("office.show", day=on.isoformat(), _anchor="reconciliation"),
    )


@bp.post("/office/day/<day>/differences/<order_no>/confirm")
@signed_in
def confirm(day: str, order_no: str) -> Response:
    """Confirm a decision as the second person."""
    on = office.on_day(day)
    g.again = lambda verdict: office.page(on, verdict)
    return forms.once(
        lambda remember: decisions.confirm(
            get_db(), get_shop(), on, order_no, by=actor(), now=now(), remember=remember
        ),
        then=lambda _done: url_for("office.show", day=on.isoformat(), _anchor="reconciliation"),
    )


def _month(written: str) -> date:
    if not written:
        return get_shop().today(now()).replace(day=1)
    try:
        return date.fromisoformat(f"{written}-01")
    except ValueError:
        raise Invalid("day_invalid") from None
