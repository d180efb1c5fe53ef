"""No form is taken that was not drawn for this very session."""

from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask_wtf.csrf import CSRFError, CSRFProtect


def init_app(app: Flask, *, without: tuple[str, ...], too_old: Callable[[], Any]) -> None:
    """Refuse them everywhere but below the paths ``without``; ``too_old`` answers whoever sent one."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    # The referrer is never sent; the token alone decides. It lives as long as the session.
    app.config["WTF_CSRF_SSL_STRICT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    csrf = CSRFProtect(app)

    @app.before_request
    def check_form() -> None:
        if request.endpoint and not request.path.startswith(without):
            csrf.protect()

    @app.errorhandler(CSRFError)
    def form_too_old(_error: CSRFError) -> Any:
        return too_old()
