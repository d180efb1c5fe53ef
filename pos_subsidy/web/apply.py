"""The consumer applies on her own phone: the shop's poster, the question, the voucher."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug import Response as BaseResponse

from pos_subsidy.context import get_db, get_shop, now, till
from pos_subsidy.domain.identifiers import gtin as gtins
from pos_subsidy.domain.product import Product
from pos_subsidy.domain.rules import Category, Rule
from pos_subsidy.domain.subsidy import Assessment, Reason
from pos_subsidy.domain.voucher import SELF_SERVICE
from pos_subsidy.errors import Conflict, Invalid, Refused, SubsidyError
from pos_subsidy.services import assessment, issuance, looking_up
from pos_subsidy.services.assessment import Goods, PersonInput
from pos_subsidy.services.issuance import Application, Issued
from pos_subsidy.services.shop import By, Remember
from pos_subsidy.web import forms, pictures, privacy, public, qr_image, rendering, verdicts
from pos_subsidy.web.auth import signed_in
from pos_subsidy.web.language import t
from pos_subsidy.web.questions import Question, questions
from pos_subsidy.web.till_vouchers import ID_TYPES
from pos_subsidy.web.verdicts import Verdict

# What these say depends on what the person had: whoever typed her number must not learn it.
_ABOUT_HER = frozenset({"units_exhausted", "scheme_conflict", "voucher_exists"})
_NOT_ASKED_AGAIN = frozenset({"id_number", "csrf_token", "once"})

bp = Blueprint("apply", __name__)


@dataclass(frozen=True, slots=True)
class _Wish:
    """What she would like to buy; ``goods`` only where she knows the price."""

    category: str
    product: Product | None
    rule: Rule | None
    questions: list[Question]
    goods: Goods
    has_price: bool


@bp.errorhandler(SubsidyError)
def _failed(error: SubsidyError) -> BaseResponse:
    return verdicts.answer(error)


@bp.get("/till/poster")
@signed_in
def poster() -> str:
    """Show a sheet for the shop's door: what a customer gets by scanning it."""
    return render_template(
        "till/poster.html", address=_address(), is_private=_address().startswith("https://")
    )


@bp.get("/till/poster/qr.svg")
@signed_in
def poster_qr() -> Response:
    """Draw the address that the poster leads to."""
    return qr_image.svg(_address(), "paper")


@bp.get("/apply")
def form() -> BaseResponse:
    """Say what she would get, and let her apply."""
    try:
        return Response(_page(request.args, None))
    except SubsidyError as error:
        verdict = replace(verdicts.of_error(error), mood="doubt")
        return Response(_blank(request.args, verdict), 400)


@bp.post("/apply/picture")
def picture() -> BaseResponse:
    """Read the bar code off a photo of the box."""
    g.again = lambda verdict: _blank(request.form, verdict)
    sent = request.files.get("picture")
    read = pictures.read(sent.read(pictures.MAX_BYTES + 1) if sent else b"")
    number = next(filter(None, map(_gtin_of, read)), None)
    if number is None:
        raise Invalid("picture_without_code")
    return redirect(url_for("apply.form", gtin=number), 303)


@bp.post("/apply")
def issue() -> BaseResponse:
    """Issue a voucher to whoever says who she is; the cashier compares her paper at the hold."""
    privacy.must_be_private()
    g.again = lambda verdict: _again(verdict)
    if not request.form.get("consent"):
        raise Invalid("consent_required")
    application = _application()
    return forms.once(
        lambda remember: _issue(application, remember),
        then=lambda issued: url_for("wallet.show", link=issued.wallet_link),
    )


def _issue(application: Application, remember: Remember) -> Issued:
    try:
        return issuance.issue(
            get_db(), get_shop(), application, by=By(SELF_SERVICE), now=now(), remember=remember
        )
    except Conflict as error:
        if error.code in _ABOUT_HER:
            raise Conflict("ask_at_counter") from None
        raise
    except Refused as error:
        others = [reason for reason in error.reasons if reason.code not in _ABOUT_HER]
        if not others:
            raise Conflict("ask_at_counter") from None
        raise Refused(others) from None


