"""Days: totals, close, reconciliation."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, g, request

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.errors import Invalid
from pos_subsidy.services import column_mappings, day_close, findings, reconciliation
from pos_subsidy.web.api import models, shapes
from pos_subsidy.web.api.answering import as_json, body, idempotent
from pos_subsidy.web.api.auth import api_key_required, caller

bp = Blueprint("api_days", __name__)


def business_day(written: str | None) -> date:
    """Return the day.

    Raises:
        Invalid: ``day_invalid``.
    """
    try:
        return date.fromisoformat(written or "")
    except ValueError:
        raise Invalid("day_invalid") from None


@bp.get("/days/<day>")
@api_key_required
def show(day: str) -> Response:
    """Show a day's lines and totals as one state."""
    return as_json(shapes.day(day_close.day(get_db(), business_day(day))))


@bp.post("/days/<day>/close")
@api_key_required
@idempotent
def close(day: str, answering: Any) -> None:
    """Freeze the day's batch; a closed day answers with the batch it has, and what is to be looked at."""
    asked, on = body(models.EmptyBody), business_day(day)

    def closed(batch: day_close.Batch) -> dict[str, Any]:
        return {**shapes.batch(batch), "findings": shapes.findings(findings.of_day(get_db(), get_shop(), on))}

    day_close.close_day(
        get_db(),
        get_shop(),
        on,
        by=caller(asked.cashier),
        now=now(),
        remember=answering(200, closed),
    )


@bp.get("/days/<day>/findings")
@api_key_required
def look_through(day: str) -> Response:
    """Show what an auditor would ask about, and what was said to it."""
    found = findings.of_day(get_db(), get_shop(), business_day(day))
    return as_json({"business_date": day, "findings": shapes.findings(found)})


@bp.post("/days/<day>/reconciliation")
@api_key_required
def reconcile(day: str) -> Response:
    """Compare the day with the shop's own files (multipart); the same files change nothing.

    It may be repeated without an idempotency key: a file is known by its content. The form's
    ``several_merchants=1`` says that the shop has several merchant numbers at a channel,
    ``mapping`` (JSON) which column is what in an export whose headings are not known. ``?explain=1`` adds
    ``matched_orders`` with a sentence each, and how many orders there are of each class.
    """
    assert g.api_key is not None
    files = [(file.filename or name, file.read()) for name, file in request.files.items(multi=True)]
    result = reconciliation.reconcile(
        get_db(),
        get_shop(),
        business_day(day),
        files,
        now=now(),
        several_merchants=request.form.get("several_merchants") == "1",
        mapping=column_mappings.of_json(written) if (written := request.form.get("mapping")) else None,
        explain=request.args.get("explain") == "1",
    )
    return as_json(shapes.reconciliation(result))
