"""The calls of tills: enrol, hold, confirm, cancel, query, send rows, fetch verdicts."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import Blueprint, Response, current_app, request
from pydantic import BaseModel, ValidationError

from pos_subsidy.errors import Invalid, NotAllowed, NotSignedIn
from pos_subsidy.hub import (
    appeals,
    blocklist,
    catalogue,
    enrolment,
    evidence_files,
    freezing,
    ingest,
    keys,
    live,
    packs,
)
from pos_subsidy.hub.city import City
from pos_subsidy.hub.store import keys as keys_store
from pos_subsidy.hub.store.db import read
from pos_subsidy.hub.store.keys import Key
from pos_subsidy.protocol import envelopes, http_signatures, messages
from pos_subsidy.protocol.messages import HOLD_ANSWER, Enrolment, HoldRequest, NewKey

bp = Blueprint("hub_api", __name__)
Model = TypeVar("Model", bound=BaseModel)


def city() -> City:
    current = cast(packs.Current, current_app.extensions["city_now"])
    return current()


def now() -> datetime:
    clock: Callable[[], datetime] = current_app.extensions["clock"]
    return clock()


# An upload that was held up on its way has the answer it would have had: rows are known by their numbers.
_DIGITS_MAX = 18  # of a counter
_BATCH_TOLERANCE = timedelta(days=366)


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
    # Whether the key is believed is asked in the look before the hold, with everything else.
    signed_by, asked = _signed_by(), _body(HoldRequest)
    outlet = signed_by.outlet
    # A plain answer, not an error: a till that is refused must not take it for a cut line and go on alone.
    answer = freezing.hold(city(), outlet, asked, kid=signed_by.kid, now=now())
    said: dict[str, Any] = {"outlet": outlet, "hold_id": asked.hold_id, "granted": not answer.refusals}
    said |= {"refusals": answer.refusals, "budget": {"programme": asked.programme, "notices": answer.notices}}
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
    key = signer(tolerance=_BATCH_TOLERANCE)
    said = ingest.ingest(city(), key.outlet, request.get_data(), now=now(), delivered_by=key.kid)
    return _json(said)


@bp.get(messages.VERDICTS)
def verdicts() -> Response:
    """The signed feed of what was said to the shop after a counter."""
    return _json(ingest.verdicts(city(), caller(), _after(), now=now()))


@bp.put(f"{messages.APPEALS}/<appeal_id>/files/<sha256>")
def appeal_file(appeal_id: str, sha256: str) -> Response:
    """Take a file in that one of the shop's appeals names."""
    outlet = caller()
    appeals.receive(city(), outlet, appeal_id, sha256, request.get_data(), now=now())
    return _json({"appeal_id": appeal_id, "sha256": sha256})


@bp.put(f"{messages.EVIDENCE}/<sha256>")
def evidence_file(sha256: str) -> Response:
    """Take a file in that one of the shop's signed rows names."""
    outlet = caller()
    evidence_files.receive(city(), outlet, sha256, request.get_data(), now=now())
    return _json({"sha256": sha256})


@bp.get(messages.PACKS)
def published_packs() -> Response:
    """The signed feed of packs after a number."""
    return _json(packs.feed(city(), caller(), _after()))


@bp.get(messages.FILINGS)
def filing_feed() -> Response:
    """A signed page of the city's catalogue after a number."""
    return _json(catalogue.feed(city(), caller(), _after()))


@bp.get(messages.BLOCKS)
def block_feed() -> Response:
    """A signed page of the city's blocklist after a number, as far as it concerns the shop."""
    return _json(blocklist.feed(city(), caller(), _after()))


@bp.get(messages.KEYS)
def key_feed() -> Response:
    """The signed feed of the shop's keys; a key that was stopped may learn it."""
    return _json(keys.feed(city(), signer().outlet))


@bp.post(messages.KEYS)
def new_key() -> Response:
    """Let a new key follow the one that signs this request."""
    caller()
    return _json(keys.follow(city(), signer(), _body(NewKey), now=now()))


def caller() -> str:
    """Return the shop whose key signed this request.

    Raises:
        NotSignedIn: ``signature_invalid``.
        NotAllowed: ``key_revoked``, ``key_expired``, ``key_not_yet_valid``.
    """
    key = signer()
    if (trouble := keys.disbelief(key, now=now())) is not None:
        raise NotAllowed(trouble["code"], **trouble["params"])
    return key.outlet


def signer(*, tolerance: timedelta = http_signatures.TOLERANCE) -> Key:
    """Return the key that signed this request at most ``tolerance`` ago, also one not believed any more.

    Raises:
        NotSignedIn: ``signature_invalid``.
    """
    signed_by = _signed_by(tolerance=tolerance)
    found = read(city().engine, lambda db: keys_store.with_id(db, signed_by.kid))
    key = next((one for one in found if one.outlet == signed_by.outlet), None)
    if key is None:
        raise NotSignedIn("signature_invalid")
    return key


def _signed_by(*, tolerance: timedelta = http_signatures.TOLERANCE) -> keys.Signer:
    signers = cast(keys.Signers, current_app.extensions["signers"])

    def public_of(kid: str) -> Ed25519PublicKey | None:
        found = signers(kid)
        return found.public if found else None

    kid = http_signatures.check(
        request.method,
        request.url,
        dict(request.headers),
        request.get_data(),
        public_of=public_of,
        now=now(),
        tolerance=tolerance,
    )
    signed_by = signers(kid)
    if signed_by is None:
        raise NotSignedIn("signature_invalid")
    return signed_by


def _after() -> int:
    try:
        after = int(request.args.get("after", "0")[:_DIGITS_MAX])
    except ValueError:
        raise Invalid("invalid") from None
    if after < 0:
        raise Invalid("invalid")
    return after


def _body(model: type[Model]) -> Model:
    if b"\\u0000" in request.get_data():
        raise Invalid("body_invalid", field="body", cause="NUL")
    try:
        return model.model_validate_json(request.get_data())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "body"
        raise Invalid("body_invalid", field=field, cause=first["msg"]) from None


def _json(content: Any) -> Response:
    return Response(json.dumps(content, ensure_ascii=False), content_type="application/json")
