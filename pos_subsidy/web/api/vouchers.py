"""Assessments and vouchers."""

from typing import Any

from flask import Blueprint, Response, g, request

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.domain import explanation
from pos_subsidy.domain import voucher as codes
from pos_subsidy.domain.attributes import read_attributes
from pos_subsidy.errors import Conflict, Invalid, NotFound, NotSignedIn
from pos_subsidy.services import assessment, issuance, looking_up
from pos_subsidy.services import rights as personal
from pos_subsidy.services.assessment import Goods, PersonInput
from pos_subsidy.services.issuance import Application
from pos_subsidy.services.looking_up import VoucherStory
from pos_subsidy.web import qr_image
from pos_subsidy.web.api import models, shapes
from pos_subsidy.web.api.answering import as_json, body, idempotent
from pos_subsidy.web.api.auth import api_key_required, caller, identify_caller

bp = Blueprint("api_vouchers", __name__)


@bp.post("/assessments")
def assess() -> Response:
    """Say what an item would get, with every step, or every reason against. Writes nothing."""
    identify_caller()
    asked = body(models.AssessmentBody)
    if asked.person is not None and g.api_key is None:
        # Without a key this would tell anyone about anyone.
        raise NotSignedIn("api_key_required")
    if asked.sold_on is not None and asked.sold_on > get_shop().today(now()):
        raise Invalid("sale_in_future", day=asked.sold_on.isoformat())
    outcome = assessment.assess(
        get_db(),
        get_shop(),
        Goods(
            asked.price_fen,
            asked.category,
            asked.gtin,
            asked.energy_rating,
            read_attributes(asked.attributes),
        ),
        sold_on=asked.sold_on,
        person=PersonInput(asked.person.id_type, asked.person.id_number) if asked.person else None,
        now=now(),
    )
    return as_json(explanation.assessment_json(outcome))


@bp.post("/rights")
@api_key_required
def rights() -> Response:
    """Say which classes a person has used, has left, or lost with their days. Writes nothing."""
    asked = body(models.RightsBody)
    who = PersonInput(asked.person.id_type, asked.person.id_number)
    found = personal.of_person(get_db(), get_shop(), who, on=asked.on, now=now())
    return as_json({"rights": [shapes.right(one) for one in found]})


@bp.post("/vouchers")
@api_key_required
@idempotent
def issue(answering: Any) -> None:
    """Issue a voucher to a person."""
    asked = body(models.VoucherBody)
    who = asked.person
    issuance.issue(
        get_db(),
        get_shop(),
        Application(
            category=asked.category,
            person=PersonInput(who.id_type, who.id_number, who.name, who.phone),
            gtin=asked.gtin,
            price_fen=asked.price_fen,
            energy_rating=asked.energy_rating,
            attributes=read_attributes(asked.attributes),
            kind=asked.kind,
            replaces=asked.replaces,
        ),
        by=caller(asked.cashier),
        now=now(),
        remember=answering(201, shapes.issued),
    )


@bp.get("/vouchers/<code>")
@api_key_required
def show(code: str) -> Response:
    """Show a voucher's state and what became of it."""
    code = codes.normalise(code)
    story = looking_up.voucher(get_db(), code)
    return as_json(
        {
            **shapes.voucher(story.voucher),
            "hold": shapes.hold(story.hold) if story.hold else None,
            "redemption": shapes.redemption(story.redemption) if story.redemption else None,
            "history": [shapes.event(one) for one in looking_up.history(get_db(), code)],
        }
    )


@bp.get("/vouchers/<code>/qr.png")
def qr_png(code: str) -> Response:
    """Draw the voucher's QR as PNG."""
    return qr_image.png(*_drawable(code))


@bp.get("/vouchers/<code>/qr.svg")
def qr_svg(code: str) -> Response:
    """Draw the voucher's QR as SVG."""
    return qr_image.svg(*_drawable(code))


@bp.post("/vouchers/<code>/void")
@api_key_required
@idempotent
def void(code: str, answering: Any) -> None:
    """Void an issued voucher."""
    asked = body(models.VoidBody)
    issuance.void(
        get_db(),
        get_shop(),
        codes.normalise(code),
        reason=asked.reason,
        by=caller(asked.cashier),
        now=now(),
        remember=answering(200, shapes.voucher),
    )


def _drawable(code: str) -> tuple[str, str]:
    """Return token and kind; the shop's key or the consumer's own link may ask."""
    identify_caller()
    code = codes.normalise(code)
    if g.api_key is None:
        link = request.args.get("wallet")
        if link is None:
            raise NotSignedIn("api_key_required")
        story = looking_up.voucher_by_link(get_db(), link)
        if story.voucher.code != code:
            raise NotFound("voucher_unknown")
    else:
        story = looking_up.voucher(get_db(), code)
    must_be_showable(story)
    return shapes.token(story.voucher), story.voucher.kind


def must_be_showable(story: VoucherStory) -> None:
    """Pass if a scannable code may be served.

    Raises:
        Conflict: ``voucher_not_usable``, it is spent, void or over.
    """
    if story.voucher.is_over(now()) or story.voucher.status not in ("issued", "held"):
        raise Conflict("voucher_not_usable", status=shapes.voucher(story.voucher)["status"])
