"""What past sales would have cost under other rules. Sales stream through; none is kept."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from pos_subsidy.domain.attributes import read_attributes
from pos_subsidy.domain.decision import Item
from pos_subsidy.domain.rules import Rulebook
from pos_subsidy.domain.subsidy import assess
from pos_subsidy.errors import Invalid

HEADINGS = ("business_date", "category", "price_fen", "energy_rating", "subsidy_fen")
ATTRIBUTES = "attributes"
_NONE: Mapping[str, object] = {}
_UNRATED: Mapping[str, object] = {"has_rating_system": False}


@dataclass(frozen=True, slots=True)
class Sale:
    """One sale of the past. ``subsidy_fen`` is what it was granted."""

    on: date
    category: str
    price_fen: int
    energy_rating: int | None
    subsidy_fen: int
    attributes: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Sum:
    """A class's sums (fen) as they were and as they would have been."""

    category: str
    sales: int
    refused: int
    was_fen: int
    would_be_fen: int


def read_ledger(lines: Iterable[str]) -> Iterator[Sale]:
    """Yield sales from the lines of a CSV file, one at a time; nothing is kept.

    Columns stand in any order; ``attributes`` (``scheme=replacement;fuel=nev``) may be absent.

    Raises:
        Invalid: ``ledger_invalid`` with the line.
    """
    table = csv.reader(lines)
    headings = [one.strip() for one in next(table, [])]
    if set(HEADINGS) - set(headings):
        raise Invalid("ledger_invalid", line=1, found=", ".join(headings)[:80])
    on, category, price, rating, subsidy = (headings.index(one) for one in HEADINGS)
    told = headings.index(ATTRIBUTES) if ATTRIBUTES in headings else None
    for row in table:
        if not row:
            continue
        try:
            yield Sale(
                _day(row[on]),
                row[category],
                int(row[price]),
                int(row[rating]) if row[rating] else None,
                int(row[subsidy]),
                _attributes(row[told]) if told is not None and row[told] else _NONE,
            )
        except (ValueError, IndexError, Invalid):
            raise Invalid("ledger_invalid", line=table.line_num, found=",".join(row)[:80]) from None


def simulate(sales: Iterable[Sale], rulebook: Rulebook, *, on: date | None = None) -> list[Sum]:
    """Work every sale through a rulebook, on its own day or on ``on``; return sums by class.

    Raises:
        Invalid: ``sale_not_worked`` with the place of a sale that no rule can be asked about.
    """
    found: dict[str, list[int]] = {}
    unrated: dict[str, bool] = {}
    for place, sale in enumerate(sales, start=1):
        category = sale.category
        try:
            if category not in unrated:
                unrated[category] = "has_rating_system" in rulebook.category(category).attributes
            attributes = sale.attributes
            if sale.energy_rating is None and unrated[category]:
                attributes = {**_UNRATED, **attributes}
            item = Item(category, sale.price_fen, sale.energy_rating, attributes)
            outcome = assess(item, on=on or sale.on, rulebook=rulebook)
        except Invalid as error:
            raise Invalid("sale_not_worked", place=place, found=f"{category[:40]}: {error.code}") from None
        sums = found.get(category)
        if sums is None:
            sums = found[category] = [0, 0, 0, 0]
        sums[0] += 1
        sums[1] += not outcome.eligible
        sums[2] += sale.subsidy_fen
        sums[3] += outcome.subsidy_fen
    return [Sum(category, *sums) for category, sums in sorted(found.items())]


@lru_cache(maxsize=4_096)
def _day(written: str) -> date:
    return date.fromisoformat(written)


@lru_cache(maxsize=4_096)
def _attributes(written: str) -> Mapping[str, object]:
    pairs = (one.partition("=") for one in written.split(";") if one.strip())
    return read_attributes({name.strip(): value.strip() for name, _, value in pairs})


def chart(sums: Sequence[Sum], names: dict[str, str]) -> str:
    """Draw the sums as bars, before and after, in SVG."""
    widest = max([max(one.was_fen, one.would_be_fen) for one in sums] or [1]) or 1
    rows = []
    for place, one in enumerate(sums):
        top = 40 + place * 48
        rows.append(f'<text x="0" y="{top + 20}">{names.get(one.category, one.category)}</text>')
        for offset, amount_fen, colour in ((0, one.was_fen, "#8a97a5"), (18, one.would_be_fen, "#0b5cad")):
            width = 520 * amount_fen / widest
            rows.append(f'<rect x="150" y="{top + offset}" width="{width:.1f}" height="14" fill="{colour}"/>')
            label = f"{amount_fen / 100:,.2f}"
            rows.append(f'<text x="{156 + width:.1f}" y="{top + offset + 12}">{label}</text>')
    height = 56 + 48 * len(sums)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 {height}" font-family="sans-serif"'
        ' font-size="13"><text x="0" y="16" font-weight="bold">补贴（元）/ Subsidy (yuan)</text>'
        '<text x="150" y="32" fill="#8a97a5">■ 实际 / was</text>'
        '<text x="280" y="32" fill="#0b5cad">■ 模拟 / would be</text>' + "".join(rows) + "</svg>\n"
    )
