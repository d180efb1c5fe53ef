"""Draws a voucher's token: level M for screens, Q for paper, no logo."""

import io
from functools import lru_cache

import qrcode
import qrcode.image.svg
from flask import Response
from PIL import Image

_LEVELS = {"screen": qrcode.constants.ERROR_CORRECT_M, "paper": qrcode.constants.ERROR_CORRECT_Q}
# Trying all eight masks costs four times as much as drawing; readers undo any mask.
_MASK = 2
_QUIET_MODULES = 4


def png(token: str, kind: str, *, module_px: int = 8) -> Response:
    """Return a PNG of whole pixels per module."""
    return _sent(_png(token, kind, module_px), "image/png")


def svg(token: str, kind: str) -> Response:
    """Return an SVG that scales to any size."""
    return _sent(_svg(token, kind), "image/svg+xml")


@lru_cache(maxsize=256)
def _png(token: str, kind: str, module_px: int) -> bytes:
    code = _matrix(token, kind)
    modules = code.modules_count
    image = Image.new("1", (modules, modules), 1)
    image.putdata([0 if dark else 1 for row in code.modules for dark in row])
    side = (modules + 2 * _QUIET_MODULES) * module_px
    page = Image.new("1", (side, side), 1)
    grown = image.resize((modules * module_px, modules * module_px), Image.Resampling.NEAREST)
    page.paste(grown, (_QUIET_MODULES * module_px, _QUIET_MODULES * module_px))
    out = io.BytesIO()
    page.save(out, "PNG", optimize=True)
    return out.getvalue()


def draw_svg(token: str, kind: str) -> bytes:
    """Return the picture itself."""
    out = io.BytesIO()
    _matrix(token, kind).make_image(image_factory=qrcode.image.svg.SvgPathImage).save(out)
    return out.getvalue()


_svg = lru_cache(maxsize=256)(draw_svg)


def _matrix(token: str, kind: str) -> qrcode.QRCode:
    code = qrcode.QRCode(error_correction=_LEVELS[kind], border=_QUIET_MODULES, mask_pattern=_MASK)
    code.add_data(token, optimize=0)
    code.make(fit=True)
    return code


def _sent(content: bytes, content_type: str) -> Response:
    response = Response(content, content_type=content_type)
    response.headers["Cache-Control"] = "no-store"
    return response
