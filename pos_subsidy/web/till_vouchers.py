"""Vouchers at the till: issue one, hand it to the consumer, void it."""

import secrets
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug import Response

from pos_subsidy.context import get_db, get_shop, now, till
from pos_subsidy.domain import voucher as codes
from pos_subsidy.errors import Conflict, Invalid, SubsidyError
from pos_subsidy.services import identifying, issuance, looking_up, reissue
from pos_subsidy.services import rights as personal
from pos_subsidy.services.assessment import PersonInput
from pos_subsidy.services.issuance import Application
from pos_subsidy.services.looking_up import VoucherStory
from pos_subsidy.web import forms, qr_image, rendering, verdicts
from pos_subsidy.web import sale as sales
from pos_subsidy.web.api import shapes
from pos_subsidy.web.approving import approved
from pos_subsidy.web.auth import actor, signed_in
from pos_subsidy.web.language import t
from pos_subsidy.web.privacy import must_be_private
from pos_subsidy.web.verdicts import Verdict

ID_TYPES = ("resident", "residence_permit", "hk_macao_permit", "taiwan_permit", "foreigner_card", "passport")
_NOT_ASKED_AGAIN = frozenset({"id_number", "csrf_token", "once", forms.SECRET})

bp = Blueprint("vouchers", __name__)


@bp.errorhandler(SubsidyError)
def _failed(error: SubsidyError) -> Response:
    if isinstance(error, Conflict) and error.code == "voucher_exists":
        g.existing = error.params["voucher"]
    return verdicts.answer(error)


@bp.get("/till/issue")
@signed_in
def form() -> str:
    """Ask who applies, and for what."""
    return _form_page(None)


@bp.post("/till/issue")
@signed_in
def issue() -> Response:
    """Issue a voucher."""
    must_be_private()
    g.again = _form_page
    if not request.form.get("consent"):
        raise Invalid("consent_required")
    application = _application()
    if application.replaces:
        g.existing = application.replaces
    by = approved("void") if application.replaces else actor()
    return forms.once(
        lambda remember: issuance.issue(
            get_db(), get_shop(), application, by=by, now=now(), remember=remember
        ),
        then=lambda issued: url_for("vouchers.show", code=issued.voucher.code, issued=1),
    )


@bp.get("/till/vouchers/<code>")
@signed_in
def show(code: str) -> str:
    """Show a voucher: its state, its link for the consumer's phone, its paper."""
    return _voucher_page(code, None)


@bp.get("/till/vouchers/<code>/link.svg")
@signed_in
def link(code: str) -> Response:
    """Draw the address of the consumer's page, for her phone to open."""
    return qr_image.svg(wallet_url(looking_up.voucher(get_db(), code)), "screen")


@bp.get("/till/vouchers/<code>/token.svg")
@signed_in
def token(code: str) -> Response:
    """Draw the voucher itself, for paper.

    Raises:
        Conflict: ``voucher_not_usable``.
    """
    story = looking_up.voucher(get_db(), code)
    if story.voucher.status not in ("issued", "held") or story.voucher.is_over(now()):
        raise Conflict("voucher_not_usable", status=shapes.voucher(story.voucher)["status"])
    return qr_image.svg(shapes.token(story.voucher), story.voucher.kind)


@bp.get("/till/vouchers/<code>/rights")
@signed_in
def rights(code: str) -> str:
    """Show what the voucher's person has used and what is left."""
    story = looking_up.voucher(get_db(), code)
    shop, at = get_shop(), now()
    found = personal.rights_of(get_db(), shop, story.voucher.person_key, on=shop.today(at), now=at)
    return render_template("till/rights.html", story=story, rights=found)


@bp.post("/till/vouchers/<code>/use")
@signed_in
def use(code: str) -> Response:
    """Put the voucher into the sale."""
    g.again = lambda verdict: _voucher_page(code, verdict)
    sales.keep(sales.with_voucher(sales.load(), codes.normalise(code)))
    return redirect(url_for("till.sale"), 303)


@bp.post("/till/vouchers/<code>/void")
@signed_in
def void(code: str) -> Response:
    """Void a voucher that was not used."""
    g.again = lambda verdict: _voucher_page(code, verdict)
    by = approved("void")

    def act(remember: Any) -> None:
        reason = forms.text("reason") or "voided_at_till"
        issuance.void(get_db(), get_shop(), code, reason=reason, by=by, now=now(), remember=remember)

    return forms.once(act, then=lambda _voided: url_for("vouchers.show", code=code))


@bp.post("/till/vouchers/<code>/reissue")
@signed_in
def issue_anew(code: str) -> Response:
    """Issue an expired voucher anew to the same person."""
    g.again = lambda verdict: _voucher_page(code, verdict)
    return forms.once(
        lambda remember: reissue.reissue(
            get_db(), get_shop(), code, by=actor(), now=now(), remember=remember
        ),
        then=lambda issued: url_for("vouchers.show", code=issued.voucher.code, issued=1),
    )


def wallet_url(story: VoucherStory) -> str:
    """Return the address of the consumer's page."""
    return (
        f"{till().public_url}/wallet/{identifying.wallet_link(story.voucher.code, secret=get_shop().secret)}"
    )


def _application() -> Application:
    price = forms.field("price")
    gtin = forms.field("gtin", longest=20)
    rating = forms.field("energy_rating")
    return Application(
        category=None if gtin else forms.field("category", longest=64) or None,
        person=PersonInput(
            id_type=forms.field("id_type", longest=40),
            id_number=forms.field("id_number", longest=40).upper(),
            name=forms.text("name", longest=60),
            phone=forms.field("phone", longest=30),
        ),
        gtin=gtin or None,
        price_fen=forms.amount_fen(price) if price else None,
        energy_rating=int(rating) if rating in set("12345") else None,
        kind="paper" if request.form.get("kind") == "paper" else "screen",
        replaces=forms.field("replaces", longest=20) or None,
    )


def _form_page(verdict: Verdict | None) -> str:
    shop = get_shop()
    on = shop.today(now())
    categories = [
        category
        for category in shop.rulebook.categories.values()
        if (rule := shop.rulebook.rule_in_force(category.code, on)) and rule.status == "confirmed"
    ]
    # The ID number is typed anew after a mistake: a page never carries one.
    typed = {name: value for name, value in request.form.items() if name not in _NOT_ASKED_AGAIN}
    begun = sales.load()
    return render_template(
        "till/issue.html",
        verdict=verdict,
        categories=categories,
        id_types=ID_TYPES,
        typed={"gtin": begun.gtin, "price": begun.price, **typed},
        existing=g.get("existing"),
        once=secrets.token_urlsafe(16),
    )


def _voucher_page(code: str, verdict: Verdict | None) -> str:
    story = looking_up.voucher(get_db(), code)
    state = "expired" if story.voucher.is_over(now()) else story.voucher.status
    return render_template(
        "till/voucher.html",
        story=story,
        state=state,
        verdict=verdict or _band(story, state),
        wallet_url=wallet_url(story),
        once=secrets.token_urlsafe(16),
    )


def _band(story: VoucherStory, state: str) -> Verdict | None:
    if state != "issued":
        return Verdict("yes" if state == "redeemed" else "doubt", t(f"state.{state}"))
    if not request.args.get("issued"):
        return None
    until = t("voucher.good_until", clock=rendering.local_moment(story.voucher.valid_until))
    return Verdict("yes", t("voucher.issued"), until, story.voucher.subsidy_fen)
