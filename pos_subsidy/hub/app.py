"""The hub's web application."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from pos_subsidy import bundled
from pos_subsidy.clock import TrainingClock
from pos_subsidy.hub.city import City
from pos_subsidy.hub.keys import Signers
from pos_subsidy.hub.packs import Current
from pos_subsidy.hub.web import api, errors, operations, pages, public
from pos_subsidy.look.training import training_clock
from pos_subsidy.protocol import batches, messages

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def create_hub(
    city: City, clock: Callable[[], datetime], *, training: bool = False, behind_proxy: bool = False
) -> Flask:
    """Build the hub's service. A training clock is for a demo hub only.

    ``behind_proxy``: one proxy in front ends TLS and tells the caller's address.
    """
    app = Flask("pos_subsidy.hub", template_folder=str(bundled("templates")), static_folder=None)
    app.config["SESSION_COOKIE_SECURE"] = behind_proxy
    # What tills call is an application of its own: a call passes none of the hooks that pages need,
    # sessions, languages, limits, which cost it more than its signature does.
    calls = Flask("pos_subsidy.hub.calls", static_folder=None)
    for one in (app, calls):
        one.config["MAX_CONTENT_LENGTH"] = batches.MAX_BYTES
        errors.init_app(one)
    app.extensions |= {"city": city, "city_now": Current(city), "clock": clock, "calls": calls}
    calls.extensions |= {name: app.extensions[name] for name in ("city", "city_now", "clock")}
    calls.extensions["signers"] = Signers(city.engine)
    calls.register_blueprint(api.bp)
    app.register_blueprint(operations.bp)
    pages.init_app(app, city)
    public.init_app(app)
    if training and city.demo:
        app.register_blueprint(training_clock("hub_training", cast(TrainingClock, clock)))
    answer: Any = _by_address(app.wsgi_app, calls.wsgi_app)
    app.wsgi_app = ProxyFix(answer, x_for=1, x_proto=1) if behind_proxy else answer  # type: ignore[method-assign]
    return app


def _by_address(pages: "WSGIApplication", calls: "WSGIApplication") -> "WSGIApplication":
    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        is_call = environ["PATH_INFO"].startswith(messages.CALLS)
        return (calls if is_call else pages)(environ, start_response)

    return answer
