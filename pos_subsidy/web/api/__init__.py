"""The JSON API of the till, ``/api/v1``."""

from flask import Flask

from pos_subsidy.web.api import appeals, city, claims, days, evidence, holds, openapi, redemptions, vouchers

BLUEPRINTS = (
    *(vouchers.bp, holds.bp, redemptions.bp, evidence.bp, appeals.bp),
    *(claims.bp, days.bp, city.bp, openapi.bp),
)


def init_app(app: Flask) -> None:
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix="/api/v1")
