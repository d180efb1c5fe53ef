"""Claims after purchase: open, enter papers, submit; the slip's QR."""

from typing import Any

from flask import Blueprint, Response

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.domain.attributes import read_attributes
from pos_subsidy.services import claims
from pos_subsidy.services.assessment import PersonInput
from pos_subsidy.services.claims import Given, Purchase
from pos_subsidy.web import qr_image
from pos_subsidy.web.api import claim_shapes, models
from pos_subsidy.web.api.answering import as_json, body, idempotent
from pos_subsidy.web.api.auth import api_key_required, caller

bp = Blueprint("api_claims", __name__)


@bp.post("/claims")
@api_key_required
@idempotent
def open_claim(answering: Any) -> None:
    """Pre-check a purchase and open a claim: papers wanted, and a slip for the customer."""
    asked = body(models.ClaimBody)
    who = asked.person
    claims.open_claim(
        get_db(),
        get_shop(),
        Purchase(
            category=asked.category,
            price_fen=asked.price_fen,
            person=PersonInput(who.id_type, who.id_number, who.name, who.phone),
            attributes=read_attributes(asked.attributes),
            sold_on=asked.sold_on,
            order_no=asked.order_no,
        ),
        by=caller(asked.cashier),
        now=now(),
        remember=answering(201, claim_shapes.claim),
    )


@bp.get("/claims/<claim_id>")
@api_key_required
def show(claim_id: str) -> Response:
    """Show a claim: what it would be granted, the papers given and missing, the verdict."""
    return as_json(claim_shapes.claim(claims.show(get_db(), get_shop(), claim_id)))


@bp.get("/claims/<claim_id>/slip.svg")
@api_key_required
def slip(claim_id: str) -> Response:
    """Draw the slip's QR: the address of the customer's own page of the claim."""
    story = claims.show(get_db(), get_shop(), claim_id)
    return qr_image.svg(claim_shapes.slip_url(story), "paper")


@bp.put("/claims/<claim_id>/papers")
@api_key_required
@idempotent
def put_papers(claim_id: str, answering: Any) -> None:
    """Enter papers and what they show; says what is still missing, and by when."""
    asked = body(models.PapersBody)
    claims.put_papers(
        get_db(),
        get_shop(),
        claim_id,
        [Given(one.code, one.number, one.issued_on, one.amount_fen) for one in asked.papers],
        read_attributes(asked.attributes),
        by=caller(asked.cashier),
        now=now(),
        remember=answering(200, claim_shapes.claim),
    )


@bp.post("/claims/<claim_id>/withdraw")
@api_key_required
@idempotent
def withdraw(claim_id: str, answering: Any) -> None:
    """Take a claim back: the purchase was undone."""
    asked = body(models.VoidBody)
    claims.withdraw(
        get_db(),
        get_shop(),
        claim_id,
        reason=asked.reason,
        by=caller(asked.cashier),
        now=now(),
        remember=answering(200, claim_shapes.claim),
    )


@bp.post("/claims/<claim_id>/submit")
@api_key_required
@idempotent
def submit(claim_id: str, answering: Any) -> None:
    """Submit a claim: the redemption of what is claimed after purchase."""
    asked = body(models.EmptyBody)
    claims.submit(
        get_db(),
        get_shop(),
        claim_id,
        by=caller(asked.cashier),
        now=now(),
        remember=answering(201, claim_shapes.claim),
    )
