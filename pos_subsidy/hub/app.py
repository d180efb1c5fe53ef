"""The hub's web application."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from pos_subsidy import bundled
from pos_subsidy.hub.city import City
from pos_subsidy.hub.packs import Current
from pos_subsidy.hub.web import api, errors, operations, pages, public
from pos_subsidy.protocol import batches


def create_hub(
    city: City, clock: Callable[[], datetime], *, training: bool = False, behind_proxy: bool = False
) -> Flask:
    """Build the hub's service. A training clock is for a demo hub only.

    ``behind_proxy``: one proxy in front ends TLS and tells the caller's address.
    """
    app = Flask("pos_subsidy.hub", template_folder=str(bundled("templates")), static_folder=None)
    app.config["SESSION_COOKIE_SECURE"] = behind_proxy
    if behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    app.config["MAX_CONTENT_LENGTH"] = batches.MAX_BYTES
    app.extensions["city"] = city
    app.extensions["city_now"] = Current(city)
    app.extensions["clock"] = clock
    errors.init_app(app)
    app.register_blueprint(api.bp)
    app.register_blueprint(operations.bp)
    pages.init_app(app, city)
    public.init_app(app)
    if training and city.demo:
        app.register_blueprint(operations.training_clock())
    return app
