"""One claim as the city knows it, and two signed records side by side where claims conflict."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import journal
from pos_subsidy.domain.journal import Entry
from pos_subsidy.domain.keys import is_signed
from pos_subsidy.errors import NotFound
from pos_subsidy.hub.city import City
from pos_subsidy.hub.store import claims, forks, outlets, reviews, rows, traces, units
from pos_subsidy.hub.store.db import read

PAGE = 50
# What two records are compared by, in the order a clerk reads them.
COMPARED = (
    *(
        "business_date",
        "sold_on",
        "held_at",
        "order_no",
        "voucher",
        "category",
        "gtin",
        "serial_no",
        "imei1",
        "imei2",
    ),
    *("price_fen", "subsidy_fen", "payable_fen", "authorisation", "till", "cashier", "policy_version"),
)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a claim: a signed row of the shop, a word of the city, a reviewer's step."""

    at: str
    source: str  # shop, city or review
    what: str
    by: str = ""
    code: str | None = None
    params: Mapping[str, Any] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One signed record of a shop, with what checking it anew says."""

    outlet: str
    shop: Mapping[str, Any]
    entry: Entry | None  # None: a live hold that is no claim yet
    is_sound: bool
    claim: Mapping[str, Any] | None
    hold: Mapping[str, Any] | None = None
    received_at: str | None = None

    def said(self, name: str) -> Any:
        """Return what the record says of one thing, or None."""
        return self.entry.body.get(name) if self.entry else None


@dataclass(frozen=True, slots=True)
class Story:
    """A claim with all that happened to it, the oldest first."""

    claim: Mapping[str, Any]
    params: Mapping[str, Any]
    record: Record
    events: tuple[Event, ...]
    clause: str
    has_conflict: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records side by side: which came first, which second, and what they tell differently."""

    first: Record
    second: Record
    differ: frozenset[str]
    code: str
    params: Mapping[str, Any]
    is_fork: bool


@dataclass(frozen=True, slots=True)
class Conflicts:
    """Claims that lost to another, the latest first, and journals that forked."""

    claims: list[dict[str, Any]]
    forks: list[dict[str, Any]]
    shops: Mapping[str, Mapping[str, Any]]
    after: str | None


def story(city: City, redemption_id: str) -> Story:
    """Return a claim with its history.

    Raises:
        NotFound: ``redemption_unknown``.
    """

    def look(db: Connection) -> Story:
        claim = claims.find(db, redemption_id)
        if claim is None:
            raise NotFound("redemption_unknown")
        record = _record(db, claim["outlet"], claim["seq"], claim)
        params = json.loads(claim["params"])
        clause = params.get("clause") or record.said("clause") or ""
        events = sorted(_events(db, claim, record), key=_order)
        return Story(claim, params, record, tuple(events), clause, _first(params) is not None)

    return read(city.engine, look)


def conflicts(city: City, *, after: str | None = None) -> Conflicts:
    """Return a part of the conflicts; all forks stand in the first part.

    Raises:
        Invalid: ``invalid``, there is no claim of the number to go on from.
    """

    def look(db: Connection) -> Conflicts:
        found = traces.claims_where(db, exact={}, has_first_record=True, after=after, limit=PAGE + 1)
        shown = found[:PAGE]
        more = shown[-1]["redemption_id"] if len(found) > PAGE else None
        split = [] if after else forks.listing(db)
        for one in shown:
            one["told"] = json.loads(one["params"])
        names = {one["outlet"] for one in [*shown, *split]} | {
            str(one["told"]["first"]["outlet"]) for one in shown if _first(one["told"])
        }
        shops = {name: shop for name in names if (shop := outlets.find(db, name)) is not None}
        return Conflicts(shown, split, shops, more)

    return read(city.engine, look)


