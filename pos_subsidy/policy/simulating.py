"""What past sales would have cost under other rules. Sales stream through; none is kept."""

import csv
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from pos_subsidy.domain.attributes import read_attributes
from pos_subsidy.domain.decision import Item
from pos_subsidy.domain.rules import Rulebook
from pos_subsidy.domain.subsidy import MAX_PRICE_FEN, assess
from pos_subsidy.errors import Invalid

HEADINGS = ("business_date", "category", "price_fen", "energy_rating", "subsidy_fen")
ATTRIBUTES = "attributes"
_NONE: Mapping[str, object] = {}
_UNRATED: Mapping[str, object] = {"has_rating_system": False}
_RATINGS = {"": None, "1": 1, "2": 2, "3": 3, "4": 4, "5": 5}


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
    """Sums (fen) as they were and as they would have been, of a class or of a programme.

    The programme is that of the other rules; None sums up the sales for which none was open.
    """

    name: str | None
    sales: int
    refused: int
    was_fen: int
    would_be_fen: int


@dataclass(frozen=True, slots=True)
class Simulated:
    """The same sales summed up twice."""

    classes: tuple[Sum, ...]
    programmes: tuple[Sum, ...]


def read_ledger(lines: Iterable[str], *, categories: Container[str]) -> Iterator[Sale]:
    """Yield sales from the lines of a CSV file, one at a time; nothing is kept.

    Columns stand in any order; ``attributes`` (``scheme=replacement;fuel=nev``) may be absent.
    Empty rows are passed over.

    Raises:
        Invalid: ``ledger_invalid`` with the line on which the row begins: it cannot be read, its
            class is not among ``categories``, or its price cannot be one.
    """
    rows = _rows(lines)
    line, headings = next(rows, (1, []))
    if set(HEADINGS) - {one.strip() for one in headings}:
        raise Invalid("ledger_invalid", line=line, found=", ".join(headings)[:80])
    sale_of = _reader([one.strip() for one in headings], categories)
    for line, row in rows:
        try:
            sale = sale_of(row)
        except (ValueError, LookupError, Invalid):
            raise Invalid("ledger_invalid", line=line, found=",".join(row)[:80]) from None
        yield sale


def _rows(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    # A quotation mark that is never closed would swallow every row after it; strict says so.
    table, line = csv.reader(lines, strict=True), 1
    try:
        for row in table:
            if any(row):
                yield line, row
            line = table.line_num + 1
    except csv.Error as error:
        raise Invalid("ledger_invalid", line=line, found=f"CSV: {error}") from None


def _reader(headings: Sequence[str], categories: Container[str]) -> Callable[[list[str]], Sale]:
    """Return what makes a sale of a row; that raises ValueError, LookupError or Invalid."""
    on, category, price, rating, subsidy = (headings.index(one) for one in HEADINGS)
    told = headings.index(ATTRIBUTES) if ATTRIBUTES in headings else None

    def sale_of(row: list[str]) -> Sale:
        price_fen = int(row[price])
        if not 0 < price_fen <= MAX_PRICE_FEN or row[category] not in categories:
            raise ValueError
        return Sale(
            _day(row[on]),
            row[category],
            price_fen,
            _RATINGS[row[rating].strip()],
            int(row[subsidy]),
            _attributes(row[told]) if told is not None and row[told] else _NONE,
        )

    return sale_of


def simulate(sales: Iterable[Sale], rulebook: Rulebook, *, on: date | None = None) -> Simulated:
    """Work every sale through a rulebook, on its own day or on ``on``.

    Raises:
        Invalid: ``sale_not_worked`` with the place of a sale that no rule can be asked about.
    """
    found: dict[tuple[str | None, str | None], list[int]] = {}
    unrated: dict[str, bool] = {}
    for place, sale in enumerate(sales, start=1):
        category = sale.category
        try:
            if category not in unrated:
                unrated[category] = "has_rating_system" in rulebook.category(category).attributes
            attributes = sale.attributes
            if sale.energy_rating is None and unrated[category]:
                attributes = {**_UNRATED, **attributes} if attributes else _UNRATED
            item = Item(category, sale.price_fen, sale.energy_rating, attributes)
            outcome = assess(item, on=on or sale.on, rulebook=rulebook)
        except Invalid as error:
            raise Invalid("sale_not_worked", place=place, found=f"{category[:40]}: {error.code}") from None
        key = category, outcome.programme
        sums = found.get(key)
        if sums is None:
            sums = found[key] = [0, 0, 0, 0]
        sums[0] += 1
        sums[1] += not outcome.eligible
        sums[2] += sale.subsidy_fen
        sums[3] += outcome.subsidy_fen
    return Simulated(
        _summed_up((category, sums) for (category, _), sums in found.items()),
        _summed_up((programme, sums) for (_, programme), sums in found.items()),
    )


def _summed_up(named: Iterable[tuple[str | None, list[int]]]) -> tuple[Sum, ...]:
    """Add what stands under one name, and sort by name."""
    found: dict[str | None, list[int]] = {}
    for name, sums in named:
        found[name] = [sum(pair) for pair in zip(found.get(name, [0] * len(sums)), sums, strict=True)]
    return tuple(Sum(name, *found[name]) for name in sorted(found, key=lambda name: name or ""))


@lru_cache(maxsize=4_096)
def _day(written: str) -> date:
    return date.fromisoformat(written)


@lru_cache(maxsize=4_096)
def _attributes(written: str) -> Mapping[str, object]:
    pairs = (one.partition("=") for one in written.split(";") if one.strip())
    return read_attributes({name.strip(): value.strip() for name, _, value in pairs})


def chart(sums: Sequence[Sum], names: Mapping[str, str]) -> str:
    """Draw the sums as bars, before and after, in SVG."""
    widest = max([max(one.was_fen, one.would_be_fen) for one in sums] or [1]) or 1
    rows = []
    for place, one in enumerate(sums):
        top = 40 + place * 48
        rows.append(f'<text x="0" y="{top + 20}">{names.get(one.name or "", one.name)}</text>')
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
