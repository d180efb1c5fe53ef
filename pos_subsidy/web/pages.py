"""Puts the pages together: blueprints, sign-in, guards against forged forms and guessing."""

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFError, CSRFProtect

from pos_subsidy.look import assets, comfort
from pos_subsidy.web import (
    appeals,
    apply,
    auth,
    catalogue,
    evidence,
    exports,
    findings,
    guarding,
    installing,
    language,
    locking,
    office,
    office_days,
    office_money,
    own_data,
    papers,
    public,
    rendering,
    staff,
    till,
    till_after,
    till_claims,
    till_orders,
    till_vouchers,
    wallet,
)

BLUEPRINTS = (
    assets.bp,
    auth.bp,
    locking.bp,
    installing.bp,
    till.bp,
    till_orders.bp,
    till_vouchers.bp,
    till_after.bp,
    till_claims.bp,
    papers.bp,
    public.bp,
    wallet.bp,
    own_data.bp,
    apply.bp,
    office.bp,
    office_days.bp,
    office_money.bp,
    exports.bp,
    staff.bp,
    evidence.bp,
    findings.bp,
    appeals.bp,
    catalogue.bp,
)
# Callers of these prove themselves with a key, not with a browser's session.
_WITHOUT_SESSION = ("/api/", "/training/")


def init_app(app: Flask) -> None:
    """Register every page."""
    language.init_app(app)
    rendering.init_app(app)
    comfort.init_app(app)
    auth.init_app(app)
    _protect_forms(app)
    app.before_request(locking.keep_locked)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    guarding.init_app(app)


def _protect_forms(app: Flask) -> None:
    app.config["SESSION_COOKIE_HTTPONLY"] = True
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    # The referrer is never sent; the token alone decides. It lives as long as the session.
    app.config["WTF_CSRF_SSL_STRICT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    csrf = CSRFProtect(app)

    @app.before_request
    def check_form() -> None:
        if request.endpoint and not request.path.startswith(_WITHOUT_SESSION):
            csrf.protect()

    @app.errorhandler(CSRFError)
    def form_too_old(_error: CSRFError) -> Response:
        return rendering.page_of_code("csrf_invalid", 400)
