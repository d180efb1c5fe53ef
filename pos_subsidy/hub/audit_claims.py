"""Compares every claim with its signed row, with what was said of it, and with what it uses up."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, select

from pos_subsidy.domain import moments, subsidy
from pos_subsidy.domain.journal import Entry
from pos_subsidy.domain.keys import key_id
from pos_subsidy.domain.subsidy import Item
from pos_subsidy.errors import SubsidyError
from pos_subsidy.hub import identities
from pos_subsidy.hub.city import City
from pos_subsidy.hub.store import rows
from pos_subsidy.hub.store.schema import claim, fork, hold, identity, outlet, outlet_key, piece, row, verdict

Found = dict[str, Any]
_COPIED = (
    *("order_no", "category", "programme", "unit_class", "business_date"),
    *("price_fen", "subsidy_fen"),
)
_STANDS = ("accepted", "settled", "suspended", "waiting")
_CHANGES = ("reversed", "exchanged", "serial_bound", "claim_corrected", "claim_withdrawn")
# A hub's clock may be set back a little; rows do not come a day before the one they follow.
_TOLERANCE = timedelta(days=1)


def audit(db: Connection, city: City) -> Iterator[Found]:
    """Yield what does not agree; a shop's claims are in memory at a time."""
    shops = _all(db, select(outlet).order_by(outlet.c.outlet))
    for shop in shops:
        yield from _shop(db, city, shop)
    yield from _keys(db)
    yield from _people(db, city)
    yield from _twice(db, city)
    yield from _invoices(db)


def _shop(db: Connection, city: City, shop: Found) -> Iterator[Found]:
    name = shop["outlet"]
    at: Found = {"outlet": name}
    booked = {one["seq"]: one for one in _all(db, select(claim).where(claim.c.outlet == name))}
    said = _said(db, name)
    holds = {one["hold_id"]: one for one in _all(db, select(hold).where(hold.c.outlet == name))}
    pieces = {
        (one["space"], one["number"], one["hold_id"])
        for one in _all(db, select(piece).where(piece.c.outlet == name, piece.c.live.is_(True)))
    }
    bodies: dict[str, Entry] = {}
    changed: set[str] = set()
    head = None
    for entry in rows.entries(db, name):
        head = entry
        if entry.kind in _CHANGES:
            changed.add(str(entry.body.get("redemption_id") or entry.body.get("claim_id")))
        elif entry.seq in booked and entry.kind in ("redeemed", "claim_submitted"):
            bodies[booked[entry.seq]["redemption_id"]] = entry
    if head is not None and head.hash != shop["head_hash"]:
        yield {"code": "head_differs", **at, "seq": head.seq}
    yield from _arrivals(db, name, booked)
    yield from _words(said, shop, {one["redemption_id"]: one for one in booked.values()})
    for one in booked.values():
        number = one["redemption_id"]
        entry_of = bodies.get(number)
        if entry_of is None:
            yield {"code": "claim_row_differs", **at, "redemption_id": number, "seq": one["seq"]}
            continue
        words = said.get(number, [])
        yield from _copied(one, entry_of)
        yield from _judged(city, one, entry_of, words)
        if number not in changed:
            yield from _uses(one, entry_of, words, holds, pieces)
    yield from _held_twice(booked)
    claimed = {one["hold_id"] for one in booked.values()}
    for hold_id, one in holds.items():
        if one["status"] == "claimed" and hold_id not in claimed:
            yield {"code": "hold_without_claim", **at, "hold_id": hold_id}
    for space, number, hold_id in pieces:
        if hold_id not in claimed and hold_id not in holds:
            yield {"code": "piece_without_owner", **at, "space": space, "number": number}
    if shop["status"] == "quarantined" and not _all(db, select(fork).where(fork.c.outlet == name).limit(1)):
        yield {"code": "quarantine_without_fork", **at}


def _arrivals(db: Connection, name: str, booked: Mapping[int, Found]) -> Iterator[Found]:
    chosen = select(row.c.seq, row.c.kind, row.c.parked, row.c.received_at).where(row.c.outlet == name)
    latest = None
    for seq, kind, parked, received_at in db.execute(chosen.order_by(row.c.seq)):
        found = {"outlet": name, "seq": seq}
        try:
            received = moments.moment(received_at)
        except ValueError:
            yield {"code": "row_dates_differ", **found, "found": received_at}
            continue
        if latest is not None and received < latest - _TOLERANCE:
            yield {"code": "row_dates_differ", **found, "found": received_at}
        latest = received
        if seq in booked and parked is not None and kind == "redeemed":
            yield {"code": "parked_and_booked", **found}
        if seq in booked and booked[seq]["received_at"] != received_at:
            yield {"code": "claim_dates_differ", **found, "found": booked[seq]["received_at"]}
        if seq in booked and booked[seq]["judged_at"] < booked[seq]["received_at"]:
            yield {"code": "claim_dates_differ", **found, "found": booked[seq]["judged_at"]}


