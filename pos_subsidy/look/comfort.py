"""What suits the reader's eyes and ears: large type and sound, kept in cookies of the browser's own."""

from urllib.parse import urlencode

from flask import Flask, Response, request

from pos_subsidy.look.language import language

TYPE_COOKIE, SOUND_COOKIE = "type", "sound"
_TYPES = ("large", "plain")
_ONE_YEAR_SECONDS = 365 * 86_400


def init_app(app: Flask) -> None:
    """Give every page its switches."""
    app.after_request(_keep)
    app.jinja_env.globals.update(type_is_large=type_is_large, other_type=other_type, sound_is_on=sound_is_on)


def type_is_large() -> bool:
    """Tell whether the reader wants large type."""
    return (_asked() or request.cookies.get(TYPE_COOKIE)) == "large"


def other_type() -> str:
    """Return the address of this page in the other size of type."""
    return address_with("type", "plain" if type_is_large() else "large")


def sound_is_on() -> bool:
    """Tell whether verdicts are to be heard."""
    return request.cookies.get(SOUND_COOKIE) != "off"


def other_language() -> str:
    """Return the address of this page in the other language."""
    return address_with("lang", "zh" if language() == "en" else "en")


def address_with(name: str, value: str) -> str:
    """Return the address of this page with one thing asked of it."""
    here = request.path if request.method == "GET" else "/"
    return f"{here}?{urlencode({**request.args.to_dict(), name: value})}"


def _asked() -> str | None:
    asked = request.args.get("type")
    return asked if asked in _TYPES else None


def _keep(response: Response) -> Response:
    asked = _asked()
    if asked and not request.path.startswith("/api/"):
        # Not for the service alone: the page's own switch sets it without a way to the shop.
        response.set_cookie(TYPE_COOKIE, asked, max_age=_ONE_YEAR_SECONDS, samesite="Lax")
    return response
