"""Puts the city's pages together: blueprints, sign-in, guards against forged forms and guessing.

To add a page: a blueprint in a module of its own beside this one, its line in ``BLUEPRINTS``, its
routes in ``permissions``, its phrases in a ``phrases_*`` module, its template under ``templates/hub``
(it extends ``hub/base.html``), and its place in ``navigation`` if it has one.
"""

import hashlib
import hmac
from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user

from pos_subsidy.errors import Invalid, TooManyRequests
from pos_subsidy.hub.city import City
from pos_subsidy.hub.web import (
    appeals,
    auth,
    blocklist,
    catalogue,
    claims,
    conflicts,
    dashboard,
    errors,
    evidence,
    language,
    log,
    merchants,
    packs,
    pools,
    rendering,
    review,
    saying,
    settlement,
    signals,
    staff,
)
from pos_subsidy.look import assets, comfort, forged_forms, headers

BLUEPRINTS = (
    assets.bp,
    auth.bp,
    dashboard.bp,
    merchants.bp,
    claims.bp,
    conflicts.bp,
    appeals.bp,
    signals.bp,
    pools.bp,
    review.bp,
    evidence.bp,
    settlement.bp,
    packs.bp,
    catalogue.bp,
    blocklist.bp,
    log.bp,
    staff.bp,
)
# No session here: callers are programs that ask how the service is, or everybody.
PROGRAMS = ("/training/", "/healthz", "/readyz", "/open")
_WRONG_PASSWORDS = "20 per minute; 100 per hour"
# A clerk asks after one person at a time; whoever asks for many is no clerk.
_LOOK_UPS = "20 per minute; 200 per hour"


def init_app(app: Flask, city: City) -> None:
    """Register every page."""
    app.config["SECRET_KEY"] = hmac.new(city.secret, b"pages", hashlib.sha256).hexdigest()
    # A till on the same machine has a session of its own.
    app.config["SESSION_COOKIE_NAME"] = "hub_session"
    app.config["SESSION_COOKIE_HTTPONLY"] = True
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    language.init_app(app, without=PROGRAMS)
    rendering.init_app(app)
    saying.init_app(app)
    comfort.init_app(app)
    forged_forms.init_app(app, without=PROGRAMS, too_old=lambda: errors.expected(Invalid("csrf_invalid")))
    auth.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.after_request(_add_headers)
    _limit_guessing(app)


def _limit_guessing(app: Flask) -> None:
    app.config.setdefault("RATELIMIT_HEADERS_ENABLED", False)
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    for endpoint in ("auth.sign_in", "auth.set_password"):
        view: Any = app.view_functions[endpoint]
        limited: Any = limiter.limit(
            _WRONG_PASSWORDS, deduct_when=lambda response: response.status_code in (401, 429)
        )
        app.view_functions[endpoint] = limited(view)

    for endpoint in ("claims.of_person", "claims.of_piece"):
        asked: Any = limiter.limit(_LOOK_UPS, key_func=lambda: current_user.get_id() or get_remote_address())
        app.view_functions[endpoint] = asked(app.view_functions[endpoint])

    @app.errorhandler(429)
    def too_many(_error: Any) -> Response:
        return errors.expected(TooManyRequests())


def _add_headers(response: Response) -> Response:
    return response if request.path.startswith(PROGRAMS) else headers.add(response)
