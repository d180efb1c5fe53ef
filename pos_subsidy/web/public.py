"""Pages for everybody: what would I get, the rules in force, the slip of one's own claim."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from markupsafe import Markup

from pos_subsidy import certificates
from pos_subsidy.context import get_db, get_shop, now, till
from pos_subsidy.domain import explanation, ratings
from pos_subsidy.domain.attributes import read_attributes
from pos_subsidy.domain.rules import PACK_DEFAULT, Category, Rule
from pos_subsidy.domain.subsidy import Assessment, Reason
from pos_subsidy.errors import NotFound, SubsidyError
from pos_subsidy.look import comfort
from pos_subsidy.look.assets import asset
from pos_subsidy.services import assessment, claims
from pos_subsidy.services.assessment import Goods
from pos_subsidy.web import errors, forms, qr_image, rule_sheet, verdicts
from pos_subsidy.web.api import claim_shapes
from pos_subsidy.web.language import t
from pos_subsidy.web.phrases import PHRASES
from pos_subsidy.web.questions import Question, questions
from pos_subsidy.web.verdicts import Point, Verdict

_WANTING = frozenset({"rating_required", "attribute_required"})
_ANSWERS = {"yes": "true", "no": "false"}

bp = Blueprint("public", __name__)


@bp.get("/ask")
def ask() -> Response:
    """Say what an item would get, on any day, without a person; a link to it can be shared."""
    shop = get_shop()
    verdict, outcome, rule, status = None, None, None, 200
    asked: list[Question] = []
    on = shop.today(now())
    try:
        on = forms.day(request.args.get("on", "")) or on
        code = request.args.get("category", "")
        rule = shop.rulebook.rule_in_force(shop.rulebook.category(code).code, on) if code else None
        asked = questions(rule) if rule else []
        if code and request.args.get("price"):
            outcome = assessment.assess(
                get_db(), shop, goods(request.args, code, asked), sold_on=on, person=None, now=now()
            )
            verdict = verdict_of(outcome)
        elif code:
            verdict = Verdict("wait", t("ask.now_price"))
    except SubsidyError as error:
        # A slip of the form is no refusal: something to correct.
        verdict, status = replace(verdicts.of_error(error), mood="doubt"), 400
    page = render_template(
        "public/ask.html",
        typed=request.args,
        on=on,
        families=_families(on),
        rule=rule,
        questions=asked,
        verdict=verdict,
        outcome=outcome,
        steps=[explanation.step_json(step) for step in outcome.steps] if outcome else [],
        warnings=for_buyers(verdicts.points(outcome.warnings)) if outcome else (),
    )
    return Response(page, status)


@bp.get("/rules")
def rules() -> str:
    """Show the rules in force on a day as a sheet to print."""
    shop = get_shop()
    on = forms.day(request.args.get("on", "")) or shop.today(now())
    address = f"{till().public_url}{url_for('public.rules', on=on)}"
    return render_template(
        "public/rules.html",
        on=on,
        programmes=rule_sheet.sheets(shop.rulebook, on),
        address=address,
        picture=rule_sheet.picture(address),
        labels=rule_sheet.LABELS,
        ask=url_for("public.ask"),
        large=comfort.type_is_large(),
        other_type=comfort.other_type(),
        type_words=t("comfort.plain") if comfort.type_is_large() else t("comfort.large"),
        style=Markup('<link rel="stylesheet" href="{}"><link rel="icon" href="{}">').format(
            asset("sheet.css"), asset("icon.svg")
        ),
    )


@bp.get("/trust")
def trust() -> str:
    """Say how a phone comes to trust the shop's own certificate."""
    return render_template("public/trust.html", fingerprint=certificates.fingerprint(_authority()))


@bp.get("/trust/authority.crt")
def authority() -> Response:
    """Hand out the shop's certificate authority, as phones install it."""
    return Response(_authority().read_bytes(), content_type="application/x-x509-ca-cert")


def _authority() -> Path:
    path = till().authority
    if path is None or not path.exists():
        raise NotFound("tls_missing")
    return path


@bp.errorhandler(NotFound)
def _no_such_page(error: NotFound) -> Response:
    if error.code != "claim_unknown":
        return errors.answer(error)
    return Response(render_template("wallet/not_found.html"), 404)


@bp.get("/claim/<link>")
def claim(link: str) -> str:
    """Show a claim's slip to whoever holds its link: the papers, what they must show, the state."""
    story = claims.by_link(get_db(), get_shop(), link)
    return render_template("wallet/claim.html", link=link, story=story)


@bp.get("/claim/<link>/qr.svg")
def claim_qr(link: str) -> Response:
    """Draw the slip's own address."""
    story = claims.by_link(get_db(), get_shop(), link)
    return qr_image.svg(claim_shapes.slip_url(story), "paper")


def goods(typed: Mapping[str, str], code: str, asked: list[Question]) -> Goods:
    """Return the goods that the form describes.

    Raises:
        Invalid: ``price_invalid``, or what else cannot be read.
    """
    rating = forms.mended(typed.get("rating", ""))
    told: dict[str, Any] = {}
    for question in asked:
        written = forms.mended(typed.get(question.name, "")).strip()
        if written:
            told[question.name] = _ANSWERS.get(written, written) if question.kind == "yes_no" else written
    attributes = read_attributes(told)
    known = get_shop().rulebook.category(code).attributes
    if rating == "none" and "has_rating_system" in known:
        attributes["has_rating_system"] = False
    return Goods(
        price_fen=forms.amount_fen(typed["price"]),
        category=code,
        energy_rating=ratings.read(rating) if rating not in ("", "none") else None,
        attributes=attributes,
    )


def verdict_of(outcome: Assessment) -> Verdict:
    """Return the band for what the rules say, in words for one who wants to buy."""
    if outcome.eligible and outcome.subsidy_fen:
        return Verdict("yes", t("ask.granted"), amount_fen=outcome.subsidy_fen)
    none = (Reason("nothing_granted", {"price_fen": outcome.price_fen}, PACK_DEFAULT.cited),)
    refusals = outcome.refusals or none
    refused = verdicts.refusal(refusals)
    refused = replace(refused, points=for_buyers(refused.points))
    if all(one.code in _WANTING for one in refusals):
        return replace(refused, mood="doubt", title=t("ask.wanting", count=len(refusals)), detail="")
    return refused


def for_buyers(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """Return reasons with the next step of one who wants to buy, where the cashier's is another."""
    return tuple(
        replace(point, next_step=t(f"ask_next.{point.code}"))
        if f"ask_next.{point.code}" in PHRASES
        else point
        for point in points
    )


def _families(on: date) -> list[tuple[str, list[tuple[Category, Rule | None]]]]:
    """Return classes by family, those that are granted something on the day first."""
    book = get_shop().rulebook
    found: dict[str, list[tuple[Category, Rule | None]]] = {}
    for category in book.categories.values():
        rule = book.rule_in_force(category.code, on)
        confirmed = rule if rule is not None and rule.status == "confirmed" else None
        found.setdefault(category.family, []).append((category, confirmed))
    return [(family, sorted(rows, key=lambda row: row[1] is None)) for family, rows in found.items()]
