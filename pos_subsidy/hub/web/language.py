"""The language of the city's pages, and what they say: one place for their phrases."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, request
from flask_babel import Babel

from pos_subsidy.domain import words
from pos_subsidy.hub.city import ZONE
from pos_subsidy.hub.web.phrases import PHRASES
from pos_subsidy.look.language import choose, in_language, keep, language


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a code says, in one language."""

    title: str
    detail: str
    next_step: str


def init_app(app: Flask, *, without: tuple[str, ...]) -> None:
    """Let every page choose its language; paths that begin with one of ``without`` are for programs."""
    Babel(app, locale_selector=language, timezone_selector=lambda: str(ZONE))

    @app.before_request
    def choose_language() -> None:
        if not request.path.startswith(without):
            choose(by_browser=False)

    @app.after_request
    def keep_language(response: Response) -> Response:
        return response if request.path.startswith(without) else keep(response)

    app.jinja_env.globals.update(t=t, language=language, in_language=in_language, say=say)


def t(key: str, **params: object) -> str:
    """Return a page's phrase in the reader's language."""
    return PHRASES[key][language() == "en"].format(**params)


def said(key: str) -> bool:
    """Say whether there is such a phrase: for names that come from the database."""
    return key in PHRASES


def say(code: str, params: Mapping[str, Any]) -> Sentence:
    """Return what a code says, in the reader's language; the code itself where it has no words."""
    try:
        spoken = words.say(code, params)
    except KeyError:
        return Sentence(code, "", "")
    return Sentence(*(in_language(spoken, part) for part in ("title", "detail", "next_step")))
