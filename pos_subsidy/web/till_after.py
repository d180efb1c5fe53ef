"""After the sale: the day's list, reversal, exchange, the piece at hand-over."""

import secrets
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug import Response

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.domain import scans
from pos_subsidy.domain import voucher as codes
from pos_subsidy.errors import NotFound, SubsidyError
from pos_subsidy.services import day_close, looking_up, refunds, reversal
from pos_subsidy.services import exchange as exchanges
from pos_subsidy.services.exchange import Piece
from pos_subsidy.services.reversal import Return
from pos_subsidy.web import forms, verdicts
from pos_subsidy.web.approving import approved
from pos_subsidy.web.auth import actor, signed_in
from pos_subsidy.web.verdicts import Verdict

bp = Blueprint("after", __name__)
bp.register_error_handler(SubsidyError, verdicts.answer)


@bp.get("/till/today")
@signed_in
def today() -> str:
    """Show today's sales and the holds that wait for money."""
    return _today_page(None)


@bp.get("/till/find")
@signed_in
def find() -> Response:
    """Go to what a number names: redemption, hold, voucher or piece."""
    g.again = _today_page
    return redirect(_page_of(forms.mended(request.args.get("q", "")).strip()), 303)


@bp.get("/till/redemptions/<redemption_id>/reverse")
@signed_in
def foresee(redemption_id: str) -> str:
    """Ask what comes back, and show what that will do before it is done."""
    g.again = lambda verdict: _reverse_page(redemption_id, None, None, verdict)
    if request.args.get("kind") not in ("full", "partial"):
        return _reverse_page(redemption_id, None, None, None)
    asked = _return(request.args)
    consequence = reversal.foresee(get_db(), get_shop(), redemption_id, asked)
    return _reverse_page(redemption_id, asked, consequence, None)


@bp.post("/till/redemptions/<redemption_id>/reverse")
@signed_in
def reverse(redemption_id: str) -> Response:
    """Book the reversal that was shown."""
    g.again = lambda verdict: _reverse_page(redemption_id, None, None, verdict)
    asked = _return(request.form)
    g.again = lambda verdict: _asked_again(redemption_id, asked, verdict)
    by = approved("reverse")
    return forms.once(
        lambda remember: reversal.reverse(
            get_db(), get_shop(), redemption_id, asked, by=by, now=now(), remember=remember
        ),
        then=lambda _done: url_for("till.receipt", redemption_id=redemption_id, done=1),
    )


@bp.get("/till/redemptions/<redemption_id>/exchange")
@signed_in
def exchange_form(redemption_id: str) -> str:
    """Ask for the piece that is handed out."""
    return _piece_page(redemption_id, None)


@bp.post("/till/redemptions/<redemption_id>/exchange")
@signed_in
def exchange(redemption_id: str) -> Response:
    """Swap the piece, or bind the one that was handed over."""
    g.again = lambda verdict: _piece_page(redemption_id, verdict)
    sold = looking_up.redemption(get_db(), redemption_id)
    piece = Piece(*(forms.field(name, longest=80) or None for name in ("serial_no", "imei1", "imei2")))
    by = actor() if sold.serial_no is None else approved("exchange")
    common: dict[str, Any] = {"by": by, "now": now()}

    def act(remember: Any) -> None:
        db, shop = get_db(), get_shop()
        if sold.serial_no is None:
            exchanges.bind_serial(db, shop, redemption_id, piece, **common, remember=remember)
        else:
            reason = forms.text("reason") or "exchanged_at_till"
            exchanges.exchange(db, shop, redemption_id, piece, reason=reason, **common, remember=remember)

    return forms.once(act, then=lambda _after: url_for("till.receipt", redemption_id=redemption_id, done=1))


def _asked_again(redemption_id: str, asked: Return, verdict: Verdict) -> str:
    """Show what was to be confirmed once more, where it still can be."""
    try:
        consequence = reversal.foresee(get_db(), get_shop(), redemption_id, asked)
    except SubsidyError:
        return _reverse_page(redemption_id, None, None, verdict)
    return _reverse_page(redemption_id, asked, consequence, verdict)


def _return(fields: Any) -> Return:
    price = fields.get("new_price", "")
    partial = fields.get("kind") == "partial"
    return Return(
        kind="partial" if partial else "full",
        reason=fields.get("reason", "").strip()[:200] or "returned_at_till",
        new_price_fen=forms.amount_fen(price) if partial else None,
        credit_note_no=fields.get("credit_note_no", "").strip()[:64] or None,
    )


def _page_of(number: str) -> str:
    if number[:2].upper() == "R-":
        sold = looking_up.redemption(get_db(), number.upper())
        return url_for("till.receipt", redemption_id=sold.redemption_id)
    if number[:2].upper() == "H-":
        return url_for("till.show_hold", hold_id=looking_up.hold(get_db(), number.upper()).hold_id)
    if any(one.kind == "code" for one in scans.candidates(number)):
        story = looking_up.voucher(get_db(), codes.normalise(number))
        return url_for("vouchers.show", code=story.voucher.code)
    return _page_of_piece(number)


def _page_of_piece(number: str) -> str:
    """Go to the use that counts now: used and free again are told apart, and from never seen."""
    try:
        uses = looking_up.piece(get_db(), number)
    except NotFound:
        alike = looking_up.lookalikes(get_db(), number)
        if alike:
            raise NotFound("piece_not_found_but_alike", known=", ".join(alike)) from None
        raise NotFound("piece_not_found") from None
    for use in sorted(reversed(uses), key=lambda use: use.state == "free"):
        if use.state == "held":
            return url_for("till.show_hold", hold_id=use.hold_id)
        if use.redemption_id:
            found = "used" if use.state == "used" else "free"
            return url_for("till.receipt", redemption_id=use.redemption_id, found=found)
    raise NotFound("piece_never_sold")


def _today_page(verdict: Verdict | None) -> str:
    on = get_shop().today(now())
    return render_template(
        "till/today.html",
        day=day_close.day(get_db(), on),
        open_holds=looking_up.open_holds(get_db()),
        failed_refunds=len(refunds.failed(get_db())),
        verdict=verdict,
    )


def _reverse_page(redemption_id: str, asked: Return | None, consequence: Any, verdict: Verdict | None) -> str:
    return render_template(
        "till/reverse.html",
        sold=looking_up.redemption(get_db(), redemption_id),
        asked=asked,
        consequence=consequence,
        verdict=verdict,
        typed=request.values,
        once=secrets.token_urlsafe(16),
    )


def _piece_page(redemption_id: str, verdict: Verdict | None) -> str:
    sold = looking_up.redemption(get_db(), redemption_id)
    known = get_shop().rulebook.categories.get(sold.category)
    act = "bind" if sold.serial_no is None else "swap"
    return render_template(
        "till/exchange.html",
        sold=sold,
        verdict=verdict and verdicts.of_piece(verdict, act),
        imei=known.imei if known else "none",
        typed=request.form,
        once=secrets.token_urlsafe(16),
    )
