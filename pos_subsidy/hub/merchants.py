"""Merchants with their shops, tills and standing; and who suspends or reinstates a shop, and why."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.errors import Conflict, NotFound
from pos_subsidy.hub import enrolment, office_log
from pos_subsidy.hub.city import ZONE, City
from pos_subsidy.hub.office_log import By
from pos_subsidy.hub.store import figures, forks, keys, office, outlets, reviews, rows, traces
from pos_subsidy.hub.store.db import read, run

# Tills are told by the latest sales; older ones say nothing of a till that is still there.
_SALES = 500
# A list that nobody reads to its end; a search narrows it.
MOST_SHOPS = 200
DAYS = 30
_LOG = 20


@dataclass(frozen=True, slots=True)
class Outlet:
    """One shop, with sums over its claims (fen, where they have money)."""

    details: Mapping[str, Any]
    claims: int
    net_fen: int
    doubtful: int


@dataclass(frozen=True, slots=True)
class Merchant:
    """One merchant and its shops."""

    uscc: str
    name: str
    outlets: tuple[Outlet, ...]

    @property
    def claims(self) -> int:
        return sum(one.claims for one in self.outlets)

    @property
    def net_fen(self) -> int:
        return sum(one.net_fen for one in self.outlets)


@dataclass(frozen=True, slots=True)
class Listing:
    """Some shops, by merchant; how many merchants and shops were found, and how many are shown."""

    merchants: tuple[Merchant, ...]
    merchants_found: int
    found: int
    shown: int


@dataclass(frozen=True, slots=True)
class Till:
    """A till as the shop's latest sales show it."""

    name: str
    sales: int
    last_at: str


@dataclass(frozen=True, slots=True)
class Shop:
    """One shop in full."""

    outlet: Outlet
    tills: tuple[Till, ...]
    keys: list[dict[str, Any]]
    key_changes: list[dict[str, Any]]
    standings: list[dict[str, Any]]
    forks: list[dict[str, Any]]
    parked: list[dict[str, Any]]
    log: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Whole:
    """A merchant with its shops in full."""

    merchant: Merchant
    shops: tuple[Shop, ...]


def listing(city: City, *, now: datetime, wanted: str = "", status: str = "") -> Listing:
    """Return shops by their merchants' names, with sums over the last days.

    ``wanted`` is part of a name or a code, ``status`` a standing.
    """
    text = wanted.strip().lower()
    first = (now.astimezone(ZONE).date() - timedelta(DAYS - 1)).isoformat()

    def is_wanted(shop: Mapping[str, Any]) -> bool:
        told = [str(shop[name]).lower() for name in ("outlet", "name", "merchant_name", "merchant_uscc")]
        return (not status or shop["status"] == status) and any(text in one for one in told)

    def look(db: Connection) -> Listing:
        found = [one for one in outlets.listing(db) if is_wanted(one)]
        found.sort(key=lambda one: (one["merchant_name"], one["name"], one["outlet"]))
        shown = found[:MOST_SHOPS]
        sums = figures.by_group(db, first=first, shops=[one["outlet"] for one in shown])
        return Listing(
            tuple(_merchants(shown, sums)), len({_key(one) for one in found}), len(found), len(shown)
        )

    return read(city.engine, look)


def show(city: City, outlet: str) -> Whole:
    """Return the merchant that a shop belongs to.

    Raises:
        NotFound: ``outlet_unknown``.
    """

    def look(db: Connection) -> Whole:
        asked = outlets.find(db, outlet)
        if asked is None:
            raise NotFound("outlet_unknown", outlet=outlet[:40])
        own = [one for one in outlets.listing(db) if _key(one) == _key(asked)]
        merchant = _merchants(own, figures.by_group(db, shops=[one["outlet"] for one in own]))[0]
        return Whole(merchant, tuple(_shop(db, one) for one in merchant.outlets))

    return read(city.engine, look)


def set_standing(city: City, outlet: str, *, suspended: bool, reason: str, by: By, now: datetime) -> int:
    """Suspend or reinstate a shop, with the reason in the log; return how many of its holds still run.

    Raises:
        Invalid: ``office_reason_required``.
        NotFound: ``outlet_unknown``.
        Conflict: ``office_standing_same``.
    """
    why = office_log.reason(reason)

    def change(db: Connection) -> int:
        found = outlets.find(db, outlet)
        if found is None:
            raise NotFound("outlet_unknown", outlet=outlet[:40])
        if (found["status"] == "suspended") is suspended and found["status"] != "quarantined":
            raise Conflict("office_standing_same", outlet=outlet)
        return enrolment.change_standing(db, outlet, suspended=suspended, by=by, why=why, now=now)

    return run(city.engine, change)


def _merchants(shops: Iterable[Mapping[str, Any]], sums: Iterable[Mapping[str, Any]]) -> list[Merchant]:
    told = list(sums)
    groups: dict[str, list[Outlet]] = {}
    for shop in shops:
        groups.setdefault(_key(shop), []).append(
            _outlet(shop, [one for one in told if one["outlet"] == shop["outlet"]])
        )
    found = [
        Merchant(own[0].details["merchant_uscc"], own[0].details["merchant_name"], tuple(own))
        for own in groups.values()
    ]
    return sorted(found, key=lambda one: (one.name, one.uscc))


def _outlet(shop: Mapping[str, Any], sums: Iterable[Mapping[str, Any]]) -> Outlet:
    count = net_fen = doubtful = 0
    for one in sums:
        count += one["claims"]
        if one["verdict"] in ("rejected", "clawed_back", "suspended"):
            doubtful += one["claims"]
        if one["verdict"] not in ("rejected", "clawed_back"):
            net_fen += one["net_fen"]
    return Outlet(shop, count, net_fen, doubtful)


def _key(shop: Mapping[str, Any]) -> str:
    return str(shop["merchant_uscc"] or shop["merchant_name"])


def _shop(db: Connection, outlet: Outlet) -> Shop:
    name = outlet.details["outlet"]
    return Shop(
        outlet,
        _tills(traces.latest_rows(db, name, ("redeemed", "claim_submitted"), limit=_SALES)),
        outlets.key_list(db, name),
        keys.changes(db, name)[-_LOG:],
        reviews.standings(db, name),
        forks.listing(db, outlet=name),
        rows.parked(db, name),
        office.logged(db, about=name, limit=_LOG),
    )


def _tills(latest: Iterable[Mapping[str, Any]]) -> tuple[Till, ...]:
    found: dict[str, Till] = {}
    for row in latest:
        name = str(json.loads(row["body"]).get("till") or "—")
        known = found.get(name)
        found[name] = Till(name, known.sales + 1 if known else 1, known.last_at if known else row["at"])
    return tuple(sorted(found.values(), key=lambda one: one.name))
