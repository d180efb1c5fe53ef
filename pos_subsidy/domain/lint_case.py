"""What a day is made of when it is looked through before the auditor does."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from pos_subsidy.domain.evidence import Given
from pos_subsidy.domain.journal import canonical
from pos_subsidy.domain.product import Product

_ID_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class Claimant:
    """A person as the shop may compare her with others. Without a card only the key is known."""

    person_key: str
    phone_hash: str = ""
    name_hash: str = ""


@dataclass(frozen=True, slots=True)
class Credit:
    """A reversal with what is known of its credit note (红字发票)."""

    number: str | None
    at: datetime
    is_full: bool


@dataclass(frozen=True, slots=True)
class Sold:
    """One redemption. Amounts are fen; moments are the shop's local time.

    ``cap_price_fen`` is the lowest price at which the subsidy is at its cap.
    """

    redemption_id: str
    order_no: str
    who: Claimant
    cashier: str
    category: str
    sold_on: date
    held_at: datetime
    redeemed_at: datetime
    price_fen: int
    net_price_fen: int
    subsidy_fen: int
    gtin: str | None = None
    filed: Product | None = None
    catalogue_required: bool = False
    energy_rating: int | None = None
    serial_no: str | None = None
    imeis: tuple[str, ...] = ()
    imei_required: bool = False
    serial_at: str = "till"
    cap_price_fen: int | None = None
    ceiling_fen: int | None = None
    payment_refs: tuple[str, ...] = ()
    credits: tuple[Credit, ...] = ()
    given: tuple[Given, ...] = ()

    @property
    def stands(self) -> bool:
        return not self.credits or not any(one.is_full for one in self.credits)

    def part(self, code: str) -> Given | None:
        """Return a part of the evidence as it counts, or None."""
        return next((one for one in self.given if one.part == code), None)

    @property
    def photos(self) -> tuple[Given, ...]:
        return tuple(one for one in self.given if "sha256" in one.content)


@dataclass(frozen=True, slots=True)
class PhotoUse:
    """A photo on some sale of the shop, of any day."""

    redemption_id: str
    order_no: str
    sha256: str
    dhash: str | None


@dataclass(frozen=True, slots=True)
class Filing:
    """From which day on a product was filed with which price."""

    filed_on: date
    price_fen: int


@dataclass(frozen=True, slots=True)
class LintDay:
    """A day's sales, and what they are compared with.

    ``near`` are the sales of the days before and of the day itself, oldest first; ``invoices``
    names the orders, of any day, on which an invoice was handed in.
    """

    on: date
    shop_region: str
    sales: Sequence[Sold]
    near: Sequence[Sold] = ()
    photos: Sequence[PhotoUse] = ()
    invoices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    filings: Mapping[str, Sequence[Filing]] = field(default_factory=dict)
    staff: frozenset[str] = frozenset()  # hashes of the names of those who sell

    def since(self, days: int) -> list[Sold]:
        """Return the sales of the last days, the day itself being one of them."""
        first = self.on - timedelta(days - 1)
        return [one for one in self.near if first <= one.sold_on <= self.on]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a control saw at one sale."""

    sold: Sold
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a day's sale shows that an auditor would ask about. It refuses nothing."""

    code: str
    redemption_id: str
    order_no: str
    seen: Mapping[str, Any]
    stops: bool
    clause: str

    @property
    def finding_id(self) -> str:
        """Return what names it beside others of the same sale, the same on every look."""
        told = canonical({"code": self.code, "seen": dict(self.seen)})
        return hashlib.sha256(told).hexdigest()[:_ID_CHARACTERS]


Limits = Mapping[str, int]


def grouped(sales: Iterable[Sold], by: Any) -> dict[Any, list[Sold]]:
    """Return sales by what ``by`` says of each; those of which it says nothing are left out."""
    found: dict[Any, list[Sold]] = {}
    for one in sales:
        if (key := by(one)) not in (None, ""):
            found.setdefault(key, []).append(one)
    return found


def bursts(sales: Sequence[Sold], *, most: int, minutes: int) -> Iterator[tuple[Sold, int]]:
    """Yield each sale with which more than ``most`` fall within some minutes, and their number."""
    ordered = sorted(sales, key=lambda one: one.redeemed_at)
    first = 0
    for place, one in enumerate(ordered):
        while one.redeemed_at - ordered[first].redeemed_at > timedelta(minutes=minutes):
            first += 1
        if (count := place - first + 1) > most:
            yield one, count


def over(amount_fen: int, base_fen: int, percent: int) -> bool:
    """Say whether an amount lies more than some percent above another."""
    return amount_fen * 100 > base_fen * (100 + percent)
