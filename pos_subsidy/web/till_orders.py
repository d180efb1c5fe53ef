"""An order of several items: its totals, one discount, hold all, one payment for all."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug import Response as BaseResponse

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.domain.allocation import paid_by
from pos_subsidy.domain.subsidy import Reason
from pos_subsidy.errors import Conflict, Invalid, SubsidyError
from pos_subsidy.look.statuses import status_of
from pos_subsidy.services import holds, redemption
from pos_subsidy.services.looking_up import Payment
from pos_subsidy.services.redemption import Paid
from pos_subsidy.web import basket as baskets
from pos_subsidy.web import forms, verdicts
from pos_subsidy.web import sale as sales
from pos_subsidy.web.auth import actor, signed_in
from pos_subsidy.web.basket import Basket, Item, Row
from pos_subsidy.web.language import t
from pos_subsidy.web.sale import Draft
from pos_subsidy.web.till import CHANNELS
from pos_subsidy.web.verdicts import Point, Verdict

_LONGEST = 64

bp = Blueprint("orders", __name__)
bp.register_error_handler(SubsidyError, verdicts.answer)


@bp.get("/till/order")
@signed_in
def show() -> Any:
    """Show an order's items, their shares of the discount and the totals."""
    # As a query: an order number may hold what a path cannot.
    order_no = forms.mended(request.args.get("no", "")).strip()[:_LONGEST] or baskets.load().order_no
    if not order_no:
        return redirect(url_for("till.sale"), 303)
    return _page(order_no, None)


@bp.post("/till/order")
@signed_in
def change() -> BaseResponse:
    """Change the list of items or the discount; nothing is held by it."""
    order_no, basket = _asked()
    if baskets.is_repeated(basket):
        return redirect(_address(order_no), 303)
    act, _, place = request.form.get("act", "").partition(":")
    if act == "discard":
        baskets.clear()
        return redirect(url_for("till.sale"), 303)
    if act == "next":
        sales.clear(order_no=order_no)
        return redirect(url_for("till.sale"), 303)
    if act == "plain":
        price = forms.field("price", longest=14)
        name = forms.text("name", longest=40)
        baskets.add(order_no, Item(Draft(price=price), name))
    elif act == "discount":
        typed = forms.field("discount", longest=14)
        baskets.discount(basket, forms.amount_fen(typed) if typed.strip("0.") else 0)
    elif act in ("remove", "edit") and place.isdecimal():
        taken = baskets.take_out(basket, int(place))
        if act == "edit":
            sales.keep(replace(taken.draft, order_no=order_no))
            return redirect(url_for("till.sale"), 303)
    return redirect(_address(order_no), 303)


@bp.post("/till/order/hold")
@signed_in
def hold_all() -> BaseResponse:
    """Hold each item that has a voucher; one that is refused leaves the others on hold."""
    order_no, basket = _asked()
    found = baskets.rows(basket)
    waiting = [row for row in found if row.is_to_hold]
    if not any(row.state != "refused" for row in waiting) and not any(row.state == "held" for row in found):
        raise Conflict("order_nothing_eligible")
    if request.form.get("shown") != str(sum(row.payable_fen for row in found)):
        raise Conflict("order_changed")

    def hold(row: Row) -> Callable[[Any], Any]:
        assert row.draft is not None
        asked = sales.as_sale(replace(row.draft, order_no=order_no))
        return lambda remember: holds.hold(
            get_db(), get_shop(), asked, by=actor(), now=now(), remember=remember
        )

    return _one_by_one(order_no, [(row, row.voucher, hold(row)) for row in waiting])


@bp.post("/till/order/redeem")
@signed_in
def redeem_all() -> BaseResponse:
    """Book one payment or two: each item on hold with its own share of them."""
    order_no, basket = _asked()
    asked = set(request.form.getlist("hold"))
    found = baskets.rows(basket)
    paid_for = [row for row in found if row.booked and row.booked.hold.hold_id in asked]
    if len(paid_for) != len(asked) or not asked:
        raise Conflict("order_changed")
    plain_fen = (
        sum(row.final_fen for row in found if row.state == "plain") if request.form.get("plain") else 0
    )
    holds_fen = sum(row.booked.hold.payable_fen for row in paid_for if row.booked)
    if forms.amount_fen(request.form.get("paid", "")) != holds_fen + plain_fen:
        raise Conflict("order_changed")
    payments = _payments(holds_fen + plain_fen)
    dues_fen = [row.booked.hold.payable_fen for row in paid_for if row.booked]
    # What gets no subsidy is paid last: the state's lines are told in as few payments as can be.
    split = paid_by([one.amount_fen for one in payments], [*dues_fen, plain_fen])

    def book(hold: holds.Hold, amounts_fen: Sequence[int]) -> Callable[[Any], Any]:
        pairs = zip(payments, amounts_fen, strict=True)
        share = Paid(hold.payable_fen, [replace(one, amount_fen=fen) for one, fen in pairs if fen])
        return lambda remember: redemption.redeem(
            get_db(), get_shop(), hold.hold_id, share, by=actor(), now=now(), remember=remember
        )

    if basket.items:
        # The money is in the drawer, whatever becomes of a line.
        baskets.keep(replace(basket, paid=True))
    works = [
        (row, row.booked.hold.hold_id, book(row.booked.hold, amounts_fen))
        for row, amounts_fen in zip(paid_for, split, strict=False)
        if row.booked
    ]
    return _one_by_one(order_no, works)


