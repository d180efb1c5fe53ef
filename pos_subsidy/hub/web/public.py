"""For everybody, without signing in: how the programmes stand, and the city's open data."""

import json
from typing import Any

from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request, url_for
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.wrappers import Response as Answer

from pos_subsidy import bundled
from pos_subsidy.domain import words
from pos_subsidy.errors import TooManyRequests
from pos_subsidy.hub import open_data, open_state
from pos_subsidy.hub.web import open_words
from pos_subsidy.hub.web.api import city, now
from pos_subsidy.look.language import COOKIE

bp = Blueprint(
    "open",
    __name__,
    url_prefix="/open",
    template_folder=str(bundled("templates")),
    static_folder="static",
    static_url_path="/static",
)

_LIMIT, _LIMIT_SECONDS = "120 per minute", 60
_FRESH_SECONDS, _STYLE_SECONDS, _KEPT_SECONDS = 60, 3_600, 86_400
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)


def init_app(app: Flask) -> None:
    """Add the public pages, and a limit on how often one address asks for them."""
    app.register_blueprint(bp)
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    limiter.shared_limit(_LIMIT, scope="open")(bp)


@bp.after_request
def _headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Access-Control-Allow-Origin"] = "*"
    if response.status_code >= 400:
        response.headers["Cache-Control"] = "no-store"
    elif request.endpoint == "open.static":
        response.headers["Cache-Control"] = f"public, max-age={_STYLE_SECONDS}"
    return response


@bp.get("")
def page() -> Answer:
    """The state of every programme, in words."""
    english = _is_english()
    if request.args.get("lang") not in (None, "zh", "en"):
        return redirect(url_for("open.page"), 303)
    found = open_state.state(city(), now=now())
    text = render_template(
        "hub/open.html",
        found=found,
        english=english,
        tongue="en" if english else "zh",
        days=open_data.days(city())[:31],
        say=lambda name, **params: open_words.say(name, english, **params),
        figures=lambda rule: open_words.figures(rule, english),
        left=lambda pool: open_words.left(pool, english),
        clause=lambda cited: open_words.clause(cited, english),
        at=words.local(found["as_of"]),
        rule_zh=open_data.RULE_ZH,
        rule_en=open_data.RULE_EN,
    )
    response = Response(text, content_type="text/html; charset=utf-8")
    response.headers["Vary"] = "Accept-Language, Cookie"
    return _cached(response, _FRESH_SECONDS)


@bp.get("/state.json")
def state() -> Answer:
    """The same for programs."""
    return _json(open_state.state(city(), now=now()), _FRESH_SECONDS)


@bp.get("/days.json")
def days() -> Answer:
    """Which days were published, newest first, and by which rule rows are merged."""
    told = {"rule_zh": open_data.RULE_ZH, "rule_en": open_data.RULE_EN}
    return _json({"days": open_data.days(city()), **told}, _FRESH_SECONDS)


@bp.get("/days/<day>.json")
def day_json(day: str) -> Answer:
    """One day's table."""
    return _json(open_data.published(city(), day), _KEPT_SECONDS)


@bp.get("/days/<day>.csv")
def day_csv(day: str) -> Answer:
    """One day's table for spreadsheets."""
    text = "\ufeff" + open_data.as_csv(open_data.published(city(), day))
    response = Response(text, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="open-data-{day}.csv"'
    return _cached(response, _KEPT_SECONDS)


def _is_english() -> bool:
    # Whoever comes from the office's pages keeps the language chosen there.
    if (asked := request.args.get("lang") or request.cookies.get(COOKIE)) in ("zh", "en"):
        return asked == "en"
    return request.accept_languages.best_match(["zh", "zh-CN", "en"], default="zh") == "en"


def _json(content: Any, seconds: int) -> Answer:
    text = json.dumps(content, ensure_ascii=False)
    return _cached(Response(text, content_type="application/json"), seconds)


def _cached(response: Response, seconds: int) -> Answer:
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    response.add_etag()
    return response.make_conditional(request)


@bp.errorhandler(429)
def _too_many(_error: Exception) -> Any:
    response = current_app.make_response(current_app.handle_user_exception(TooManyRequests()))
    response.headers["Retry-After"] = str(_LIMIT_SECONDS)
    return response
