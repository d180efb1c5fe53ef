"""The till as an app on the shop's machine: manifest, service worker, a page for a lost service."""

import hashlib
import json

from flask import Blueprint, Response, render_template, url_for

from pos_subsidy.context import get_shop
from pos_subsidy.look import assets
from pos_subsidy.look.assets import asset
from pos_subsidy.web.language import language, t

# Never a page with data: what a worker keeps outlives the sign-out.
_SHELL = (
    *("pages.css", "comfort.css", "office.css", "pages.js", "comfort.js", "line.js"),
    *("scanner.js", "camera.js", "stray.js", "icon.svg", "icon-192.png", "icon-512.png"),
)
_ICONS = (("icon-192.png", "192x192"), ("icon-512.png", "512x512"))
_BLUE, _PAPER = "#0b5cad", "#f5f7f9"

bp = Blueprint("installing", __name__)


@bp.get("/manifest.webmanifest")
def manifest() -> Response:
    """Tell the browser what an installed till is called, and where it starts."""
    icons = [
        {"src": asset(name), "sizes": sizes, "type": "image/png", "purpose": purpose}
        for name, sizes in _ICONS
        for purpose in ("any", "maskable")
    ]
    told = {
        "id": "/till",
        "name": f"{t('install.name')} · {get_shop().name}",
        "short_name": t("install.short"),
        "lang": "en" if language() == "en" else "zh-CN",
        "start_url": "/till",
        "scope": "/",
        "display": "standalone",
        "theme_color": _BLUE,
        "background_color": _PAPER,
        "icons": icons,
    }
    return Response(json.dumps(told, ensure_ascii=False), content_type="application/manifest+json")


@bp.get("/sw.js")
def worker() -> Response:
    """Hand out the service worker; it stands at the root so that it may look after every page."""
    kept = [url_for("installing.unreachable"), *(asset(name) for name in _SHELL)]
    page, script = render_template("unreachable.html"), assets.text("worker.js")
    version = hashlib.sha256("\n".join([*kept, page, script]).encode()).hexdigest()[:12]
    told = json.dumps({"version": version, "page": kept[0], "kept": kept})
    return Response(f"self.SHELL = {told};\n{script}", content_type="text/javascript; charset=utf-8")


@bp.get("/unreachable")
def unreachable() -> str:
    """Say that the service cannot be reached; kept by the worker, in both languages."""
    return render_template("unreachable.html")
