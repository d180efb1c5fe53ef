"""Real picture files for tests: what a phone would hand in, and what it should not."""

import io
import random

import pillow_heif
from PIL import Image, ImageDraw, ImageFilter


def drawn(text: str = "SN-0001", *, seed: int = 1, size: tuple[int, int] = (900, 700)) -> Image.Image:
    """Draw a box with a number on it; another seed is another box."""
    chance = random.Random(seed)
    picture = Image.new("RGB", size, (190, 170, 140))
    pen = ImageDraw.Draw(picture)
    for _ in range(14):
        x, y = chance.randrange(size[0] - 200), chance.randrange(size[1] - 150)
        colour = tuple(chance.randrange(40, 256) for _ in range(3))
        pen.rectangle((x, y, x + chance.randrange(60, 200), y + chance.randrange(40, 150)), fill=colour)
    pen.rectangle((300, 300, 620, 380), fill="white")
    pen.text((320, 320), text, fill="black", font_size=44)
    return picture


def jpeg(text: str = "SN-0001", *, quality: int = 88, **about: object) -> bytes:
    return _saved(drawn(text, **about), "JPEG", quality=quality)


def png(text: str = "SN-0001", **about: object) -> bytes:
    return _saved(drawn(text, **about), "PNG")


def turned_jpeg(*, seed: int = 1) -> bytes:
    """Return the same photo as a phone held on its side stores it: turned, with a note how."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return _saved(drawn(seed=seed).transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif, quality=88)


def blurred() -> bytes:
    return _saved(drawn().filter(ImageFilter.GaussianBlur(40)), "JPEG")


def dark() -> bytes:
    return _saved(drawn().point(lambda value: value // 16), "JPEG")


def pdf() -> bytes:
    return _saved(drawn(), "PDF")


def heic(*, seed: int = 1) -> bytes:
    pillow_heif.register_heif_opener()
    return _saved(drawn(seed=seed), "HEIF", quality=80)


def false_heic() -> bytes:
    """Return whole boxes of a HEIC file that hold no picture."""
    parts = [(b"ftyp", b"heic\0\0\0\0mif1heic"), (b"meta", b"\0" * 40), (b"mdat", b"\1" * 900)]
    return b"".join((8 + len(body)).to_bytes(4, "big") + kind + body for kind, body in parts)


def bomb() -> bytes:
    """Return a PNG of few bytes that would be 100 million pixels."""
    return _saved(Image.new("1", (10_000, 10_000)), "PNG")


def _saved(picture: Image.Image, form: str, **how: object) -> bytes:
    into = io.BytesIO()
    picture.save(into, form, **how)
    return into.getvalue()