def _words(said: Mapping[str, list[Found]], shop: Found, booked: Mapping[str, Found]) -> Iterator[Found]:
    counters = sorted(one["counter"] for words in said.values() for one in words)
    if counters != list(range(1, shop["verdict_counter"] + 1)):
        yield {
            "code": "verdict_missing_in_feed",
            "outlet": shop["outlet"],
            "counter": shop["verdict_counter"],
        }
    for number, words in said.items():
        if number not in booked:
            yield {"code": "verdict_without_claim", "outlet": shop["outlet"], "redemption_id": number}
        for one in words:
            if (one["verdict"] in ("rejected", "suspended")) != (one["code"] is not None):
                yield {"code": "verdict_without_cause", "redemption_id": number, "verdict": one["verdict"]}
    for number, found in booked.items():
        last = said[number][-1] if said.get(number) else None
        if found["verdict"] == "waiting":
            continue
        if last is None:
            yield {"code": "verdict_not_said", "redemption_id": number, "verdict": found["verdict"]}
            continue
        names = ["verdict", "judged_at"]
        names += ["code", "params"] if found["verdict"] != "settled" else []
        if any(last[name] != found[name] for name in names):
            yield {"code": "verdict_differs", "redemption_id": number, "said": last["verdict"]}


def _copied(one: Found, entry: Entry) -> Iterator[Found]:
    body = entry.body
    told = {**{name: body.get(name) for name in _COPIED}, "redemption_id": body.get("redemption_id")}
    told["hold_id"] = body.get("hold_id") or body.get("claim_id")
    for name, value in told.items():
        if one[name] != value:
            differs = {"redemption_id": one["redemption_id"], "field": name, "row": value, "found": one[name]}
            yield {"code": "claim_field_differs", **differs}


def _judged(city: City, one: Found, entry: Entry, words: list[Found]) -> Iterator[Found]:
    number = one["redemption_id"]
    if one["verdict"] in ("rejected", "suspended") and one["code"] is None:
        yield {"code": "verdict_without_cause", "redemption_id": number, "verdict": one["verdict"]}
    if one["verdict"] == "accepted" and one["person"] is None:
        yield {"code": "claim_without_person", "redemption_id": number}
    # What people accepted after a doubt, they accepted.
    if city.is_reviewed or entry.kind != "redeemed" or not words or words[0]["verdict"] != "accepted":
        return
    try:
        rule = city.rulebook.rule_in_force(one["category"], date.fromisoformat(entry.body["business_date"]))
        if rule is not None and rule.person_cap_fen is None and not rule.batches:
            unrated = (
                {"has_rating_system": False} if rule.by_rating and not entry.body["energy_rating"] else {}
            )
            item = Item(
                category=one["category"],
                price_fen=entry.body["price_fen"],
                energy_rating=entry.body["energy_rating"],
                attributes={**unrated, **rule.told_by(one["unit_class"])},
            )
            on = date.fromisoformat(entry.body["business_date"])
            most_fen = subsidy.assess(item, on=on, rulebook=city.rulebook).subsidy_fen
        else:
            most_fen = entry.body["subsidy_fen"] if rule else 0
    except (SubsidyError, ValueError, KeyError, TypeError):
        most_fen = 0
    if entry.body["subsidy_fen"] > most_fen:
        yield {"code": "accepted_without_ground", "redemption_id": number, "granted_fen": most_fen}


def _uses(
    one: Found,
    entry: Entry,
    words: list[Found],
    holds: Mapping[str, Found],
    pieces: set[tuple[str, str, str]],
) -> Iterator[Found]:
    number, stands = one["redemption_id"], one["verdict"] in _STANDS
    if bool(one["unit_used"]) != stands:
        yield {"code": "unit_flag_differs", "redemption_id": number, "verdict": one["verdict"]}
    if not stands or entry.kind != "redeemed" or any(said["verdict"] == "rejected" for said in words):
        return
    own = holds.get(one["hold_id"])
    # A till that lost the answer to its hold gives it up and sells by its own caps.
    let_go = entry.body.get("authorisation") != "online" and own is not None and own["status"] == "cancelled"
    if own is not None and own["status"] != "claimed" and not let_go:
        yield {"code": "hold_not_claimed", "redemption_id": number, "status": own["status"]}
    numbers = [("serial", entry.body.get("serial_no"))]
    numbers += [("imei", entry.body.get(slot)) for slot in ("imei1", "imei2")]
    for space, value in numbers:
        if value and (space, value, one["hold_id"]) not in pieces:
            yield {"code": "piece_not_taken", "redemption_id": number, "space": space, "number": value}


