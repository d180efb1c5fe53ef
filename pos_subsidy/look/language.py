"""The language of a page: what the reader chose, else what her browser or the service prefers."""

from flask import Response, g, request

COOKIE = "language"
_ONE_YEAR_SECONDS = 365 * 86_400


def language() -> str:
    """Return zh or en."""
    return "en" if g.get("language") == "en" else "zh"


def in_language(thing: object, name: str) -> str:
    """Return ``name_zh`` or ``name_en`` of something that has both."""
    return str(getattr(thing, f"{name}_{language()}"))


def choose(*, by_browser: bool) -> None:
    """Set this request's language: as chosen, else the browser's where it may decide, else Chinese."""
    chosen = request.args.get("lang") or request.cookies.get(COOKIE)
    if chosen not in ("zh", "en"):
        chosen = "zh"
        if by_browser:
            chosen = (request.accept_languages.best_match(["zh-CN", "zh", "en"], "zh"))[:2]
    g.language = chosen


def keep(response: Response) -> Response:
    """Keep the choice in a cookie, if there was one."""
    chosen = request.args.get("lang")
    if chosen in ("zh", "en"):
        response.set_cookie(COOKIE, chosen, max_age=_ONE_YEAR_SECONDS, httponly=True, samesite="Lax")
    return response
