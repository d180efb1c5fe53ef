"""What a file of evidence is, told by its first bytes, and how a page shows it."""

import io
import warnings

from PIL import Image, ImageOps

_BEGINS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"%PDF-": "application/pdf"}
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1")
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/heic": "HEIF"}
# A serial number on a label fills a tenth of a photo and is read at this size; the original is a click away.
_SIDE_PX = 1_600
_PIXELS_MAX = 60_000_000


def media_of(content: bytes) -> str:
    """Return the media type of a file, whatever its sender called it."""
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        return "image/heic"
    found = (media for begins, media in _BEGINS.items() if content.startswith(begins))
    return next(found, "application/octet-stream")


def shown(content: bytes) -> bytes | None:
    """Return a picture as a JPEG of bounded size for a page, or None if it cannot be decoded.

    It is turned as the camera was held, and nothing that was written beside the pixels is in it.
    """
    kind = _FORMATS.get(media_of(content))
    if kind is None:
        return None
    try:
        if kind == "HEIF":
            # Loaded with the first such photo: it is a library of megabytes.
            import pillow_heif

            pillow_heif.register_heif_opener(thumbnails=False)
        with warnings.catch_warnings():
            # A bomb is refused by its size; it need not be announced as well.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=(kind,))
        if picture.width * picture.height > _PIXELS_MAX:
            return None
        picture.draft("RGB", (_SIDE_PX, _SIDE_PX))
        upright = ImageOps.exif_transpose(picture).convert("RGB")
        upright.thumbnail((_SIDE_PX, _SIDE_PX))
        upright.info.clear()  # a comment would be written, too
        into = io.BytesIO()
        upright.save(into, "JPEG", quality=85, exif=b"")
    # A damaged picture fails wherever the damage is; the page then offers the file itself.
    except Exception:
        return None
    return into.getvalue()
