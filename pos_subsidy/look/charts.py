"""Charts as SVG, drawn here: no script and no inline style, which the pages' policy forbids.

A chart is for the eye alone; the table beside it says the same to everybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

# Narrow, so that a phone shows its letters in nearly their own size.
_WIDTH, _BAR, _GAP, _LABEL, _FIGURE = 420, 22, 10, 122, 108
_COLUMNS_HEIGHT, _FOOT = 110, 22


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, its amount as written, its amount, and the class that colours it."""

    name: str
    figure: str
    amount: int
    mood: str = "brand"


def bars(found: Sequence[Bar]) -> Markup:
    """Draw lying bars, one below the other, each with name and figure."""
    most = max((one.amount for one in found), default=0) or 1
    room = _WIDTH - _LABEL - _FIGURE
    drawn = []
    for place, one in enumerate(found):
        top = place * (_BAR + _GAP)
        long = max(round(room * max(one.amount, 0) / most), 1 if one.amount > 0 else 0)
        middle = top + _BAR // 2 + 5
        drawn.append(
            f'<text x="0" y="{middle}">{escape(one.name)}</text>'
            f'<rect class="{one.mood}" x="{_LABEL}" y="{top}" width="{long}" height="{_BAR}" rx="4"/>'
            f'<text class="figure" x="{_LABEL + long + 8}" y="{middle}">{escape(one.figure)}</text>'
        )
    return _svg(drawn, height=max(len(found) * (_BAR + _GAP) - _GAP, _BAR))


def columns(found: Sequence[Bar]) -> Markup:
    """Draw standing bars on one ground line, with the first and the last one's name below."""
    most = max((one.amount for one in found), default=0) or 1
    wide = _WIDTH / max(len(found), 1)
    drawn = [f'<line x1="0" y1="{_COLUMNS_HEIGHT}" x2="{_WIDTH}" y2="{_COLUMNS_HEIGHT}"/>']
    for place, one in enumerate(found):
        high = max(round(_COLUMNS_HEIGHT * max(one.amount, 0) / most), 1 if one.amount > 0 else 0)
        left, across = place * wide + wide * 0.12, wide * 0.76
        drawn.append(
            f'<rect class="{one.mood}" x="{left:.1f}" y="{_COLUMNS_HEIGHT - high}" width="{across:.1f}"'
            f' height="{high}" rx="2"><title>{escape(one.name)} {escape(one.figure)}</title></rect>'
        )
    if found:
        foot = _COLUMNS_HEIGHT + _FOOT - 5
        drawn.append(f'<text x="0" y="{foot}">{escape(found[0].name)}</text>')
        drawn.append(f'<text x="{_WIDTH}" y="{foot}" text-anchor="end">{escape(found[-1].name)}</text>')
    return _svg(drawn, height=_COLUMNS_HEIGHT + _FOOT)


def _svg(drawn: Sequence[str], *, height: int) -> Markup:
    head = f'<svg class="chart" viewBox="0 0 {_WIDTH} {height}" aria-hidden="true" focusable="false">'
    return Markup(head + "".join(drawn) + "</svg>")
