"""What became of a request; the line to the city; the nightly exchange by hand."""

import base64
import json
from typing import Any

from flask import Blueprint, Response, g

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.errors import NotFound
from pos_subsidy.services import city_budget, city_sync, requests
from pos_subsidy.services.requests import Scope, StoredAnswer
from pos_subsidy.web.api import shapes
from pos_subsidy.web.api.answering import as_json
from pos_subsidy.web.api.auth import api_key_required

bp = Blueprint("api_city", __name__)


@bp.get("/requests/<key>")
@api_key_required
def what_became_of(key: str) -> Response:
    """Tell apart: running, done with the full answer, and (404) never arrived."""
    running, done = requests.what_became_of(get_db(), g.api_key.key_hash, requests.checked_key(key))
    found = [_running(scope) for scope in running] + [_done(scope, answer) for scope, answer in done]
    if not found:
        raise NotFound("request_unknown")
    return as_json({"key": key, **found[0], "requests": found})


@bp.post("/sync")
@api_key_required
def sync() -> Response:
    """Send what the city has not acknowledged, and apply its signed answer. Safe to repeat."""
    done = shapes.sync(city_sync.sync(get_db(), get_shop(), now=now()))
    return as_json({**done, "budget": city_budget.notices(get_db())})


def _running(scope: Scope) -> dict[str, Any]:
    return {"status": "running", "method": scope.method, "path": scope.path}


def _done(scope: Scope, stored: StoredAnswer) -> dict[str, Any]:
    answer: Any
    try:
        answer = json.loads(stored.answer)
    except ValueError:
        answer = base64.b64encode(stored.answer).decode()
    return {
        "status": "done",
        "method": scope.method,
        "path": scope.path,
        "http_status": stored.status,
        "content_type": stored.content_type,
        "answered_at": stored.answered_at,
        "answer": answer,
    }
