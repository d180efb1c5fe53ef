"""The cashier's pages: put a sale together, hold, take the money, redeem, receipt."""

import secrets
from dataclasses import replace
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug import Response

from pos_subsidy.context import get_db, get_shop, now, till
from pos_subsidy.domain import explanation
from pos_subsidy.domain.subsidy import Reason
from pos_subsidy.errors import Invalid, NotFound, SubsidyError
from pos_subsidy.services import doubts, holds, looking_up, redemption
from pos_subsidy.services.looking_up import Hold, Line, Payment, Redemption
from pos_subsidy.services.redemption import Paid
from pos_subsidy.web import basket as baskets
from pos_subsidy.web import forms, pictures, scan, verdicts
from pos_subsidy.web import sale as sales
from pos_subsidy.web.api import shapes
from pos_subsidy.web.auth import actor, signed_in
from pos_subsidy.web.language import t
from pos_subsidy.web.sale import Draft
from pos_subsidy.web.verdicts import Verdict

CHANNELS = ("wechat", "alipay", "unionpay", "cash", "card")

bp = Blueprint("till", __name__)
bp.register_error_handler(SubsidyError, verdicts.answer)


@bp.get("/till")
@signed_in
def sale() -> str:
    """Show the sale that is being put together, and what is wanted next."""
    g.again = lambda verdict: _sale_page(sales.load(), verdict)
    return _sale_page(sales.load(), None)


@bp.post("/till")
@signed_in
def scanned() -> Response:
    """Take a scan; with nothing scanned and nothing missing, hold."""
    draft = sales.from_form()
    g.again = lambda verdict: _sale_page(draft, verdict)
    if went := forms.gone_before():
        return went
    if request.form.get("act") == "clear":
        sales.clear()
        return redirect(url_for("till.sale"), 303)
    if draft.voucher and draft.voucher != sales.load().voucher:
        draft = sales.with_voucher(draft, draft.voucher)
    text = forms.mended(request.form.get("scan", ""))
    if text.strip():
        return _take_scan(draft, text)
    if (picture := request.files.get("picture")) and picture.filename:
        return _take_picture(draft, picture.read(pictures.MAX_BYTES + 1))
    if draft == sales.load() and sales.look(draft).wanted == ("order_no",):
        # Enter on an empty field: the cash system gives no number, so the shop's own is taken.
        draft = sales.with_own_order_no(draft)
        return _hold(draft)
    complete = not sales.look(draft).wanted
    if (act := request.form.get("act")) == "plain" or (act == "add" and complete):
        if not baskets.is_repeated(baskets.load()):
            baskets.add_sale(draft, plain=act == "plain")
        sales.clear(order_no=draft.order_no)
        return redirect(url_for("till.sale"), 303)
    if complete and (request.form.get("act") == "hold" or draft == sales.load()):
        return _hold(draft)
    sales.keep(draft)
    return redirect(url_for("till.sale"), 303)


@bp.post("/till/read-picture")
@signed_in
def read_picture() -> dict[str, list[str]]:
    """Read one frame of the till's camera: the codes on it, or none; nothing is kept."""
    picture = request.files.get("picture")
    return {"texts": pictures.codes_of(picture.read(pictures.MAX_BYTES + 1)) if picture else []}


@bp.get("/till/holds/<hold_id>")
@signed_in
def show_hold(hold_id: str) -> str:
    """Show what to charge and until when."""
    return _hold_page(looking_up.hold(get_db(), hold_id), None)


@bp.post("/till/holds/<hold_id>")
@signed_in
def redeem(hold_id: str) -> Response:
    """Redeem: the customer has paid."""
    held = looking_up.hold(get_db(), hold_id)
    g.again = lambda verdict: _hold_page(looking_up.hold(get_db(), hold_id), verdict)
    paid = _paid()
    return forms.once(
        lambda remember: redemption.redeem(
            get_db(), get_shop(), held.hold_id, paid, by=actor(), now=now(), remember=remember
        ),
        then=lambda sold: url_for("till.receipt", redemption_id=sold.redemption_id, done=1),
    )


