"""The hub's web application."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask

from pos_subsidy.hub.city import City
from pos_subsidy.hub.web import api, errors, operations, public
from pos_subsidy.protocol import batches


def create_hub(city: City, clock: Callable[[], datetime], *, training: bool = False) -> Flask:
    """Build the hub's service. A training clock is for a demo hub only."""
    app = Flask("pos_subsidy.hub")
    app.config["MAX_CONTENT_LENGTH"] = batches.MAX_BYTES
    app.extensions["city"] = city
    app.extensions["clock"] = clock
    errors.init_app(app)
    app.register_blueprint(api.bp)
    app.register_blueprint(operations.bp)
    public.init_app(app)
    if training and city.demo:
        app.register_blueprint(operations.training_clock())
    return app
