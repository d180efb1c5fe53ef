"""Styles and scripts, served by the shop's own service; an address names its content."""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, url_for

_FOLDER = Path(__file__).parent / "static"

bp = Blueprint("assets", __name__, static_folder=str(_FOLDER), static_url_path="/assets")


def asset(name: str) -> str:
    """Return the address of a style or script; a changed file has another one."""
    return url_for("assets.static", filename=name, v=_version(name))


@lru_cache
def _version(name: str) -> str:
    return hashlib.sha256((_FOLDER / name).read_bytes()).hexdigest()[:10]


def text(name: str) -> str:
    """Return what a script or style says."""
    return (_FOLDER / name).read_text("utf-8")
