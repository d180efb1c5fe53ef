"""The API's own description, derived from the models and views that serve it."""

import inspect
import re
from typing import Any

from flask import Blueprint, Response, current_app
from pydantic.json_schema import models_json_schema

from pos_subsidy import __version__
from pos_subsidy.web.api import models
from pos_subsidy.web.api.answering import as_json

bp = Blueprint("api_openapi", __name__)

_PREFIX = "/api/v1"
_BODIES: dict[str, type[models.Body]] = {
    "api_vouchers.assess": models.AssessmentBody,
    "api_vouchers.rights": models.RightsBody,
    "api_vouchers.issue": models.VoucherBody,
    "api_vouchers.void": models.VoidBody,
    "api_holds.take": models.HoldBody,
    "api_holds.release": models.ReleaseBody,
    "api_holds.redeem": models.RedeemBody,
    "api_redemptions.reverse": models.ReverseBody,
    "api_redemptions.exchange": models.ExchangeBody,
    "api_redemptions.bind_serial": models.PieceBody,
    "api_evidence.put": models.EvidenceBody,
    "api_appeals.make": models.AppealBody,
    "api_claims.open_claim": models.ClaimBody,
    "api_claims.put_papers": models.PapersBody,
    "api_claims.submit": models.EmptyBody,
    "api_claims.withdraw": models.VoidBody,
    "api_days.close": models.EmptyBody,
}
_CREATED = frozenset(
    {
        "api_vouchers.issue",
        "api_holds.take",
        "api_holds.redeem",
        "api_redemptions.reverse",
        "api_redemptions.exchange",
        "api_appeals.make",
        "api_claims.open_claim",
        "api_claims.submit",
    }
)
_PROBLEM = {"$ref": "#/components/schemas/Problem"}


@bp.get("/openapi.json")
def describe() -> Response:
    """Return the OpenAPI 3.1 description of this API."""
    return as_json(document())


def document() -> dict[str, Any]:
    """Build the description from the application's own routes."""
    references, schemas = models_json_schema(
        [(model, "validation") for model in dict.fromkeys(_BODIES.values())],
        ref_template="#/components/schemas/{model}",
    )
    paths: dict[str, Any] = {}
    for rule in current_app.url_map.iter_rules():
        if not rule.rule.startswith(_PREFIX):
            continue
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            paths.setdefault(path, {})[method.lower()] = _operation(rule.endpoint, method, path, references)
    return {
        "openapi": "3.1.0",
        "info": {"title": "pos-subsidy till API", "version": __version__},
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {**schemas["$defs"], "Problem": _problem()},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(endpoint: str, method: str, path: str, references: dict[Any, Any]) -> dict[str, Any]:
    view = current_app.view_functions[endpoint]
    operation: dict[str, Any] = {
        "operationId": endpoint.removeprefix("api_").replace(".", "_"),
        "summary": (inspect.getdoc(view) or endpoint).splitlines()[0],
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"{(\w+)}", path)
        ],
        "responses": {
            "201" if endpoint in _CREATED else "200": {"description": "Done."},
            "default": {
                "description": "Not done; the code says why.",
                "content": {"application/problem+json": {"schema": _PROBLEM}},
            },
        },
    }
    if endpoint not in ("api_openapi.describe", "api_vouchers.assess"):
        operation["security"] = [{"key": []}]
    if model := _BODIES.get(endpoint):
        schema = references[(model, "validation")]
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
        if endpoint == "api_evidence.put":
            operation["requestBody"]["content"]["multipart/form-data"] = {"schema": _parts(schema)}
        if endpoint not in ("api_vouchers.assess", "api_vouchers.rights"):
            operation["parameters"].append(_idempotency_key())
    return operation


def _parts(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the form with files: each part named by what the photo shows, and the rest as JSON."""
    file = {"type": "string", "format": "binary"}
    kinds = ("box", "screen", "delivery", "label", "invoice")
    return {"type": "object", "properties": {"evidence": schema, **{kind: file for kind in kinds}}}


def _idempotency_key() -> dict[str, Any]:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._~-]{1,64}$"},
    }


def _problem() -> dict[str, Any]:
    text = {"type": "string"}
    reason = {
        "type": "object",
        "properties": {
            name: text
            for name in ("code", "message_zh", "message_en", "next_step_zh", "next_step_en", "clause")
        },
    }
    return {
        "type": "object",
        "required": ["code", "title", "detail", "next_step", "status"],
        "properties": {
            **{name: text for name in ("type", "code", "title", "detail", "next_step")},
            "status": {"type": "integer"},
            "reasons": {"type": "array", "items": reason},
        },
    }
