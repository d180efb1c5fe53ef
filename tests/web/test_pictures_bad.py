"""Our own tokens as bad cameras see them: read right or not at all, and hardly ever not at all."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from PIL import Image, ImageFilter

from pos_subsidy.domain import keys, qr_token
from pos_subsidy.domain.qr_token import Claims
from pos_subsidy.errors import Invalid
from pos_subsidy.web import pictures, qr_image

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
TOKENS = 100
_GLARE = (0.44, 0.44, 0.54, 0.52)
_BAD: dict[str, dict[str, Any]] = {
    "clean at 160 px": {"side": 160},
    "turned": {"side": 200, "turn": 17},
    "tilted": {"side": 240, "tilt": 0.06},
    "blurred": {"side": 260, "blur": 1.2},
    "glare": {"side": 260, "glare": True},
    "everything at once": {"side": 320, "turn": -9, "tilt": 0.04, "blur": 0.9, "glare": True},
}


@pytest.fixture(scope="module")
def drawn() -> Sequence[tuple[str, Image.Image]]:
    """Tokens of as many vouchers, drawn as the consumer's page draws them."""
    ring = keys.new_keyring()
    found = []
    for number in range(TOKENS):
        ends = NOW + timedelta(minutes=2, seconds=number)
        claims = Claims("JX-NANHU-0001", f"7K3M9QWX{number:04}", "refrigerator", "screen", NOW, ends)
        token = qr_token.make(claims, ring)
        with Flask(__name__).app_context():
            picture = qr_image.png(token, "screen").get_data()
        found.append((token, Image.open(io.BytesIO(picture)).convert("L")))
    return found


def photographed(
    sharp: Image.Image, *, side: int, blur: float = 0, turn: float = 0, tilt: float = 0, glare: bool = False
) -> bytes:
    """Return a JPEG of a code that is ``side`` pixels wide, on a grey counter."""
    big = sharp.resize((side * 3, side * 3), Image.Resampling.LANCZOS)
    if tilt:
        lean = round(big.width * tilt)
        corners = (0, 0, 0, big.width, big.width, big.width - lean, big.width, lean)
        big = big.transform(big.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=255)
    if glare:
        left, top, right, bottom = (round(big.width * part) for part in _GLARE)
        big.paste(250, (left, top, right, bottom))
    small = big.resize((side, side), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(blur))
    seen = Image.new("L", (side * 2, side * 2), 170)
    seen.paste(small, (side // 2, side // 2))
    seen = seen.rotate(turn, fillcolor=170, resample=Image.Resampling.BICUBIC)
    out = io.BytesIO()
    seen.save(out, "JPEG", quality=70)
    return out.getvalue()


@pytest.mark.parametrize("how", _BAD)
def test_of_a_hundred_tokens_at_most_one_is_not_read_and_none_is_read_wrong(drawn, how):
    right = 0
    for token, sharp in drawn:
        try:
            found = pictures.read(photographed(sharp, **_BAD[how]))
        except Invalid:
            continue
        assert found == [token]
        right += 1
    assert right >= 0.99 * TOKENS