def _payments(due_fen: int) -> list[Payment]:
    """Return the one payment of an order, or the two that the customer made.

    Raises:
        Invalid: ``payment_required``, ``price_invalid``.
        Conflict: ``paid_amount_differs``, the amounts do not come to what is due.
    """
    first = forms.field("channel"), forms.field("payment_ref", longest=_LONGEST)
    second = forms.field("channel2"), forms.field("payment_ref2", longest=_LONGEST)
    told, told2 = forms.field("amount", longest=14), forms.field("amount2", longest=14)
    if first[0] not in CHANNELS or (second[0] or told2) and second[0] not in CHANNELS:
        raise Invalid("payment_required")
    second_fen = forms.amount_fen(told2) if told2 else 0
    first_fen = forms.amount_fen(told) if told else due_fen - second_fen
    if first_fen <= 0 or first_fen + second_fen != due_fen or (second[0] and not second_fen):
        paid_fen = second_fen + (first_fen if told else 0)
        raise Conflict("paid_amount_differs", payable_fen=due_fen, paid_fen=paid_fen or due_fen)
    payments = [Payment(*first, first_fen)]
    return [*payments, Payment(*second, second_fen)] if second_fen else payments


def _asked() -> tuple[str, Basket]:
    order_no = forms.field("order_no", longest=_LONGEST)
    g.again = lambda verdict: _page(order_no, verdict)
    if not order_no:
        g.again = lambda verdict: _page("", verdict)
        raise Invalid("order_no_required")
    return order_no, baskets.of(order_no)


def _one_by_one(order_no: str, works: Sequence[tuple[Row, str, Callable[[Any], Any]]]) -> BaseResponse:
    """Do every write on its own and tell which were not done, and why."""
    points: list[Point] = []
    status = 0
    failed = 0
    for row, part, act in works:
        try:
            forms.once_of(part, act)
        except SubsidyError as error:
            failed += 1
            status = status or status_of(error)
            points += _points(row, error)
    if not failed:
        return redirect(_address(order_no), 303)
    title = t("order.some_failed", done=len(works) - failed, failed=failed)
    verdict = Verdict("no", title, t("order.some_failed_detail"), points=tuple(points))
    return Response(_page(order_no, verdict), status)


def _points(row: Row, error: SubsidyError) -> list[Point]:
    reasons = getattr(error, "reasons", None) or [Reason(error.code, error.params, "")]
    number = (row.place or 0) + 1
    return [
        replace(
            point, title=t("order.line_said", number=number, name=row.name or row.voucher, title=point.title)
        )
        for point in verdicts.points(reasons)
    ]


def _address(order_no: str) -> str:
    return url_for("orders.show", no=order_no)


def _page(order_no: str, verdict: Verdict | None) -> str:
    basket = baskets.of(order_no)
    found = baskets.rows(basket)
    counted = [row for row in found if row.state != "reversed"]
    return render_template(
        "till/order.html",
        order_no=order_no,
        basket=basket,
        rows=found,
        verdict=verdict or _band(found, basket),
        price_fen=sum(row.final_fen for row in counted),
        subsidy_fen=sum(row.subsidy_fen for row in counted),
        payable_fen=sum(row.payable_fen for row in counted),
        shown_fen=sum(row.payable_fen for row in found),
        due_fen=baskets.due_fen(found, paid=basket.paid),
        channels=CHANNELS,
        once=secrets.token_urlsafe(16),
    )


def _band(found: Sequence[Row], basket: Basket) -> Verdict | None:
    if not found:
        return Verdict("wait", t("order.empty"))
    if any(row.is_to_hold and row.state != "refused" for row in found):
        subsidy_fen = sum(row.subsidy_fen for row in found if row.state != "reversed")
        return Verdict("wait", t("order.wait_hold"), amount_fen=subsidy_fen)
    if any(row.state == "held" for row in found):
        return Verdict("yes", t("order.charge_now"))
    if any(row.state == "redeemed" for row in found):
        subsidy_fen = sum(row.subsidy_fen for row in found if row.state == "redeemed")
        return Verdict("yes", t("order.all_booked"), amount_fen=subsidy_fen)
    return Verdict("no", t("order.none_eligible"), t("order.plain_only"))
