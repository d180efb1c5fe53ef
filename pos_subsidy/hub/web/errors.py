"""Turns errors into HTTP answers: RFC 9457 problem details."""

import json
import logging

from flask import Flask, Response, g, render_template, request
from werkzeug.exceptions import HTTPException

from pos_subsidy.domain import words
from pos_subsidy.errors import SubsidyError
from pos_subsidy.hub.web.language import say
from pos_subsidy.look.statuses import status_of
from pos_subsidy.protocol import messages

log = logging.getLogger(__name__)

_BY_STATUS = {404: "address_unknown", 405: "method_not_allowed", 413: "too_large", 429: "too_many_requests"}


def init_app(app: Flask) -> None:
    app.register_error_handler(SubsidyError, expected)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)


def expected(error: SubsidyError) -> Response:
    """Return the answer to an expected error: a page for people, problem details for programs."""
    status = status_of(error)
    return _page(error, status) if _wants_page() else _problem(error, status)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if _wants_page():
        return _page(SubsidyError(_BY_STATUS.get(status, "http_error")), status)
    return _problem(SubsidyError("http_error"), status)


def _bug(error: Exception) -> Response:
    log.exception("bug in %s %s", request.method, request.url_rule or "?", exc_info=error)
    unexpected = SubsidyError("internal_error")
    return _page(unexpected, 500) if _wants_page() else _problem(unexpected, 500)


def _wants_page() -> bool:
    if request.path.startswith(messages.CALLS):
        return False
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def _page(error: SubsidyError, status: int) -> Response:
    again = g.pop("again", None)
    if again is not None and status < 500:
        try:
            return Response(again(error), status)
        except SubsidyError as missing:
            # The page is of a thing that does not exist: there is none to show again.
            error = missing
    page = render_template("hub/error.html", code=error.code, spoken=say(error.code, error.params))
    return Response(page, status)


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
