"""Redemptions: read, reverse, exchange; the history of a piece."""

from typing import Any

from flask import Blueprint, Response, request

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.services import claims, evidence, looking_up, reversal
from pos_subsidy.services import exchange as exchanges
from pos_subsidy.services.exchange import Piece
from pos_subsidy.services.reversal import Return
from pos_subsidy.web.api import claim_shapes, evidence_shapes, models, shapes
from pos_subsidy.web.api.answering import as_json, body, idempotent
from pos_subsidy.web.api.auth import api_key_required, caller
from pos_subsidy.web.api.days import business_day

bp = Blueprint("api_redemptions", __name__)


@bp.get("/redemptions")
@api_key_required
def sold_on() -> Response:
    """List the redemptions sold on a business date."""
    on = business_day(request.args.get("business_date"))
    found = looking_up.redemptions_sold_on(get_db(), on)
    return as_json(
        {
            "business_date": on.isoformat(),
            "redemptions": [shapes.redemption(one) for one in found],
            # Nothing of them went through this till's cash; the city pays the claimant.
            "claims": [claim_shapes.claim(one) for one in claims.submitted_on(get_db(), get_shop(), on)],
        }
    )


@bp.get("/redemptions/<redemption_id>")
@api_key_required
def show(redemption_id: str) -> Response:
    """Show a redemption with its lines, verdict and the invoice remark; a submitted claim by its number."""
    if redemption_id.startswith("C-"):
        return as_json(claim_shapes.claim(claims.show(get_db(), get_shop(), redemption_id)))
    found = looking_up.redemption(get_db(), redemption_id)
    told = evidence.show(get_db(), get_shop(), redemption_id, now=now())
    return as_json({**shapes.redemption(found), "evidence": evidence_shapes.summary(told)})


@bp.post("/redemptions/<redemption_id>/reverse")
@api_key_required
@idempotent
def reverse(redemption_id: str, answering: Any) -> None:
    """Reverse a redemption, wholly or in part."""
    asked = body(models.ReverseBody)
    reversal.reverse(
        get_db(),
        get_shop(),
        redemption_id,
        Return(asked.kind, asked.reason, asked.new_price_fen, asked.credit_note_no),
        by=caller(asked.cashier),
        now=now(),
        remember=answering(201, shapes.reversal),
    )


@bp.post("/redemptions/<redemption_id>/exchange")
@api_key_required
@idempotent
def exchange(redemption_id: str, answering: Any) -> None:
    """Swap the piece inside a redemption."""
    asked = body(models.ExchangeBody)
    exchanges.exchange(
        get_db(),
        get_shop(),
        redemption_id,
        Piece(asked.serial_no, asked.imei1, asked.imei2),
        reason=asked.reason,
        by=caller(asked.cashier),
        now=now(),
        remember=answering(201, shapes.redemption),
    )


@bp.post("/redemptions/<redemption_id>/serial")
@api_key_required
@idempotent
def bind_serial(redemption_id: str, answering: Any) -> None:
    """Bind the piece that was handed over at delivery, once."""
    asked = body(models.PieceBody)
    exchanges.bind_serial(
        get_db(),
        get_shop(),
        redemption_id,
        Piece(asked.serial_no, asked.imei1, asked.imei2),
        by=caller(asked.cashier),
        now=now(),
        remember=answering(200, shapes.redemption),
    )


@bp.get("/serials/<path:serial_no>")
@api_key_required
def piece(serial_no: str) -> Response:
    """Show every use of a serial number; one never seen is 404 ``not_found``."""
    history = looking_up.piece(get_db(), serial_no)
    live = [use.state for use in history if use.state != "free"]
    return as_json(
        {
            "serial_no": history[0].number,
            "status": live[0] if live else "free",
            "history": [shapes.piece_use(use) for use in history],
            "lookalikes": looking_up.lookalikes(get_db(), serial_no),
        }
    )