def of_claim(city: City, redemption_id: str) -> Pair:
    """Return the record of a claim that lost, beside the one that stood first.

    Raises:
        NotFound: ``redemption_unknown``, or it lost to none.
    """

    def look(db: Connection) -> Pair:
        claim = claims.find(db, redemption_id)
        params = json.loads(claim["params"]) if claim else {}
        first = _first(params)
        if claim is None or first is None:
            raise NotFound("redemption_unknown")
        if "seq" in first:
            won = claims.of_row(db, first["outlet"], first["seq"])
            winner = _record(db, first["outlet"], first["seq"], won)
        else:
            winner = _hold(db, first["outlet"], first["hold_id"])
        loser = _record(db, claim["outlet"], claim["seq"], claim)
        return Pair(winner, loser, _differences(winner, loser), claim["code"] or "", params, False)

    return read(city.engine, look)


def of_fork(city: City, fork_id: int) -> Pair:
    """Return the row a shop signed first, beside the other one it signed for the same place.

    Raises:
        NotFound: ``fork_unknown``.
    """

    def look(db: Connection) -> Pair:
        found = forks.find(db, fork_id)
        if found is None:
            raise NotFound("fork_unknown")
        outlet = found["outlet"]
        shown = Entry(**json.loads(found["other_row"]))
        # Where the row follows another past, it is the last stored one that both stand on.
        stored_seq = shown.seq if rows.hash_at(db, outlet, shown.seq) else shown.seq - 1
        first = _record(db, outlet, stored_seq, None)
        shop = outlets.find(db, outlet) or {}
        second = Record(outlet, shop, shown, _is_sound(db, outlet, shown), None, received_at=found["seen_at"])
        return Pair(first, second, _differences(first, second), "chain_forked", {"outlet": outlet}, True)

    return read(city.engine, look)


def _record(db: Connection, outlet: str, seq: int, claim: Mapping[str, Any] | None) -> Record:
    entry = rows.entry_at(db, outlet, seq)
    shop = outlets.find(db, outlet) or {}
    is_sound = entry is not None and _is_sound(db, outlet, entry)
    return Record(outlet, shop, entry, is_sound, claim, received_at=rows.received_at(db, outlet, seq))


def _hold(db: Connection, outlet: str, hold_id: str) -> Record:
    shop = outlets.find(db, outlet) or {}
    # Its row may have come in since.
    if claim := claims.of_hold(db, outlet, hold_id):
        return _record(db, outlet, claim["seq"], claim)
    return Record(outlet, shop, None, False, None, units.find_hold(db, outlet, hold_id))


def _is_sound(db: Connection, outlet: str, entry: Entry) -> bool:
    keys = outlets.keys(db, outlet)

    def verify(kid: str, message: bytes, signature: bytes) -> bool:
        return any(is_signed(key, message, signature) for known, key in keys if known == kid)

    try:
        damages = list(
            journal.check([entry], verify=verify, after_seq=entry.seq - 1, prev_hash=entry.prev_hash)
        )
    except ValueError:
        # What a shop showed against its own past was stored as it came.
        return False
    return not damages


def _differences(one: Record, other: Record) -> frozenset[str]:
    return frozenset(name for name in COMPARED if one.said(name) != other.said(name))


def _first(params: Mapping[str, Any]) -> Mapping[str, Any] | None:
    found = params.get("first")
    return found if isinstance(found, dict) and "outlet" in found else None


def _order(event: Event) -> tuple[str, bool]:
    # In the same moment, the city speaks before the shop has heard it.
    return event.at, event.what == "verdict_applied"


def _events(db: Connection, claim: Mapping[str, Any], record: Record) -> Iterable[Event]:
    wanted = {"claim": claim["redemption_id"], "hold": claim["hold_id"]}
    if voucher := record.said("voucher"):
        wanted["voucher"] = str(voucher)
    for row in traces.rows_naming(db, wanted, outlet=claim["outlet"]):
        body = json.loads(row["body"])
        by = " · ".join(str(body[name]) for name in ("till", "cashier") if body.get(name))
        yield Event(row["at"], "shop", row["kind"], by, row["parked"], {}, str(body.get("reason") or ""))
    for said in claims.said_on(db, claim["outlet"], [claim["redemption_id"]]):
        yield Event(said.judged_at, "city", said.verdict, code=said.code, params=said.params)
    for step in reviews.steps_of(db, claim["redemption_id"]):
        if step["what"] == "looked" or step["note"]:
            yield Event(step["at"], "review", step["what"], step["by"], note=step["note"])
