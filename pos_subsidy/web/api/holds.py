"""Holds: freeze, let go, redeem."""

from typing import Any

from flask import Blueprint, Response

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.domain import explanation
from pos_subsidy.domain.attributes import read_attributes
from pos_subsidy.errors import Invalid
from pos_subsidy.services import doubts, holds, looking_up, redemption
from pos_subsidy.services.assessment import Goods
from pos_subsidy.services.holds import Sale
from pos_subsidy.services.looking_up import Hold, Payment
from pos_subsidy.services.redemption import Paid
from pos_subsidy.web.api import models, shapes
from pos_subsidy.web.api.answering import as_json, body, idempotent
from pos_subsidy.web.api.auth import api_key_required, caller

bp = Blueprint("api_holds", __name__)


@bp.post("/holds")
@api_key_required
@idempotent
def take(answering: Any) -> None:
    """Freeze voucher, unit and piece, and say what to charge."""
    asked = body(models.HoldBody)

    def shape(taken: Hold) -> dict[str, Any]:
        return {**shapes.hold(taken), "warnings": _warnings(taken)}

    holds.hold(
        get_db(),
        get_shop(),
        Sale(
            voucher=asked.voucher,
            goods=Goods(
                asked.price_fen,
                asked.category,
                asked.gtin,
                asked.energy_rating,
                read_attributes(asked.attributes),
            ),
            order_no=asked.order_no,
            serial_no=asked.serial_no,
            imei1=asked.imei1,
            imei2=asked.imei2,
            identity_checked=asked.identity_checked,
        ),
        by=caller(asked.cashier),
        now=now(),
        remember=answering(201, shape),
    )


@bp.get("/holds/<hold_id>")
@api_key_required
def show(hold_id: str) -> Response:
    """Show a hold and, if it was redeemed, its redemption."""
    found = looking_up.hold(get_db(), hold_id)
    sold = looking_up.redemption_of_hold(get_db(), hold_id)
    return as_json({**shapes.hold(found), "redemption": shapes.redemption(sold) if sold else None})


@bp.post("/holds/<hold_id>/release")
@api_key_required
@idempotent
def release(hold_id: str, answering: Any) -> None:
    """Let go of a hold because the payment failed."""
    asked = body(models.ReleaseBody)
    holds.release(
        get_db(),
        get_shop(),
        hold_id,
        reason=asked.reason,
        by=caller(asked.cashier),
        now=now(),
        remember=answering(200, shapes.hold),
    )


@bp.post("/holds/<hold_id>/redeem")
@api_key_required
@idempotent
def redeem(hold_id: str, answering: Any) -> None:
    """Redeem the voucher behind a hold: the customer has paid."""
    asked = body(models.RedeemBody)
    redemption.redeem(
        get_db(),
        get_shop(),
        hold_id,
        Paid(asked.paid_fen, _payments(asked)),
        by=caller(asked.cashier),
        now=now(),
        remember=answering(201, shapes.redemption),
    )


def _payments(asked: models.RedeemBody) -> list[Payment]:
    if asked.payments is not None and asked.channel is None:
        return [Payment(one.channel, one.payment_ref, one.amount_fen) for one in asked.payments]
    if asked.channel is None or asked.payments is not None:
        raise Invalid("payment_required")
    return [Payment(asked.channel, asked.payment_ref, asked.paid_fen)]


def _warnings(taken: Hold) -> list[dict[str, str]]:
    return [explanation.reason_json(reason) for reason in doubts.doubts(get_db(), get_shop(), taken)]
