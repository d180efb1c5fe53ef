"""The city's charts as SVG: how a budget burns down, and districts as tiles.

As in ``charts``: no script, no inline style, and for the eye alone; a table says the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup, escape

# Narrow, so that a phone shows its letters in nearly their own size.
_WIDTH, _HEIGHT, _LEFT, _TOP, _FOOT = 380, 140, 4, 24, 22
_TILE_WIDTH, _TILE_HEIGHT, _TILE_GAP, _TILES_A_ROW = 132, 92, 8, 3
_SHADES = 5


@dataclass(frozen=True, slots=True)
class Tile:
    """One district: its name, two lines of figures, and the amount that shades it."""

    name: str
    figure: str
    more: str
    amount: int


def burn_down(
    total: int,
    by_day: Mapping[date, int],
    *,
    first: date,
    today: date,
    last: date,
    left: int,
    runs_out: date | None,
    label: str,
) -> Markup:
    """Draw what was left at the end of each day, and dashed how it goes on at the present pace.

    ``label`` names the upper end. The line ends at ``left``, which counts live holds too.
    """
    end = max(last, today)
    span = max((end - first).days, 1)

    def x(day: date) -> float:
        inside = min(max((day - first).days, 0), span)
        return round(_LEFT + inside * (_WIDTH - 2 * _LEFT) / span, 1)

    def y(amount: int) -> float:
        share = min(max(amount, 0), total) / total if total else 0
        return round(_TOP + (1 - share) * (_HEIGHT - _TOP), 1)

    points, remaining = [(x(first), y(total))], total
    for day in sorted(by_day):
        if day <= today:
            points.append((x(day), y(remaining)))
            remaining -= by_day[day]
            points.append((x(day), y(remaining)))
    points.append((x(today), y(left)))
    drawn = [
        f'<line x1="{_LEFT}" y1="{_HEIGHT}" x2="{_WIDTH - _LEFT}" y2="{_HEIGHT}"/>',
        f'<polyline class="burnt" points="{_written(points)}"/>',
    ]
    if runs_out is not None and left > 0:
        # Beyond the last day the line is cut where the budget ends.
        slope = left / max((runs_out - today).days + 1, 1)
        until = min(runs_out + timedelta(1), end)
        then = left - slope * (until - today).days
        drawn.append(
            f'<polyline class="forecast" points="{_written([points[-1], (x(until), y(round(then)))])}"/>'
        )
    drawn += [
        f'<text x="{_LEFT}" y="15">{escape(label)}</text>',
        f'<text x="{_LEFT}" y="{_HEIGHT + _FOOT - 6}">{first:%m-%d}</text>',
        f'<text x="{_WIDTH - _LEFT}" y="{_HEIGHT + _FOOT - 6}" text-anchor="end">{end:%m-%d}</text>',
    ]
    return _svg(drawn, width=_WIDTH, height=_HEIGHT + _FOOT, name="burn-down")


def tiles(found: Sequence[Tile]) -> Markup:
    """Draw districts as tiles of one size in the order given: shade is amount, place is no geography."""
    most = max((one.amount for one in found), default=0)
    drawn = []
    for number, one in enumerate(found):
        left = (number % _TILES_A_ROW) * (_TILE_WIDTH + _TILE_GAP)
        top = (number // _TILES_A_ROW) * (_TILE_HEIGHT + _TILE_GAP)
        shade = 0 if one.amount <= 0 or not most else 1 + min(one.amount * (_SHADES - 1) // most, _SHADES - 2)
        drawn.append(
            f'<g class="shade{shade}"><rect x="{left}" y="{top}" rx="8"'
            f' width="{_TILE_WIDTH}" height="{_TILE_HEIGHT}"/>'
            f'<text x="{left + 10}" y="{top + 26}">{escape(one.name)}</text>'
            f'<text class="figure" x="{left + 10}" y="{top + 52}">{escape(one.figure)}</text>'
            f'<text x="{left + 10}" y="{top + 76}">{escape(one.more)}</text></g>'
        )
    rows = max(-(-len(found) // _TILES_A_ROW), 1)
    return _svg(
        drawn,
        width=_TILES_A_ROW * (_TILE_WIDTH + _TILE_GAP) - _TILE_GAP,
        height=rows * (_TILE_HEIGHT + _TILE_GAP) - _TILE_GAP,
        name="tiles",
    )


def _written(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{across:g},{down:g}" for across, down in points)


def _svg(drawn: Sequence[str], *, width: int, height: int, name: str) -> Markup:
    # Half of a frame's line lies outside of its figure.
    head = (
        f'<svg class="chart {name}" viewBox="-1 -1 {width + 2} {height + 2}"'
        ' aria-hidden="true" focusable="false">'
    )
    return Markup(head + "".join(drawn) + "</svg>")