def _application() -> Application:
    wish = _wish(request.form)
    return Application(
        category=None if wish.product else wish.category,
        person=PersonInput(
            id_type=forms.field("id_type", longest=40),
            id_number=forms.field("id_number", longest=40).upper(),
            name=forms.text("name", longest=60),
            phone=forms.field("phone", longest=30),
        ),
        gtin=wish.product.gtin if wish.product else None,
        price_fen=wish.goods.price_fen if wish.has_price else None,
        energy_rating=wish.goods.energy_rating,
        attributes=wish.goods.attributes,
    )


def _wish(typed: Mapping[str, str]) -> _Wish:
    """Return what the form asks for.

    Raises:
        Invalid: a number cannot be read, or nothing was chosen.
        Refused: the bar code is not in the filed catalogue.
        NotFound: there is no such class.
    """
    shop, product = get_shop(), None
    written = forms.mended(typed.get("gtin", "")).strip()[:20]
    if written:
        number = gtins.validate(written)
        product = looking_up.product(get_db(), number, shop.today(now()))
        if product is None:
            raise Refused([Reason("not_in_catalogue", {"gtin": number}, "")])
    code = product.category if product else typed.get("category", "")[:64]
    if not code:
        raise Invalid("goods_unnamed")
    rule = shop.rulebook.rule_in_force(shop.rulebook.category(code).code, shop.today(now()))
    asked = questions(rule) if rule else []
    has_price = bool(typed.get("price", "").strip())
    goods = public.goods({**typed, "price": typed.get("price", "") if has_price else "1"}, code, asked)
    if product is not None:
        goods = Goods(goods.price_fen, None, product.gtin, None, goods.attributes)
    return _Wish(code, product, rule, asked, goods, has_price)


def _page(typed: Mapping[str, str], fault: Verdict | None) -> str:
    if not (typed.get("gtin", "").strip() or typed.get("category")):
        return _blank(typed, fault)
    wish = _wish(typed)
    outcome: Assessment | None = None
    verdict = fault
    if wish.has_price:
        outcome = assessment.assess(get_db(), get_shop(), wish.goods, sold_on=None, person=None, now=now())
        verdict = fault or public.verdict_of(outcome)
    is_open = _is_open(wish.rule)
    if not is_open:
        verdict = verdict or Verdict("doubt", t("apply.not_here"), t("apply.not_here_next"))
    granted = outcome is None or (outcome.eligible and outcome.subsidy_fen > 0)
    return _blank(typed, verdict, wish=wish, outcome=outcome, may_apply=is_open and granted)


def _blank(
    typed: Mapping[str, str],
    verdict: Verdict | None,
    *,
    wish: _Wish | None = None,
    outcome: Assessment | None = None,
    may_apply: bool = False,
) -> str:
    # The ID number is typed anew after a mistake: a page never carries one.
    shown = {name: value for name, value in typed.items() if name not in _NOT_ASKED_AGAIN}
    return render_template(
        "public/apply.html",
        typed=shown,
        wish=wish,
        categories=_categories(),
        verdict=verdict,
        outcome=outcome,
        steps=rendering.told(outcome.steps) if outcome else [],
        may_apply=may_apply,
        is_private=privacy.is_private(),
        id_types=ID_TYPES,
        once=secrets.token_urlsafe(16),
    )


def _again(verdict: Verdict) -> str:
    told = replace(verdict, points=public.for_buyers(verdict.points))
    try:
        return _page(request.form, told)
    except SubsidyError:
        return _blank(request.form, told)


def _categories() -> list[Category]:
    """Return the classes for which a voucher can be had today."""
    book, on = get_shop().rulebook, get_shop().today(now())
    return [one for one in book.categories.values() if _is_open(book.rule_in_force(one.code, on))]


def _is_open(rule: Rule | None) -> bool:
    return rule is not None and rule.status == "confirmed" and rule.terms.claimed != "afterwards"


def _gtin_of(read: str) -> str | None:
    try:
        return gtins.validate(read)
    except Invalid:
        return None


def _address() -> str:
    return f"{till().public_url}{url_for('apply.form')}"
