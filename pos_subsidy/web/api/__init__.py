"""The JSON API of the till, ``/api/v1``."""

from flask import Flask

from pos_subsidy.web.api import city, claims, days, holds, openapi, redemptions, unbuilt, vouchers

BLUEPRINTS = (vouchers.bp, holds.bp, redemptions.bp, claims.bp, days.bp, city.bp, unbuilt.bp, openapi.bp)


def init_app(app: Flask) -> None:
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix="/api/v1")
