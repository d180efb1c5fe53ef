"""What past sales would have cost under other rules."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from pos_subsidy.domain.decision import Item
from pos_subsidy.domain.rules import Rulebook
from pos_subsidy.domain.subsidy import assess
from pos_subsidy.errors import Invalid

HEADINGS = ("business_date", "category", "price_fen", "energy_rating", "subsidy_fen")


@dataclass(frozen=True, slots=True)
class Sale:
    """One sale of the past. ``subsidy_fen`` is what it was granted."""

    on: date
    category: str
    price_fen: int
    energy_rating: int | None
    subsidy_fen: int


@dataclass(frozen=True, slots=True)
class Sum:
    """A class's sums (fen) as they were and as they would have been."""

    category: str
    sales: int
    refused: int
    was_fen: int
    would_be_fen: int


def read_ledger(text: str) -> list[Sale]:
    """Read sales from CSV.

    Raises:
        Invalid: ``ledger_invalid`` with the line.
    """
    table = csv.DictReader(io.StringIO(text))
    if set(HEADINGS) - set(table.fieldnames or ()):
        raise Invalid("ledger_invalid", line=1, found=", ".join(table.fieldnames or ()))
    sales = []
    for line, row in enumerate(table, start=2):
        try:
            rating = int(row["energy_rating"]) if row["energy_rating"] else None
            amounts = int(row["price_fen"]), int(row["subsidy_fen"])
            sales.append(
                Sale(
                    date.fromisoformat(row["business_date"]), row["category"], amounts[0], rating, amounts[1]
                )
            )
        except (ValueError, TypeError):
            raise Invalid("ledger_invalid", line=line, found=str(row)[:80]) from None
    return sales


def simulate(sales: Iterable[Sale], rulebook: Rulebook, *, on: date | None = None) -> list[Sum]:
    """Work every sale through a rulebook, on its own day or on ``on``; return sums by class."""
    found: dict[str, list[int]] = {}
    for sale in sales:
        outcome = assess(_item(sale, rulebook), on=on or sale.on, rulebook=rulebook)
        sums = found.setdefault(sale.category, [0, 0, 0, 0])
        sums[0] += 1
        sums[1] += not outcome.eligible
        sums[2] += sale.subsidy_fen
        sums[3] += outcome.subsidy_fen
    return [Sum(category, *sums) for category, sums in sorted(found.items())]


def _item(sale: Sale, rulebook: Rulebook) -> Item:
    unrated = (
        sale.energy_rating is None and "has_rating_system" in rulebook.category(sale.category).attributes
    )
    attributes: dict[str, object] = {"has_rating_system": False} if unrated else {}
    return Item(sale.category, sale.price_fen, sale.energy_rating, attributes)


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
