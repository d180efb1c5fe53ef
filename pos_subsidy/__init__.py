"""Point-of-sale service for China's consumer trade-in subsidy (以旧换新补贴), with a city hub."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from flask import Flask

    from pos_subsidy.wiring import Wired

__version__ = "0.1.0"
PACKAGE_DIR = Path(__file__).resolve().parent


def bundled(name: str) -> Path:
    """Locate ``schema.sql`` or ``templates``: in the wheel, or in the checkout."""
    inside = PACKAGE_DIR / name
    return inside if inside.exists() else PACKAGE_DIR.parent / name


def create_app(wired: Wired, *, training: bool = False) -> Flask:
    """Build the till's service. Only a demo shop may have a training clock."""
    from flask import Flask
    from werkzeug.middleware.proxy_fix import ProxyFix

    from pos_subsidy import context
    from pos_subsidy.clock import TrainingClock
    from pos_subsidy.look.training import training_clock
    from pos_subsidy.web import api, errors, operations, pages

    app = Flask(
        __name__,
        template_folder=str(bundled("templates")),
        static_folder=str(PACKAGE_DIR / "look" / "static"),
    )
    app.config["SECRET_KEY"] = wired.session_secret
    app.config["MAX_CONTENT_LENGTH"] = 32 * 1024 * 1024
    app.config["SESSION_COOKIE_SECURE"] = wired.till.public_url.startswith("https://")
    if wired.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    context.init_app(app, wired.till)
    errors.init_app(app)
    app.register_blueprint(operations.bp)
    api.init_app(app)
    pages.init_app(app)
    if training and wired.shop.demo:
        app.extensions["training_clock"] = wired.clock
        app.register_blueprint(training_clock("training", cast(TrainingClock, wired.clock)))
    return app
