"""Appeals against the city's verdicts: make one, and see what became of it."""

import base64
import binascii
from typing import Any

from flask import Blueprint, Response

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.domain import explanation
from pos_subsidy.errors import Invalid
from pos_subsidy.services import appeals
from pos_subsidy.services.appeals import Attached, View
from pos_subsidy.web.api import models
from pos_subsidy.web.api.answering import as_json, body, idempotent
from pos_subsidy.web.api.auth import api_key_required, caller

bp = Blueprint("api_appeals", __name__)


@bp.post("/redemptions/<redemption_id>/appeals")
@api_key_required
@idempotent
def make(redemption_id: str, answering: Any) -> None:
    """Appeal against a rejected or suspended verdict, with words and files."""
    asked = body(models.AppealBody)
    appeals.make(
        get_db(),
        get_shop(),
        redemption_id,
        asked.words,
        [Attached(one.name, _decoded(place, one)) for place, one in enumerate(asked.files, start=1)],
        with_evidence=asked.with_evidence,
        by=caller(asked.cashier),
        now=now(),
        remember=answering(201, _view),
    )


@bp.get("/redemptions/<redemption_id>/appeals")
@api_key_required
def show(redemption_id: str) -> Response:
    """Show every word of the city on a sale, its appeals, and both signed records of a conflict."""
    return as_json(_view(appeals.show(get_db(), get_shop(), redemption_id, now=now())))


def _view(found: View) -> dict[str, Any]:
    return {
        "redemption_id": found.redemption_id,
        "verdict": found.verdict,
        "verdict_code": found.verdict_code,
        "against": explanation.reason_json(found.against) if found.against else None,
        "appeals": [
            {
                "appeal_id": one.appeal.appeal_id,
                "state": one.state,
                "verdict": one.appeal.verdict,
                "verdict_code": one.appeal.verdict_code,
                "words": one.appeal.words,
                "files": list(one.appeal.files),
                "made_at": one.appeal.made_at,
                "till": one.appeal.till,
                "cashier": one.appeal.cashier,
                "reason": one.appeal.reason,
                "note": one.appeal.note,
                "decided_at": one.appeal.decided_at,
            }
            for one in found.appeals
        ],
        "history": [
            {name: one[name] for name in ("verdict", "code", "params", "judged_at", "applied_at")}
            for one in found.history
        ],
        "records": {"own": found.own_record, "first": found.first_record},
    }


def _decoded(place: int, one: models.AppealFile) -> bytes:
    try:
        return base64.b64decode(one.content_base64, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("evidence_file_invalid", field=f"files.{place}", cause="file_base64") from None
