"""Compares claims with the city's catalogue and blocklist as they stood when they were judged."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Table, select

from pos_subsidy.domain.journal import canonical
from pos_subsidy.hub.store.schema import claim, hold, outlet, row, verdict
from pos_subsidy.hub.store.schema_catalogue import block_entry, city_filing

Found = dict[str, Any]
_SLOTS = (("serial", "serial_no"), ("imei", "imei1"), ("imei", "imei2"))
_NUMBERS = ("filing_no", "block_no")


def audit(db: Connection) -> Iterator[Found]:
    """Yield changed lists, sales accepted against them, and rejections that rest on nothing in them."""
    yield from _chain(db, city_filing, city_filing.c.filing_no)
    yield from _chain(db, block_entry, block_entry.c.block_no)
    filings = _all(db, select(city_filing).order_by(city_filing.c.since, city_filing.c.filing_no))
    blocks = _all(db, select(block_entry))
    if not filings and not blocks:
        return
    by_product: dict[str, list[Found]] = {}
    for one in filings:
        by_product.setdefault(one["gtin"], []).append(one)
    by_thing: dict[tuple[str, str], list[Found]] = {}
    for one in blocks:
        by_thing.setdefault((one["kind"], one["number"]), []).append(one)
    lifted_since = {one["lifts"]: one["since"] for one in blocks if one["lifts"] is not None}
    shops = db.execute(select(outlet.c.outlet, outlet.c.merchant_uscc))
    merchants = {name: uscc for name, uscc in shops}
    for one in _sold(db):
        body = json.loads(one["body"])
        if filing := _filed(by_product.get(str(body.get("gtin")), ()), one):
            yield from _filing_against(filing, one, body)
        things = [(kind, body.get(slot)) for kind, slot in _SLOTS] + [("product", body.get("gtin"))]
        things += [("outlet", one["outlet"]), ("merchant", merchants[one["outlet"]])]
        # A shop signs what it likes: what is no text is on no list.
        told = dict.fromkeys(thing for thing in things if isinstance(thing[1], str))
        for entry in (entry for thing in told for entry in by_thing.get(thing, ())):
            if _blocks(entry, lifted_since.get(entry["block_no"]), one):
                about = {"redemption_id": one["redemption_id"], "block_no": entry["block_no"]}
                yield {"code": "accepted_though_blocked", **about}
    yield from _baseless(db, filings, blocks)


def _chain(db: Connection, table: Table, number: Column[Any]) -> Iterator[Found]:
    before = "0" * 64
    for place, one in enumerate(_all(db, select(table).order_by(number)), start=1):
        about = {"list": table.name, "number": one[number.name]}
        if one[number.name] != place:
            yield {"code": "list_entry_missing", "list": table.name, "number": place}
            return
        told = {name: value for name, value in one.items() if name != "hash"}
        before = hashlib.sha256(before.encode() + canonical(told)).hexdigest()
        if before != one["hash"]:
            yield {"code": "list_entry_changed", **about}
            return


def _sold(db: Connection) -> Iterator[Found]:
    """Yield the sales whose first word was not against them, with the moment their hold was granted."""
    first = select(verdict.c.verdict).where(verdict.c.redemption_id == claim.c.redemption_id)
    said = first.order_by(verdict.c.counter).limit(1).scalar_subquery()
    granted = (hold.c.outlet == claim.c.outlet) & (hold.c.hold_id == claim.c.hold_id)
    chosen = (
        select(claim, row.c.body, hold.c.asked_at, hold.c.status.label("hold_status"))
        .join(row, (row.c.outlet == claim.c.outlet) & (row.c.seq == claim.c.seq))
        .outerjoin(hold, granted)
        .where(row.c.kind == "redeemed", said == "accepted")
    )
    yield from map(dict, db.execute(chosen).mappings())


def _is_known(entry: Found, sale: Found) -> bool:
    granted = sale["hold_status"] == "claimed"
    return bool(entry["entered_at"] < (sale["asked_at"] if granted else sale["received_at"]))


def _filed(filings: Sequence[Found], sale: Found) -> Found | None:
    begun = [one for one in filings if one["since"] <= sale["business_date"] and _is_known(one, sale)]
    return begun[-1] if begun else None


def _filing_against(filing: Found, sale: Found, body: Found) -> Iterator[Found]:
    ratings = {filing["energy_rating"], body.get("energy_rating")} - {None}
    if (
        filing["status"] == "withdrawn"
        or filing["category"] != sale["category"]
        or filing["filed_price_fen"] < sale["price_fen"]
        or len(ratings) > 1
    ):
        about = {"redemption_id": sale["redemption_id"], "filing_no": filing["filing_no"]}
        yield {"code": "accepted_against_filing", **about}


def _blocks(entry: Found, lifted_since: str | None, sale: Found) -> bool:
    on = sale["business_date"]
    if entry["lifts"] is not None or not entry["since"] <= on <= (entry["until"] or on):
        return False
    return _is_known(entry, sale) and not (lifted_since is not None and lifted_since <= on)


def _baseless(db: Connection, filings: Sequence[Found], blocks: Sequence[Found]) -> Iterator[Found]:
    """Yield rejections that name a number under which the lists say something else."""
    entries = {
        **{("filing_no", one["filing_no"]): one for one in filings},
        **{("block_no", one["block_no"]): one for one in blocks},
    }
    chosen = select(verdict.c.redemption_id, verdict.c.params).where(verdict.c.verdict == "rejected")
    for redemption_id, written in db.execute(chosen):
        told = json.loads(written)
        for name in _NUMBERS:
            if name not in told:
                continue
            entry = entries.get((name, told[name]), {})
            same = {"from_day": entry.get("since"), "gtin": entry.get("gtin") or entry.get("number")}
            same |= {"filed_price_fen": entry.get("filed_price_fen"), "number": entry.get("number")}
            if any(told.get(one, value) != value for one, value in same.items()):
                about = {"redemption_id": redemption_id, name: told[name]}
                yield {"code": "rejected_without_ground", **about}


def _all(db: Connection, chosen: Any) -> list[Found]:
    return [dict(one) for one in db.execute(chosen).mappings()]
