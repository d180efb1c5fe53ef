"""Turns errors into HTTP answers, in one place: RFC 9457 for programs, a page for people."""

import json
import logging
from typing import Any

from flask import Flask, Response, g, render_template, request
from werkzeug.exceptions import HTTPException

from pos_subsidy.domain import explanation, words
from pos_subsidy.errors import Refused, SubsidyError
from pos_subsidy.look.statuses import status_of

log = logging.getLogger(__name__)

PROBLEM = "application/problem+json"
_RETRY_SECONDS = {"in_progress": 1, "storage_busy": 1}
_BY_STATUS = {
    400: "invalid",
    404: "address_unknown",
    405: "method_not_allowed",
    413: "too_large",
    429: "too_many_requests",
}


def init_app(app: Flask) -> None:
    app.register_error_handler(SubsidyError, answer)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)


def answer(error: SubsidyError) -> Response:
    """Return the answer to an expected error, in the reader's language."""
    status = status_of(error)
    if _wants_page():
        return _page(error, status)
    response = Response(json.dumps(problem(error, status), ensure_ascii=False), status, content_type=PROBLEM)
    if seconds := _RETRY_SECONDS.get(error.code):
        response.headers["Retry-After"] = str(seconds)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def problem(error: SubsidyError, status: int) -> dict[str, Any]:
    """Return the problem details of an error."""
    spoken = words.say(error.code, error.params)
    language = reader_language()
    details: dict[str, Any] = {
        "type": "about:blank",
        "status": status,
        "code": error.code,
        "title": getattr(spoken, f"title_{language}"),
        "detail": getattr(spoken, f"detail_{language}"),
        "next_step": getattr(spoken, f"next_step_{language}"),
    }
    if error.params and not isinstance(error, Refused):
        details["context"] = {name: _plain(value) for name, value in error.params.items()}
    if isinstance(error, Refused):
        details["reasons"] = [explanation.reason_json(reason) for reason in error.reasons]
    return details


def reader_language() -> str:
    """Return zh or en: the page's switch, else Accept-Language, else Chinese."""
    chosen = g.get("language") or request.accept_languages.best_match(["zh-CN", "zh", "en"], "zh")
    return "en" if str(chosen).startswith("en") else "zh"


def _http(error: HTTPException) -> Response:
    code = _BY_STATUS.get(error.code or 500, "http_error")
    expected = SubsidyError(code)
    status = error.code or 500
    if _wants_page():
        return _page(expected, status)
    response = Response(
        json.dumps(problem(expected, status), ensure_ascii=False), status, content_type=PROBLEM
    )
    if allowed := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _bug(error: Exception) -> Response:
    # What went wrong inside is for the log, not for the page.
    log.exception("bug in %s %s", request.method, request.url_rule or "?", exc_info=error)
    expected = SubsidyError("internal_error")
    if _wants_page():
        return _page(expected, 500)
    return Response(json.dumps(problem(expected, 500), ensure_ascii=False), 500, content_type=PROBLEM)


def _page(error: SubsidyError, status: int) -> Response:
    reasons = [explanation.reason_json(reason) for reason in getattr(error, "reasons", ())]
    spoken = words.say(error.code, error.params)
    page = render_template(
        "error.html", code=error.code, spoken=spoken, reasons=reasons, lang=reader_language()
    )
    return Response(page, status)


def _wants_page() -> bool:
    if request.path.startswith("/api/"):
        return False
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | bool | None | list | dict) else str(value)