def _held_twice(booked: Mapping[int, Found]) -> Iterator[Found]:
    """Yield claims that stand under a hold's number beside an earlier one."""
    firsts: dict[str, str] = {}
    for _, one in sorted(booked.items()):
        if one["verdict"] in _STANDS:
            number = one["redemption_id"]
            if (first := firsts.setdefault(one["hold_id"], number)) != number:
                yield {"code": "hold_claimed_twice", "redemption_id": number, "first": first}


def _keys(db: Connection) -> Iterator[Found]:
    owners: dict[bytes, str] = {}
    for one in _all(db, select(outlet_key)):
        public = bytes(one["public_key"])
        if key_id(public) != one["kid"]:
            yield {"code": "key_id_differs", "outlet": one["outlet"], "kid": one["kid"]}
        if owners.setdefault(public, one["outlet"]) != one["outlet"]:
            yield {"code": "key_shared", "outlet": one["outlet"], "kid": one["kid"]}


def _people(db: Connection, city: City) -> Iterator[Found]:
    known = {}
    for commitment, person, sealed in db.execute(select(identity)):
        known[commitment] = person
        try:
            opened = identities.opened(city, commitment, bytes(sealed)) if sealed else person
        except SubsidyError:
            opened = None
        if opened != person:
            yield {"code": "identity_differs", "commitment": commitment}
    chosen = select(claim.c.redemption_id, claim.c.person, row.c.body).join(
        row, (row.c.outlet == claim.c.outlet) & (row.c.seq == claim.c.seq)
    )
    for number, person, body in db.execute(chosen.where(claim.c.person.is_not(None))):
        commitment = json.loads(body).get("commitment")
        if commitment not in known:
            yield {"code": "identity_missing", "redemption_id": number}
        elif known[commitment] != person:
            yield {"code": "claim_person_differs", "redemption_id": number}


def _twice(db: Connection, city: City) -> Iterator[Found]:
    """Yield units the machine gave away more often than the rules of their day have."""
    kept: dict[tuple[str, str, str], list[Found]] = {}
    chosen = select(claim).where(claim.c.person.is_not(None), claim.c.unit_used.is_(True))
    for one in _all(db, chosen.order_by(claim.c.received_at, claim.c.seq)):
        if one["verdict"] in ("accepted", "settled"):
            kept.setdefault((one["person"], one["programme"], one["unit_class"]), []).append(one)
    for found in kept.values():
        if len(found) < 2:
            continue
        last = found[-1]
        try:
            rule = city.rulebook.rule_in_force(last["category"], date.fromisoformat(last["business_date"]))
        except (SubsidyError, ValueError):
            continue  # named by its fields
        most = rule.units_max_for(rule.told_by(last["unit_class"])) if rule else 0
        if most is not None and len(found) > most:
            yield {"code": "unit_used_twice", "redemption_id": last["redemption_id"], "units_max": most}


def _invoices(db: Connection) -> Iterator[Found]:
    """Yield sales the machine let stand on an invoice that stood for another before."""
    standing = {
        one["redemption_id"]
        for one in _all(db, select(claim.c.redemption_id, claim.c.verdict))
        if one["verdict"] in ("accepted", "settled")
    }
    latest: dict[str, str] = {}
    chosen = select(row.c.body).where(row.c.kind == "evidence_given", row.c.parked.is_(None))
    for body in db.execute(chosen.order_by(row.c.received_at, row.c.outlet, row.c.seq)).scalars():
        given = json.loads(body)
        for part in given["parts"]:
            if part["part"] == "invoice":
                latest[given["redemption_id"]] = f"{part['content']['code']}{part['content']['number']}"
    first: dict[str, str] = {}
    for number, invoice in latest.items():
        if number in standing and first.setdefault(invoice, number) != number:
            yield {"code": "invoice_used_twice", "redemption_id": number, "number": invoice}


def _said(db: Connection, name: str) -> dict[str, list[Found]]:
    said: dict[str, list[Found]] = {}
    for one in _all(db, select(verdict).where(verdict.c.outlet == name).order_by(verdict.c.counter)):
        said.setdefault(one["redemption_id"], []).append(one)
    return said


def _all(db: Connection, chosen: Any) -> list[Found]:
    return [dict(one) for one in db.execute(chosen).mappings()]
