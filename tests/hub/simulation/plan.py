"""What happens in the city, drawn from a seed before anything is played: the same for every road."""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from stdnum import luhn

from tests.support import AIR_CONDITIONER, FRIDGE, PHONE, TELEVISION, WASHER

FIRST_DAY = datetime(2026, 11, 1, tzinfo=UTC)  # 08:00 in the shops
# What a person may have one of, with the filed price in fen.
GOODS = {
    FRIDGE: ("refrigerator", 610_000),
    WASHER: ("washing_machine", 349_900),
    AIR_CONDITIONER: ("air_conditioner", 279_990),
    TELEVISION: ("television", 499_900),
    PHONE: ("phone", 599_900),
}
_OPENS, _SHUTS = timedelta(hours=1), timedelta(hours=12)
_PAIR_ONE_IN = 40  # shop days, of each kind
_LONGEST_APART_DAYS = 6


@dataclass(frozen=True, slots=True)
class Sale:
    """One sale. ``is_cut``: the city cannot be asked at that moment, whatever the road is like."""

    order_no: str
    shop: int
    at: datetime
    person: int
    gtin: str
    price_fen: int
    serial_no: str
    imei: str | None
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a sale later: ``full``, ``partial`` or ``exchange``."""

    order_no: str
    shop: int
    at: datetime
    kind: str
    new_price_fen: int | None
    serial_no: str
    imei: str | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sales of which only one can stand; ``code`` is what the other is refused for."""

    code: str
    orders: frozenset[str]


@dataclass(frozen=True, slots=True)
class Outage:
    """A shop that hears nothing of the city from one moment to another."""

    shop: int
    begins: datetime
    ends: datetime


@dataclass
class Plan:
    """``acts`` of each day are in the order of their time."""

    seed: int
    shops: int
    days: int
    acts: list[list[Sale | Change]] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)

    @property
    def sales(self) -> list[Sale]:
        return [act for day in self.acts for act in day if isinstance(act, Sale)]

    @property
    def planted(self) -> frozenset[str]:
        return frozenset(order for pair in self.pairs for order in pair.orders)


def make(shops: int, days: int, seed: int, *, sales_per_day: int = 1, change_one_in: int = 8) -> Plan:
    """Return what happens; on the average each shop sells ``sales_per_day`` a day.

    One in ``change_one_in`` sales is reversed, in part or wholly, or exchanged.
    """
    return _Drawing(Plan(seed, shops, days), sales_per_day, change_one_in).plan


class _Drawing:
    def __init__(self, plan: Plan, sales_per_day: int, change_one_in: int) -> None:
        self.plan, self.draw, self.number = plan, random.Random(f"{plan.seed}/plan"), 0
        self.change_one_in = change_one_in
        self.plan.acts = [[] for _ in range(plan.days)]
        for day in range(plan.days):
            for shop in range(plan.shops):
                for _ in range(self.draw.randint(0, 2 * sales_per_day)):
                    self._sale(day, shop)
        for _ in range(max(1, plan.shops * plan.days // _PAIR_ONE_IN)):
            self._pair("units_exhausted")
            self._pair("serial_used")
        for shop in range(plan.shops):
            self._outages(shop)
        for acts in self.plan.acts:
            acts.sort(key=lambda act: (act.at, act.order_no))

    def _moment(self, day: int) -> datetime:
        seconds = self.draw.randrange(int((_SHUTS - _OPENS).total_seconds()))
        return FIRST_DAY + timedelta(days=day) + _OPENS + timedelta(seconds=seconds)

    def _some_days_after(self, day: int) -> int:
        return day + self.draw.randint(0, min(_LONGEST_APART_DAYS, self.plan.days - 1 - day))

    def _fresh(self, gtin: str) -> tuple[str, str | None]:
        """Return numbers that no other piece has."""
        self.number += 1
        body = f"49015{self.number:09d}"
        imei = body + luhn.calc_check_digit(body) if gtin == PHONE else None
        return f"SN{self.number:07d}", imei

    def _sold(self, day: int, shop: int, gtin: str) -> Sale:
        serial_no, imei = self._fresh(gtin)
        price_fen = GOODS[gtin][1] * self.draw.randint(70, 100) // 100
        at, order_no = self._moment(day), f"S{shop:03d}-{self.number:07d}"
        return Sale(order_no, shop, at, self.number, gtin, price_fen, serial_no, imei)

    def _sale(self, day: int, shop: int) -> None:
        sold = self._sold(day, shop, self.draw.choice(list(GOODS)))
        self.plan.acts[day].append(sold)
        if self.draw.randrange(self.change_one_in) == 0:
            self._change(sold, day)

    def _change(self, sold: Sale, day: int) -> None:
        later = self._some_days_after(day)
        at = self._moment(later) if later > day else sold.at + timedelta(minutes=20)
        kind = self.draw.choice(("full", "partial", "exchange"))
        new_price_fen = sold.price_fen * self.draw.randint(30, 95) // 100 if kind == "partial" else None
        serial_no, imei = self._fresh(sold.gtin)
        change = Change(sold.order_no, sold.shop, at, kind, new_price_fen, serial_no, imei)
        self.plan.acts[later].append(change)

    def _pair(self, code: str) -> None:
        first_shop, second_shop = self.draw.sample(range(self.plan.shops), 2)
        gtin = self.draw.choice([FRIDGE, WASHER, TELEVISION])
        day = self.draw.randrange(self.plan.days)
        later = self._some_days_after(day)
        first = replace(self._sold(day, first_shop, gtin), is_cut=True)
        # The same price, so that it makes no difference to any sum which of them stands.
        second = replace(self._sold(later, second_shop, gtin), is_cut=True, price_fen=first.price_fen)
        if code == "units_exhausted":
            second = replace(second, person=first.person)
        else:
            second = replace(second, serial_no=first.serial_no)
        self.plan.acts[day].append(first)
        self.plan.acts[later].append(second)
        self.plan.pairs.append(Pair(code, frozenset({first.order_no, second.order_no})))

    def _outages(self, shop: int) -> None:
        for day in range(self.plan.days):
            if self.draw.random() < 0.15:
                self._outage(shop, self._moment(day), timedelta(minutes=self.draw.randint(20, 900)))
        if self.draw.random() < 0.15:
            began = self._moment(self.draw.randrange(self.plan.days))
            self._outage(shop, began, timedelta(days=self.draw.randint(3, 21)))

    def _outage(self, shop: int, begins: datetime, lasts: timedelta) -> None:
        self.plan.outages.append(Outage(shop, begins, begins + lasts))
