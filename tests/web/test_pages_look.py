"""The stylesheet: colours that can be read by everybody."""

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[2] / "pos_subsidy" / "look" / "static" / "pages.css").read_text("utf-8")
COLOURS = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", CSS))
READABLE = 4.5  # WCAG 2.2, level AA, text of normal size
VISIBLE = 3.0  # the same, for the edges of fields


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *[(text, ground) for text in ("ink", "ink-2", "brand") for ground in ("paper", "card", "doubt-bg")],
        *[(mood, f"{mood}-bg") for mood in ("yes", "no", "doubt")],
        *[("card", mood) for mood in ("yes", "no", "doubt", "brand", "ink")],
        *[("yes", "card"), ("yes", "paper"), ("no", "card"), ("ink-2", "plain-bg"), ("doubt", "card")],
    ],
)
def test_every_pair_of_colours_can_be_read(text: str, ground: str) -> None:
    assert _contrast(COLOURS[text], COLOURS[ground]) >= READABLE


@pytest.mark.parametrize("ground", ["card", "paper"])
def test_the_edge_of_a_field_can_be_seen(ground: str) -> None:
    assert _contrast(COLOURS["edge"], COLOURS[ground]) >= VISIBLE


def test_the_style_fetches_nothing() -> None:
    assert "url(" not in CSS and "@import" not in CSS