@bp.post("/till/holds/<hold_id>/release")
@signed_in
def release(hold_id: str) -> Response:
    """Let go of a hold: the payment failed, or the customer changed her mind."""
    g.again = lambda verdict: _hold_page(looking_up.hold(get_db(), hold_id), verdict)

    def act(remember: Any) -> None:
        reason = forms.text("reason") or "released_at_till"
        holds.release(get_db(), get_shop(), hold_id, reason=reason, by=actor(), now=now(), remember=remember)

    return forms.once(act, then=lambda _released: url_for("till.sale"))


@bp.get("/till/redemptions/<redemption_id>")
@signed_in
def receipt(redemption_id: str) -> str:
    """Show a redemption for the cashier and as a paper for the customer."""
    sold = looking_up.redemption(get_db(), redemption_id)
    verdict = _just_done(sold.lines[-1]) if request.args.get("done") else None
    if (found := request.args.get("found")) in ("used", "free"):
        verdict = Verdict("doubt", t(f"find.{found}"), t(f"find.{found}_next"))
    if request.args.get("printed"):
        verdict = Verdict("yes", t("receipt.printed"))
    return receipt_page(sold, verdict)


@bp.post("/till/again")
@signed_in
def again() -> Response:
    """Begin the next item of the same order."""
    sales.clear(order_no=forms.field("order_no", longest=64))
    return redirect(url_for("till.sale"), 303)


def receipt_page(sold: Redemption, verdict: Verdict | None) -> str:
    """Return the page of a redemption."""
    return render_template(
        "till/receipt.html",
        sold=sold,
        verdict=verdict,
        product=looking_up.product_sold(get_db(), sold.gtin, sold.business_date),
        person=looking_up.person_of(get_db(), sold.person_key),
        remark=shapes.invoice_remark(sold),
        city=verdicts.of_city(sold),
        has_printer=till().printer is not None,
    )


def _paid() -> Paid:
    """Return the payment, or the two that the customer made.

    Raises:
        Invalid: ``payment_required``, ``price_invalid`` or ``payments_do_not_add_up``.
    """
    paid_fen = forms.amount_fen(request.form.get("paid", ""))
    second_fen = forms.amount_fen(request.form["amount2"]) if forms.field("amount2") else 0
    asked = [("channel", "payment_ref", paid_fen - second_fen)]
    if second_fen or forms.field("channel2"):
        asked.append(("channel2", "payment_ref2", second_fen))
    payments = [
        Payment(forms.field(channel), forms.field(reference, longest=64), amount_fen)
        for channel, reference, amount_fen in asked
    ]
    if any(one.channel not in CHANNELS for one in payments):
        raise Invalid("payment_required")
    if any(one.amount_fen <= 0 for one in payments):
        raise Invalid("payments_do_not_add_up", paid_fen=paid_fen)
    return Paid(paid_fen, payments)


def _just_done(line: Line) -> Verdict | None:
    """Return the band for what was booked a moment ago."""
    if line.kind == "sale":
        return Verdict("yes", t("verdict.redeemed"), amount_fen=line.subsidy_fen)
    if line.kind == "exchange":
        return Verdict("yes", t("exchange.done"))
    right = t(f"right.{line.detail['right']}")
    return Verdict("doubt", t("verdict.reversed"), t("verdict.right_now", right=right), -line.payable_fen)


def _take_scan(draft: Draft, text: str) -> Response:
    counter = sales.look(draft)
    found = scan.classify(
        text,
        wanted=counter.wanted,
        is_filed=_is_filed,
        is_voucher=_is_voucher,
        by_certificate=sales.is_by_certificate(counter),
    )
    if found.kind == "ours":
        return redirect(_page_of(found.value), 303)
    if found.kind in ("token", "code"):
        draft = sales.with_voucher(draft, found.value)
    elif found.kind == "goods":
        draft = replace(draft, gtin=found.value, serial_no=found.serial_no or draft.serial_no)
    else:
        draft = replace(draft, **{found.kind: found.value})
    sales.look(draft)
    sales.keep(draft)
    return redirect(url_for("till.sale"), 303)


