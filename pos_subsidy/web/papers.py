"""Paper: receipts again, and a cashier's totals at the end of her shift."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from pos_subsidy.context import get_db, get_shop, now, till
from pos_subsidy.domain.receipt import Receipt
from pos_subsidy.errors import Conflict, NotFound, SubsidyError
from pos_subsidy.services import identifying, looking_up, receipts
from pos_subsidy.web import verdicts
from pos_subsidy.web.api import shapes
from pos_subsidy.web.auth import signed_in
from pos_subsidy.web.language import t
from pos_subsidy.web.till import receipt_page
from pos_subsidy.web.verdicts import Verdict

bp = Blueprint("papers", __name__)
bp.register_error_handler(SubsidyError, verdicts.answer)


@bp.post("/till/redemptions/<redemption_id>/print")
@signed_in
def print_receipt(redemption_id: str) -> Response:
    """Send a redemption's receipt to the shop's printer; as often as it is asked for."""
    sold = looking_up.redemption(get_db(), redemption_id)
    g.again = lambda verdict: receipt_page(sold, verdict)
    link = identifying.wallet_link(sold.voucher, secret=get_shop().secret)
    paper = receipts.redemption(
        get_db(),
        get_shop(),
        redemption_id,
        address=f"{till().public_url}/wallet/{link}",
        remark=shapes.invoice_remark(sold),
    )
    _print(paper)
    return redirect(url_for("till.receipt", redemption_id=redemption_id, printed=1), 303)


@bp.get("/till/shift")
@signed_in
def shift() -> str:
    """Show today's totals: a cashier's own, everybody's to a manager."""
    return _shift_page(None)


@bp.post("/till/shift/print")
@signed_in
def print_shift() -> Response:
    """Print a cashier's totals."""
    g.again = _shift_page
    asked = request.form.get("cashier", "")
    found = next((one for one in _shifts() if one.cashier == asked), None)
    if found is None:
        raise NotFound
    _print(receipts.shift(get_shop(), found, get_shop().today(now())))
    return redirect(url_for("papers.shift", printed=1), 303)


def _print(paper: Receipt) -> None:
    printer = till().printer
    if printer is None:
        raise Conflict("printer_not_set")
    printer.print(paper)


def _shifts() -> list[receipts.Shift]:
    found = receipts.shifts(get_db(), get_shop().today(now()))
    if current_user.role in ("lead", "manager"):
        return found
    return [one for one in found if one.cashier == current_user.username]


def _shift_page(verdict: Verdict | None) -> str:
    printed = Verdict("yes", t("receipt.printed")) if request.args.get("printed") else None
    return render_template(
        "till/shift.html",
        shifts=_shifts(),
        on=get_shop().today(now()),
        verdict=verdict or printed,
        has_printer=till().printer is not None,
    )
