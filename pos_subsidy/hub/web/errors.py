"""Turns errors into HTTP answers: RFC 9457 problem details."""

import json
import logging

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from pos_subsidy import errors
from pos_subsidy.domain import words
from pos_subsidy.errors import SubsidyError

log = logging.getLogger(__name__)

STATUS: dict[type[SubsidyError], int] = {
    errors.Invalid: 400,
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.TooManyRequests: 429,
    errors.NotBuilt: 501,
    errors.Unavailable: 503,
}


def init_app(app: Flask) -> None:
    app.register_error_handler(SubsidyError, _expected)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)


def _expected(error: SubsidyError) -> Response:
    status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
    return _problem(error, status)


def _http(error: HTTPException) -> Response:
    return _problem(SubsidyError("http_error"), error.code or 500)


def _bug(error: Exception) -> Response:
    log.exception("bug in %s %s", request.method, request.url_rule or "?", exc_info=error)
    return _problem(SubsidyError("internal_error"), 500)


def _problem(error: SubsidyError, status: int) -> Response:
    spoken = words.say(error.code, error.params)
    details = {
        "type": "about:blank",
        "status": status,
        "code": error.code,
        "title": spoken.title_en,
        "detail": spoken.detail_en,
        "detail_zh": spoken.detail_zh,
        "next_step": spoken.next_step_en,
        "context": {name: str(value) for name, value in error.params.items()},
    }
    text = json.dumps(details, ensure_ascii=False)
    return Response(text, status, content_type="application/problem+json")
