"""The calls of tills: enrol, hold, confirm, cancel, query, send rows, fetch verdicts."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, cast

from flask import Blueprint, Response, current_app, request
from pydantic import BaseModel, ValidationError

from pos_subsidy.errors import Invalid, NotSignedIn
from pos_subsidy.hub import enrolment, ingest, live
from pos_subsidy.hub.city import City
from pos_subsidy.hub.store import outlets
from pos_subsidy.hub.store.db import look
from pos_subsidy.protocol import envelopes, http_signatures, messages
from pos_subsidy.protocol.messages import HOLD_ANSWER, Enrolment, HoldRequest

bp = Blueprint("hub_api", __name__)
Model = TypeVar("Model", bound=BaseModel)


def city() -> City:
    return cast(City, current_app.extensions["city"])


def now() -> datetime:
    clock: Callable[[], datetime] = current_app.extensions["clock"]
    return clock()


@bp.post(messages.ENROL)
def enrol() -> Response:
    """Enrol a shop; its own key signs the request."""
    asked = _body(Enrolment)
    presented = enrolment.presented_keys(asked)
    signed_by = http_signatures.check(
        request.method,
        request.url,
        dict(request.headers),
        request.get_data(),
        public_of=presented.get,
        now=now(),
    )
    return _json(enrolment.enrol(city(), asked, signed_by=signed_by, now=now()))


@bp.post(messages.HOLDS)
def hold() -> Response:
    """Freeze a person's unit and a piece, or say why not."""
    outlet = caller()
    asked = _body(HoldRequest)
    refusals = live.hold(city(), outlet, asked, now=now())
    said = {"outlet": outlet, "hold_id": asked.hold_id, "granted": not refusals, "refusals": refusals}
    return _json(envelopes.wrap(HOLD_ANSWER, said, city().keyring))


@bp.post(f"{messages.HOLDS}/<hold_id>/confirm")
def confirm(hold_id: str) -> Response:
    """The till was paid."""
    outlet = caller()
    return _json({"hold_id": hold_id, "status": live.confirm(city(), outlet, hold_id)})


@bp.post(f"{messages.HOLDS}/<hold_id>/cancel")
def cancel(hold_id: str) -> Response:
    """The sale was not made."""
    outlet = caller()
    return _json({"hold_id": hold_id, "status": live.cancel(city(), outlet, hold_id, now=now())})


@bp.get(f"{messages.HOLDS}/<hold_id>")
def query(hold_id: str) -> Response:
    """What became of a hold whose answer was lost."""
    outlet = caller()
    return _json({"hold_id": hold_id, "status": live.query(city(), outlet, hold_id)})


@bp.post(messages.BATCHES)
def batch() -> Response:
    """Take rows in and answer with the signed receipt."""
    outlet = caller()
    return _json(ingest.ingest(city(), outlet, request.get_data(), now=now()))


@bp.get(messages.VERDICTS)
def verdicts() -> Response:
    """The signed feed of what was said to the shop after a counter."""
    outlet = caller()
    try:
        after = int(request.args.get("after", "0"))
    except ValueError:
        raise Invalid("invalid") from None
    return _json(ingest.verdicts(city(), outlet, after))


def caller() -> str:
    """Return the shop whose key signed this request.

    Raises:
        NotSignedIn: ``signature_invalid``.
    """
    owners: dict[str, str] = {}

    def public_of(kid: str) -> Any:
        found = look(city().engine, lambda db: outlets.owner_of_key(db, kid))
        if found is None:
            return None
        owners[kid] = found[0]
        return found[1]

    kid = http_signatures.check(
        request.method, request.url, dict(request.headers), request.get_data(), public_of=public_of, now=now()
    )
    if kid not in owners:
        raise NotSignedIn("signature_invalid")
    return owners[kid]


def _body(model: type[Model]) -> Model:
    try:
        return model.model_validate_json(request.get_data())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "body"
        raise Invalid("body_invalid", field=field, cause=first["msg"]) from None


def _json(content: Any) -> Response:
    return Response(json.dumps(content, ensure_ascii=False), content_type="application/json")
