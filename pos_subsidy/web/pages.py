"""Puts the pages together: blueprints, sign-in, guards against forged forms and guessing."""

from flask import Flask

from pos_subsidy.look import assets, comfort, forged_forms
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
    app.config["SESSION_COOKIE_HTTPONLY"] = True
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    language.init_app(app)
    rendering.init_app(app)
    comfort.init_app(app)
    auth.init_app(app)
    forged_forms.init_app(
        app, without=_WITHOUT_SESSION, too_old=lambda: rendering.page_of_code("csrf_invalid", 400)
    )
    app.before_request(locking.keep_locked)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    guarding.init_app(app)
