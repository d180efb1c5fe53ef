"""Thirty photos with a known defect, or used before: each is named, and a good one is not."""

import io

import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from pos_subsidy.domain.evidence import is_same_photo
from pos_subsidy.errors import Invalid
from pos_subsidy.services import photos
from tests import pictures
from tests.pictures import drawn


def saved(picture: Image.Image, form: str = "JPEG", **how: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **how)
    return out.getvalue()


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


def black() -> Image.Image:
    return Image.new("RGB", (1200, 900))


DEFECTS = {
    "lens covered": (saved(black()), ("dark",)),
    "shop at night": (pictures.dark(), ("dark",)),
    "dusk": (saved(ImageEnhance.Brightness(drawn(seed=3)).enhance(0.12)), ("dark",)),
    "out of focus": (pictures.blurred(), ("blurred",)),
    "moved": (saved(drawn(seed=4).filter(ImageFilter.BoxBlur(45))), ("blurred",)),
    "a wall": (saved(Image.new("RGB", (1200, 900), (210, 205, 200))), ("blurred",)),
    "over-exposed": (saved(Image.new("RGB", (1200, 900), "white")), ("blurred",)),
    "thumbnail of a chat": (saved(drawn(seed=5).resize((240, 180))), ("small",)),
    "cut out": (pictures.jpeg(size=(660, 300)), ("small",)),
    "small and dark": (saved(black().resize((300, 200))), ("small", "dark")),
}
REFUSED = {
    "nothing": (b"", "file_empty"),
    "a text": (b"SN-0001", "file_kind"),
    "a spreadsheet": (b"PK\x03\x04" + b"\0" * 200, "file_kind"),
    "a GIF": (saved(drawn(), "GIF"), "file_kind"),
    "a page of the web": (b"<html><img src=x></html>", "file_kind"),
    "half a JPEG": (pictures.jpeg()[:9_000], "file_damaged"),
    "a JPEG's head": (b"\xff\xd8\xff\xe0", "file_damaged"),
    "a PNG with a wrong check sum": (flipped(pictures.png(), 60), "file_damaged"),
    "half a PDF": (pictures.pdf()[:400], "file_damaged"),
    "a HEIC that shows nothing": (pictures.false_heic(), "file_damaged"),
    "half a HEIC": (pictures.heic()[:2_000], "file_damaged"),
    "a picture that bursts": (pictures.bomb(), "file_pixels"),
    "a film": (b"\xff\xd8\xff" + b"\0" * photos.MAX_BYTES, "file_too_large"),
}
FIRST = drawn()
AGAIN = {
    "the very file": pictures.jpeg(),
    "sent by chat": saved(FIRST, quality=35),
    "shrunk": saved(FIRST.resize((520, 404))),
    "as PNG": pictures.png(),
    "as HEIC": pictures.heic(),
    "turned by the phone": pictures.turned_jpeg(),
    "brightened": saved(ImageEnhance.Brightness(FIRST).enhance(1.15)),
    "in black and white": saved(FIRST.convert("L")),
}


def test_there_are_thirty() -> None:
    assert len(DEFECTS) + len(REFUSED) + len(AGAIN) >= 30


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_named(name: str) -> None:
    content, defects = DEFECTS[name]
    assert photos.look(content, field="photos.box").defects == defects


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_photo_is_refused_with_its_cause(name: str) -> None:
    content, cause = REFUSED[name]
    with pytest.raises(Invalid) as refused:
        photos.look(content, field="photos.box")
    assert (refused.value.code, refused.value.params["cause"]) == ("evidence_file_invalid", cause)


@pytest.mark.parametrize("name", AGAIN)
def test_a_photo_used_before_is_known_again(name: str) -> None:
    first = photos.look(pictures.jpeg(), field="photos.box").dhash
    again = photos.look(AGAIN[name], field="photos.box")
    assert first and again.dhash and is_same_photo(first, again.dhash)
    assert again.defects == ()


def test_photos_of_other_boxes_are_other_photos() -> None:
    hashes = [photos.look(pictures.jpeg(seed=seed), field="photos.box").dhash for seed in range(1, 41)]
    pairs = [(one, other) for at, one in enumerate(hashes) for other in hashes[at + 1 :]]
    assert not [pair for pair in pairs if is_same_photo(*pair)]


def test_a_photo_with_a_number_written_over_it_is_still_the_same() -> None:
    over = FIRST.copy()
    ImageDraw.Draw(over).text((330, 330), "SN-9999", fill="black", font_size=40)
    first = photos.look(pictures.jpeg(), field="photos.box").dhash
    assert is_same_photo(first, photos.look(saved(over), field="photos.box").dhash)


def test_a_phone_that_keeps_a_second_picture_beside_the_first_hands_in_a_jpeg():
    """A browser shows no image/mpo; nor does the auditor's."""
    both = saved(drawn(), "MPO", save_all=True, append_images=[drawn(seed=2)])
    assert photos.look(both, field="photos.label").media == "image/jpeg"


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_photo_whose_cameras_notes_are_damaged_is_refused_in_words():
    notes = Image.Exif()
    notes[0x0112], notes[0x010F] = 6, "maker"
    content = saved(drawn(), exif=notes)
    kind_of_maker = content.index(b"Exif") + 6 + 11
    damaged = content[:kind_of_maker] + b"\x03" + content[kind_of_maker + 1 :]
    with pytest.raises(Invalid) as refused:
        photos.look(damaged, field="photos.label")
    assert refused.value.params["cause"] == "file_damaged"