def _take_picture(draft: Draft, content: bytes) -> Response:
    """Take the first code on a picture that the sale has a use for."""
    refused: SubsidyError | None = None
    for text in pictures.read(content):
        try:
            return _take_scan(draft, text)
        except SubsidyError as error:
            refused = refused or error
    assert refused is not None, "a picture without a code is refused by itself"
    raise refused


def _page_of(number: str) -> str:
    if number.startswith("C-"):
        return url_for("claims.show", claim_id=number)
    if number.startswith("R-"):
        sold = looking_up.redemption(get_db(), number)
        return url_for("till.receipt", redemption_id=sold.redemption_id)
    return url_for("till.show_hold", hold_id=looking_up.hold(get_db(), number).hold_id)


def _hold(draft: Draft) -> Response:
    asked = sales.as_sale(draft)
    answer = forms.once(
        lambda remember: holds.hold(get_db(), get_shop(), asked, by=actor(), now=now(), remember=remember),
        then=lambda taken: url_for("till.show_hold", hold_id=taken.hold_id),
    )
    sales.clear()
    return answer


def _is_filed(gtin: str) -> bool:
    return looking_up.product(get_db(), gtin, get_shop().today(now())) is not None


def _is_voucher(code: str) -> bool:
    try:
        looking_up.voucher(get_db(), code)
    except NotFound:
        return False
    return True


def _sale_page(draft: Draft, verdict: Verdict | None) -> str:
    try:
        counter = sales.look(draft)
    except SubsidyError as error:
        # A malformed field must not hide the page on which it is corrected.
        verdict = verdict or verdicts.of_error(error)
        counter = _as_far_as_known(draft)
    told = [*(counter.outcome.warnings if counter.outcome else ()), *_alike(draft)]
    return render_template(
        "till/sale.html",
        counter=counter,
        draft=draft,
        verdict=verdict or _of_outcome(counter),
        steps=[explanation.step_json(step) for step in counter.outcome.steps] if counter.outcome else [],
        warnings=verdicts.points(told),
        once=secrets.token_urlsafe(16),
        open_holds=looking_up.open_holds(get_db()),
        basket=baskets.load(),
    )


def _as_far_as_known(draft: Draft) -> sales.Counter:
    for known in (replace(draft, screen=""), replace(draft, screen="", gtin="")):
        try:
            return replace(sales.look(known), draft=draft)
        except SubsidyError:
            continue
    return replace(sales.look(Draft()), draft=draft)


def _alike(draft: Draft) -> list[Reason]:
    try:
        return doubts.lookalikes(get_db(), draft.serial_no)
    except Invalid:
        return []  # the hold says what is wrong with it


def _of_outcome(counter: sales.Counter) -> Verdict:
    outcome = counter.outcome
    if outcome is not None and not outcome.eligible:
        return verdicts.refusal(outcome.refusals)
    if counter.wanted:
        title = t(f"sale.wants_{counter.wanted[0]}")
        return Verdict("wait", title, t(f"sale.hint_{counter.wanted[0]}"))
    assert outcome is not None, "with nothing wanted the price is known"
    return Verdict("yes", t("verdict.may_be_granted"), amount_fen=outcome.subsidy_fen)


def _hold_page(held: Hold, verdict: Verdict | None) -> str:
    sold = looking_up.redemption_of_hold(get_db(), held.hold_id)
    return render_template(
        "till/hold.html",
        held=held,
        sold=sold,
        verdict=verdict,
        channels=CHANNELS,
        product=looking_up.product_sold(get_db(), held.gtin, held.business_date),
        warnings=verdicts.points(doubts.doubts(get_db(), get_shop(), held)),
        once=secrets.token_urlsafe(16),
    )
