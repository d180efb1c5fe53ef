"""The live picture: what was claimed, where, of what, and how much of each budget is left."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import moments
from pos_subsidy.domain.identifiers import region
from pos_subsidy.hub import limits
from pos_subsidy.hub.city import ZONE, City
from pos_subsidy.hub.limits import Limit
from pos_subsidy.hub.store import figures, outlets
from pos_subsidy.hub.store.db import read

# Days looked back on, today among them; None is everything.
PERIODS: Mapping[str, int | None] = {"today": 1, "week": 7, "month": 30, "all": None}
VERDICTS = ("accepted", "waiting", "suspended", "rejected", "settled", "clawed_back")
# Claims that have no money of the city.
_WITHOUT_MONEY = ("rejected", "clawed_back")


@dataclass(frozen=True, slots=True)
class Sums:
    """Claims and their net subsidy (fen). Money counts where the claim stands."""

    key: str
    name: str
    claims: int
    net_fen: int
    doubtful: int  # rejected, suspended or clawed back


@dataclass(frozen=True, slots=True)
class Picture:
    """What the page shows of a period."""

    today: date
    first: date | None
    total: Sums
    by_verdict: tuple[Sums, ...]
    by_class: tuple[Sums, ...]
    by_region: tuple[Sums, ...]
    by_merchant: tuple[Sums, ...]
    limits: tuple[Limit, ...]
    shops: int
    silent: int  # active shops that have claimed nothing in the period


def today_of(now: datetime) -> date:
    """Return the city's day of a moment."""
    return moments.business_date(now, ZONE)


def picture(city: City, period: str, *, now: datetime) -> Picture:
    """Return the picture of one of ``PERIODS``, ending today."""
    today = today_of(now)
    days = PERIODS[period]
    first = today - timedelta(days - 1) if days else None

    def look(db: Connection) -> Picture:
        found = figures.by_group(
            db, first=first.isoformat() if first else None, last=today.isoformat() if first else None
        )
        shops = {shop["outlet"]: shop for shop in outlets.listing(db)}
        heard = {one["outlet"] for one in found}
        active = [name for name, shop in shops.items() if shop["status"] == "active"]
        return Picture(
            today=today,
            first=first,
            total=_sums("", "", found),
            by_verdict=_of_verdicts(found),
            by_class=_grouped(found, lambda one: (one["category"], "")),
            by_region=_of_regions(found, shops),
            by_merchant=_grouped(found, lambda one: _merchant(shops[one["outlet"]])),
            limits=tuple(limits.in_force(db, city, today=today, now=now)),
            shops=len(shops),
            silent=sum(name not in heard for name in active),
        )

    return read(city.engine, look)


def _of_verdicts(found: Iterable[Mapping[str, Any]]) -> tuple[Sums, ...]:
    told = {one.key: one for one in _grouped(found, lambda one: (one["verdict"], ""), all_money=True)}
    return tuple(told.get(word) or Sums(word, "", 0, 0, 0) for word in VERDICTS)


def _of_regions(
    found: Iterable[Mapping[str, Any]], shops: Mapping[str, Mapping[str, Any]]
) -> tuple[Sums, ...]:
    """Return every district of the city, also one without a claim, and wherever else its shops are."""
    told = {one.key: one for one in _grouped(found, lambda one: (shops[one["outlet"]]["region"], ""))}
    codes = {shop["region"] for shop in shops.values()}
    codes |= {code for known in list(codes) for code in region.districts_of(known)}
    return tuple(told.get(code) or Sums(code, "", 0, 0, 0) for code in sorted(codes))


def _merchant(shop: Mapping[str, Any]) -> tuple[str, str]:
    """Return a merchant's key and name: its credit code, or its name where it gave none."""
    return shop["merchant_uscc"] or shop["merchant_name"], shop["merchant_name"]


def _grouped(
    found: Iterable[Mapping[str, Any]],
    key: Callable[[Mapping[str, Any]], tuple[str, str]],
    *,
    all_money: bool = False,
) -> tuple[Sums, ...]:
    """Return sums by a key, the largest first."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for one in found:
        groups.setdefault(key(one), []).append(one)
    sums = [_sums(code, name, group, all_money=all_money) for (code, name), group in groups.items()]
    return tuple(sorted(sums, key=lambda one: (-one.net_fen, -one.claims, one.key)))


def _sums(key: str, name: str, found: Iterable[Mapping[str, Any]], *, all_money: bool = False) -> Sums:
    claims = net_fen = doubtful = 0
    for one in found:
        claims += one["claims"]
        if all_money or one["verdict"] not in _WITHOUT_MONEY:
            net_fen += one["net_fen"]
        if one["verdict"] in (*_WITHOUT_MONEY, "suspended"):
            doubtful += one["claims"]
    return Sums(key, name, claims, net_fen, doubtful)
