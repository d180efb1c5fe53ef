"""What kind of file was handed in, told by its content alone, and what a person could not see on it."""

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageFilter, ImageOps, ImageStat

from pos_subsidy.errors import Invalid
from pos_subsidy.protocol.messages import FILE_MAX_BYTES

MAX_BYTES = FILE_MAX_BYTES
MAX_PIXELS = 60_000_000
_BOX_HEAD = 8
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"})
# Below these a serial number cannot be read; well-lit, sharp photos lie far above.
_DARK_MEAN, _SMALL_PIXELS, _SHARP_DEVIATION, _FLAT_DEVIATION = 30, 200_000, 4, 3
_SIDE_PX = 800
# A phone that keeps depth or brightness beside the picture writes two JPEGs in one (MPO).
_MEDIA = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "HEIF": "image/heic"}


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file is: its media type and, of a picture that can be decoded, hash (hex) and defects."""

    media: str
    dhash: str | None = None
    defects: tuple[str, ...] = ()


def look(content: bytes, *, field: str) -> Looked:
    """Return what a file is.

    Raises:
        Invalid: ``evidence_file_invalid`` with the field and the cause.
    """
    if not content:
        raise Invalid("evidence_file_invalid", field=field, cause="file_empty")
    if len(content) > MAX_BYTES:
        raise Invalid("evidence_file_invalid", field=field, cause="file_too_large")
    if content.startswith(b"%PDF-"):
        if b"%%EOF" not in content[-2048:]:
            raise Invalid("evidence_file_invalid", field=field, cause="file_damaged")
        return Looked("application/pdf")
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        return _heic(content, field)
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return _picture(content, field, ("JPEG", "PNG"))
    raise Invalid("evidence_file_invalid", field=field, cause="file_kind")


def _heic(content: bytes, field: str) -> Looked:
    # Loaded with the first such photo: most shops never see one, and it is a library of megabytes.
    import pillow_heif

    if not _has_whole_boxes(content):
        raise Invalid("evidence_file_invalid", field=field, cause="file_damaged")
    pillow_heif.register_heif_opener(thumbnails=False)
    return _picture(content, field, ("HEIF",))


def _picture(content: bytes, field: str, formats: tuple[str, ...]) -> Looked:
    try:
        with warnings.catch_warnings():
            # A bomb is refused below by its size; it need not be announced as well.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=formats)
        if picture.width * picture.height > MAX_PIXELS:
            raise Invalid("evidence_file_invalid", field=field, cause="file_pixels")
        media, pixels = _MEDIA[str(picture.format)], picture.width * picture.height
        picture.draft("L", (_SIDE_PX, _SIDE_PX))
        grey = ImageOps.exif_transpose(picture).convert("L")
    except Image.DecompressionBombError:
        raise Invalid("evidence_file_invalid", field=field, cause="file_pixels") from None
    except Invalid:
        raise
    # A damaged picture fails wherever the damage is: in its pixels, or in what a camera wrote beside them.
    except Exception:
        raise Invalid("evidence_file_invalid", field=field, cause="file_damaged") from None
    grey.thumbnail((_SIDE_PX, _SIDE_PX))
    return Looked(media, _dhash(grey), _defects(grey, pixels))


def _dhash(grey: Image.Image) -> str | None:
    """Return which of 8 × 8 places is darker than its right neighbour, as hex.

    None for a picture that shows nothing: all of those are alike.
    """
    if ImageStat.Stat(grey).stddev[0] < _FLAT_DEVIATION:
        return None
    small = list(grey.resize((9, 8), Image.Resampling.LANCZOS).tobytes())
    bits = 0
    for row in range(8):
        for column in range(8):
            bits = bits << 1 | (small[row * 9 + column] < small[row * 9 + column + 1])
    return f"{bits:016x}"


def _defects(grey: Image.Image, pixels: int) -> tuple[str, ...]:
    found = ["small"] if pixels < _SMALL_PIXELS else []
    if ImageStat.Stat(grey).mean[0] < _DARK_MEAN:
        # Nothing is sharp in the dark; that it is dark is what has to be mended.
        return (*found, "dark")
    # The filter leaves the outermost pixels as they were.
    edges = ImageOps.crop(grey.filter(ImageFilter.FIND_EDGES), 2)
    if ImageStat.Stat(edges).stddev[0] < _SHARP_DEVIATION:
        found.append("blurred")
    return tuple(found)


def _has_whole_boxes(content: bytes) -> bool:
    """Say whether the boxes of a HEIC file fill it exactly and its table of contents is there."""
    at, kinds = 0, set()
    while at + _BOX_HEAD <= len(content):
        length, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        if length == 1:
            length = int.from_bytes(content[at + 8 : at + 16], "big")
        elif length == 0:
            length = len(content) - at
        if length < _BOX_HEAD:
            return False
        kinds.add(kind)
        at += length
    return at == len(content) and b"meta" in kinds
