"""Evidence of a redemption: invoice, photos, delivery; the files themselves."""

import base64
import binascii
from typing import Any

from flask import Blueprint, Response, request

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.errors import Invalid
from pos_subsidy.services import evidence
from pos_subsidy.services.evidence import Delivery, Handed, Invoice, Photo
from pos_subsidy.web.api import evidence_shapes, models
from pos_subsidy.web.api.answering import as_json, body, idempotent, read
from pos_subsidy.web.api.auth import api_key_required, caller

KINDS = ("box", "screen", "delivery", "label", "invoice")
_MULTIPART = "multipart/form-data"
bp = Blueprint("api_evidence", __name__)


@bp.put("/redemptions/<redemption_id>/evidence")
@api_key_required
@idempotent
def put(redemption_id: str, answering: Any) -> None:
    """Hand in evidence, part by part and in any order; says what is still missing, and by when."""
    asked, files = _asked()
    evidence.put(
        get_db(),
        get_shop(),
        redemption_id,
        _handed(asked, files),
        by=caller(asked.cashier),
        now=now(),
        remember=answering(200, evidence_shapes.story),
    )


@bp.get("/redemptions/<redemption_id>/evidence")
@api_key_required
def show(redemption_id: str) -> Response:
    """Show the checklist of a redemption, and what was replaced."""
    return as_json(evidence_shapes.story(evidence.show(get_db(), get_shop(), redemption_id, now=now())))


@bp.get("/redemptions/<redemption_id>/evidence/<part>/file")
@api_key_required
def file(redemption_id: str, part: str) -> Response:
    """Return the file of a part, decrypted."""
    content, media = evidence.file(get_db(), get_shop(), redemption_id, part)
    return Response(content, content_type=media, headers={"Content-Disposition": "attachment"})


def _asked() -> tuple[models.EvidenceBody, dict[str, bytes]]:
    """Return the body, and the files that came beside it by the kind of their photo."""
    if request.mimetype != _MULTIPART:
        return body(models.EvidenceBody), {}
    written = request.form.get("evidence")
    beside = request.files.get("evidence")
    told = written.encode() if written is not None else beside.read() if beside else b"{}"
    files: dict[str, bytes] = {}
    for kind, one in request.files.items(multi=True):
        if kind == "evidence":
            continue
        if kind not in KINDS:
            raise Invalid("body_invalid", field=kind[:40], cause=" | ".join(KINDS))
        if kind in files:
            raise Invalid("photo_twice", field=f"photos.{kind}")
        with one.stream as content:
            files[kind] = content.read()
    return read(models.EvidenceBody, told), files


def _handed(asked: models.EvidenceBody, files: dict[str, bytes]) -> Handed:
    told, seen = asked.invoice, asked.delivery
    photos = [
        Photo(
            kind=one.kind,
            content=files.pop(one.kind, None) if one.content_base64 is None else _decoded(one),
            sha256=one.sha256,
            serial_no=one.serial_no,
            taken_at=one.taken_at,
            region=one.region,
        )
        for one in asked.photos
    ]
    photos += [Photo(kind=kind, content=content) for kind, content in files.items()]
    return Handed(
        invoice=Invoice(**told.model_dump()) if told else None,
        photos=photos,
        delivery=Delivery(seen.delivered_on, seen.signed_by, seen.region, seen.note_no) if seen else None,
    )


def _decoded(one: models.PhotoBody) -> bytes:
    try:
        return base64.b64decode(one.content_base64 or "", validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("evidence_file_invalid", field=f"photos.{one.kind}", cause="file_base64") from None
