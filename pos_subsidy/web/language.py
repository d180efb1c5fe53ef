"""The language of a page: Chinese unless the reader chose English; one place for its phrases.

Flask-Babel knows the reader's language and the shop's time zone and writes days, times and
numbers. Phrases stand in both languages side by side in ``phrases_*.py``: whoever changes one
sees the other, a test finds what is missing or left over, and nothing has to be compiled.
"""

from collections.abc import Callable

from flask import Flask, Response, request
from flask_babel import Babel

from pos_subsidy.context import get_shop
from pos_subsidy.look.language import choose, in_language, keep, language
from pos_subsidy.web.phrases import PHRASES

# Pages that consumers open on their own phones.
PUBLIC = ("/wallet/", "/ask", "/rules", "/claim/", "/trust", "/apply", "/handin/")


def init_app(app: Flask) -> None:
    Babel(app, locale_selector=language, timezone_selector=lambda: str(get_shop().zone))
    app.before_request(_choose)
    app.after_request(_keep)
    app.jinja_env.globals.update(
        t=t, both=both, speaking=speaking, in_language=in_language, language=language
    )


def t(key: str, **params: object) -> str:
    """Return a page's phrase in the reader's language."""
    return speaking(language())(key, **params)


def speaking(chosen: str) -> Callable[..., str]:
    """Return what ``t`` is in one language, whatever the reader chose."""

    def say(key: str, **params: object) -> str:
        zh, en = PHRASES[key]
        return (en if chosen == "en" else zh).format(**params)

    return say


def both(key: str) -> tuple[str, str]:
    """Return a phrase in Chinese and in English, for paper that everybody reads."""
    return PHRASES[key]


def _choose() -> None:
    if not request.path.startswith("/api/"):
        # Staff work in Chinese whatever the browser says; a consumer's phone knows its owner.
        choose(by_browser=request.path.startswith(PUBLIC))


def _keep(response: Response) -> Response:
    return response if request.path.startswith("/api/") else keep(response)
