"""What the city looks at when it looks for patterns: sales as its rows tell them, no name, no number.

Persons and what ties them together (a phone, an address, a device, a payment) are keyed hashes.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

Limits = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Sale:
    """One claim. Amounts are fen, moments local; ``cap_price_fen`` is where its subsidy reaches the cap.

    ``ties`` are keyed hashes by what they are of. ``delivered_to`` is a region where one was told.
    """

    redemption_id: str
    outlet: str
    region: str
    till: str
    category: str
    at: datetime
    received_at: datetime
    price_fen: int
    subsidy_fen: int
    person: str | None = None
    ties: Mapping[str, str] = field(default_factory=dict)
    gtin: str | None = None
    piece: str | None = None
    cap_price_fen: int | None = None
    reversed_at: datetime | None = None
    delivered_to: str | None = None

    @property
    def on(self) -> date:
        return self.at.date()


@dataclass(frozen=True, slots=True)
class Filed:
    """From which day on a product was filed with which price."""

    since: date
    price_fen: int


@dataclass(frozen=True, slots=True)
class Picture:
    """The sales of a time, the earliest first, and the filed prices of their goods where known."""

    sales: Sequence[Sale]
    filings: Mapping[str, Sequence[Filed]] = field(default_factory=dict)

    @property
    def standing(self) -> list[Sale]:
        return [one for one in self.sales if one.reversed_at is None]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a check saw. ``seen`` above ``limit`` is what makes it worth a word; both are of one kind."""

    outlet: str
    sales: Sequence[Sale]
    seen: int
    limit: int
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Signal:
    """A pattern that people should look at. It is never a verdict.

    ``weight`` is how far beyond its limit the figure lies, in thousandths of the limit.
    """

    code: str
    outlet: str
    weight: int
    at_stake_fen: int
    seen: Mapping[str, Any]
    redemption_ids: tuple[str, ...]
    first_at: datetime
    last_at: datetime
    clause: str


def grouped(sales: Iterable[Sale], by: Callable[[Sale], Hashable | None]) -> dict[Any, list[Sale]]:
    """Return sales by what ``by`` says of each; those of which it says nothing are left out."""
    found: dict[Any, list[Sale]] = {}
    for one in sales:
        if (key := by(one)) is not None:
            found.setdefault(key, []).append(one)
    return found


def densest(sales: Sequence[Sale], seconds: int) -> list[Sale]:
    """Return the most sales that fall within some seconds; ``sales`` are in order of time."""
    first, best = 0, (0, 0)
    for place, one in enumerate(sales):
        while (one.at - sales[first].at).total_seconds() > seconds:
            first += 1
        if place + 1 - first > best[1] - best[0]:
            best = (first, place + 1)
    return list(sales[best[0] : best[1]])


def median(figures: Sequence[int]) -> int:
    """Return the middle figure, the lower one of two."""
    return sorted(figures)[(len(figures) - 1) // 2]
