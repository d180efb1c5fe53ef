"""Reads the codes on a picture that was uploaded or photographed; the picture itself is not kept."""

import io
import warnings

import zxingcpp
from PIL import Image, ImageOps, UnidentifiedImageError

from pos_subsidy.errors import Invalid

MAX_BYTES = 16 * 1024 * 1024
_MAX_PIXELS = 50_000_000
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
# What goods, labels, phones and vouchers carry. Short codes without a check digit are left out:
# a reader finds them by chance where there are none.
_CODES = zxingcpp.BarcodeFormats(
    [
        zxingcpp.BarcodeFormat.QRCode,
        zxingcpp.BarcodeFormat.DataMatrix,
        zxingcpp.BarcodeFormat.EANUPC,
        zxingcpp.BarcodeFormat.ITF14,
        zxingcpp.BarcodeFormat.Code128,
        zxingcpp.BarcodeFormat.Code39,
        zxingcpp.BarcodeFormat.DataBar,
    ]
)
# Phones photograph far larger than a code needs; reading takes as long as the pixels are many.
_SIDE_PX = 2_400


def read(content: bytes) -> list[str]:
    """Return the texts of every code on a picture, the largest first.

    Raises:
        Invalid: ``picture_invalid``, it is no picture or too large; ``picture_without_code``.
    """
    picture = _opened(content)
    for attempt in (picture, ImageOps.autocontrast(picture, cutoff=2), _doubled(picture)):
        if texts := _texts(attempt):
            return texts
    raise Invalid("picture_without_code")


def codes_of(frame: bytes) -> list[str]:
    """Return the texts on one frame of a camera, most often none: the next one follows at once.

    Raises:
        Invalid: ``picture_invalid``.
    """
    return _texts(_opened(frame))


def _texts(picture: Image.Image) -> list[str]:
    found = zxingcpp.read_barcodes(picture, formats=_CODES, text_mode=zxingcpp.TextMode.Plain)
    told: list[zxingcpp.Barcode] = []
    for one in sorted(found, key=_size, reverse=True):
        # Nobody prints a code upon a code: what lies within a larger one was read by chance.
        if _is_whole(one) and not any(_lies_within(one, larger) for larger in told):
            told.append(one)
    return list(dict.fromkeys(one.text for one in told))


def _opened(content: bytes) -> Image.Image:
    if not 0 < len(content) <= MAX_BYTES:
        raise Invalid("picture_invalid")
    try:
        with warnings.catch_warnings():
            # A bomb is refused below by its size; it need not be announced as well.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=_FORMATS)
        if picture.width * picture.height > _MAX_PIXELS:
            raise Invalid("picture_invalid")
        picture.draft("L", (_SIDE_PX, _SIDE_PX))
        upright = ImageOps.exif_transpose(picture)
        if upright.mode in ("RGBA", "LA", "P"):
            upright = upright.convert("RGBA")
            paper = Image.new("RGBA", upright.size, "white")
            upright = Image.alpha_composite(paper, upright)
        upright = upright.convert("L")
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError):
        raise Invalid("picture_invalid") from None
    upright.thumbnail((_SIDE_PX, _SIDE_PX))
    return upright


def _doubled(picture: Image.Image) -> Image.Image:
    factor = 2 if max(picture.size) <= _SIDE_PX // 2 else 1
    return picture.resize((picture.width * factor, picture.height * factor), Image.Resampling.BICUBIC)


def _size(one: zxingcpp.Barcode) -> int:
    corner, other = one.position.top_left, one.position.bottom_right
    return abs((other.x - corner.x) * (other.y - corner.y))


def _is_whole(one: zxingcpp.Barcode) -> bool:
    """Say whether a code is one that was asked for: the reader gives ITF of other lengths, too."""
    return bool(one.text) and (one.symbology != zxingcpp.BarcodeFormat.ITF or len(one.text) == 14)


def _lies_within(one: zxingcpp.Barcode, larger: zxingcpp.Barcode) -> bool:
    """Say whether the middle of a code lies within the four corners of another."""
    middle = [sum(part) / 4 for part in zip(*_corners(one), strict=True)]
    corners = _corners(larger)
    turns = [
        (to[0] - begin[0]) * (middle[1] - begin[1]) - (to[1] - begin[1]) * (middle[0] - begin[0])
        for begin, to in zip(corners, [*corners[1:], corners[0]], strict=True)
    ]
    return all(turn > 0 for turn in turns) or all(turn < 0 for turn in turns)


def _corners(one: zxingcpp.Barcode) -> list[tuple[int, int]]:
    at = one.position
    ends = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
    return [(end.x, end.y) for end in ends]
