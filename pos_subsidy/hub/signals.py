"""Patterns of fraud over every shop's signed rows, for people to look at. No verdict comes from here."""

import hashlib
import hmac
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import moments, signals, words
from pos_subsidy.domain.rules import Rulebook
from pos_subsidy.domain.signal_case import Filed, Picture, Sale, Signal
from pos_subsidy.errors import Invalid
from pos_subsidy.hub.city import City
from pos_subsidy.hub.live import pieces_of
from pos_subsidy.hub.store import catalogue, outlets, signal_rows
from pos_subsidy.hub.store.db import read, run
from pos_subsidy.protocol import sealing

log = logging.getLogger(__name__)
DAYS = 30  # how far back is looked where nobody says
_CHINA = timezone(timedelta(hours=8))  # all of China keeps one time
_UNDONE = ("reversed", "claim_withdrawn")

Filings = Mapping[str, Sequence[Filed]]


def look(
    city: City, *, now: datetime, since: date | None = None, filings: Filings | None = None
) -> list[Signal]:
    """Return the signals over the sales since a day, the strangest first.

    Filed prices are those of the city's catalogue; ``filings`` are those of products that it has not.
    """
    on = moments.business_date(now, _CHINA)
    first = since or on - timedelta(DAYS)
    begins = datetime(first.year, first.month, first.day, tzinfo=_CHINA)
    since_at = moments.text(begins)
    if untied := read(city.engine, lambda db: _untied(db, since_at)):
        made = [(commitment, _phone(city, sealed)) for commitment, sealed in untied]
        run(city.engine, lambda db: signal_rows.tie(db, made))
    sales = read(city.engine, lambda db: _sales(db, city, since_at))
    known = {**(filings or {}), **_filed(read(city.engine, catalogue.prices))}
    return signals.signals(Picture(sales, known), city.rulebook.signals, on=on)


def _filed(prices: Iterable[tuple[str, str, int]]) -> dict[str, list[Filed]]:
    # Of two filings that begin on one day the later one counts.
    by_day = {(gtin, since): price_fen for gtin, since, price_fen in prices}
    found: dict[str, list[Filed]] = {}
    for (gtin, since), price_fen in by_day.items():
        found.setdefault(gtin, []).append(Filed(date.fromisoformat(since), price_fen))
    return found


def shops(city: City) -> dict[str, str]:
    """Return what every shop is called."""
    return {one["outlet"]: one["name"] for one in read(city.engine, outlets.listing)}


def as_json(found: Signal) -> dict[str, Any]:
    """Return a signal with its sentences in both languages and the figures that make it."""
    spoken = words.say(found.code, found.seen)
    return {
        "code": found.code,
        "outlet": found.outlet or None,
        "weight": found.weight,
        "at_stake_fen": found.at_stake_fen,
        "title_zh": spoken.title_zh,
        "title_en": spoken.title_en,
        "message_zh": spoken.detail_zh,
        "message_en": spoken.detail_en,
        "next_step_zh": spoken.next_step_zh,
        "next_step_en": spoken.next_step_en,
        "seen": dict(found.seen),
        "redemption_ids": list(found.redemption_ids),
        "first_at": moments.text(found.first_at),
        "last_at": moments.text(found.last_at),
        "clause": found.clause,
        "is_verdict": False,
    }


def _untied(db: Connection, since: str) -> list[tuple[str, bytes]]:
    return signal_rows.untied(db, _commitments(signal_rows.claims_since(db, since)))


def _commitments(found: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted({str(one["body"]["commitment"]) for one in found if one["body"].get("commitment")})


def _sales(db: Connection, city: City, since: str) -> list[Sale]:
    found = list(signal_rows.claims_since(db, since))
    commitments = _commitments(found)
    phones = signal_rows.phones(db, commitments)
    undone, places = _afterwards(db, since)
    sales = []
    for one in found:
        try:
            sales.append(_sale(city, one, phones, undone, places))
        # A shop may sign what it likes; one row that cannot be read must not hide all the others.
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            log.warning("claim %s is not looked at: its row cannot be read", one["redemption_id"])
    return sales


def _afterwards(db: Connection, since: str) -> tuple[dict[str, datetime], dict[str, str]]:
    """Return when sales were undone, and the regions their goods went to."""
    undone: dict[str, datetime] = {}
    places: dict[str, str] = {}
    for at, kind, body in signal_rows.rows_since(db, since, (*_UNDONE, "evidence_given")):
        number = str(body.get("redemption_id") or body.get("claim_id"))
        if kind == "evidence_given":
            if place := _delivered_to(body):
                places[number] = place
        elif kind == "claim_withdrawn" or body.get("reversal_kind") == "full":
            undone[number] = _local(at)
    return undone, places


def _delivered_to(body: Mapping[str, Any]) -> str | None:
    """Return the region a row of evidence says the goods went to, if it says so in a form we know."""
    parts = body.get("parts")
    for part in parts if isinstance(parts, list) else ():
        content = part.get("content") if isinstance(part, dict) else None
        if isinstance(content, dict) and part.get("part") == "delivery_note" and content.get("region"):
            return str(content["region"])
    return None


def _sale(
    city: City,
    one: Mapping[str, Any],
    phones: Mapping[str, str],
    undone: Mapping[str, datetime],
    places: Mapping[str, str],
) -> Sale:
    body = one["body"]
    ties = {"phone": phones[body["commitment"]]} if body.get("commitment") in phones else {}
    # What a till does not send yet, the city does not compare; what it sends is a hash already.
    ties |= {kind: str(body[f"{kind}_hash"]) for kind in ("address", "device") if body.get(f"{kind}_hash")}
    refs = [str(paid["payment_ref"]) for paid in body.get("payments", ()) if paid["channel"] != "cash"]
    if refs and refs[0]:
        ties["payment"] = _keyed(city, "payment", f"{one['outlet']}\x1f{refs[0]}")
    pieces = pieces_of(body)
    return Sale(
        redemption_id=one["redemption_id"],
        outlet=one["outlet"],
        region=one["region"],
        till=str(body.get("till", "")),
        category=str(body["category"]),
        at=_local(one["at"]),
        received_at=_local(one["received_at"]),
        price_fen=int(body["price_fen"]),
        subsidy_fen=int(body["subsidy_fen"]),
        person=one["person"],
        ties=ties,
        gtin=str(body["gtin"]) if body.get("gtin") else None,
        piece=":".join(pieces[0]) if pieces else None,
        cap_price_fen=_cap_price_fen(city.rulebook, body),
        reversed_at=undone.get(one["redemption_id"]),
        delivered_to=places.get(one["redemption_id"]),
    )


def _cap_price_fen(rulebook: Rulebook, body: Mapping[str, Any]) -> int | None:
    on = date.fromisoformat(body.get("sold_on") or body["business_date"])
    rule = rulebook.rule_in_force(body["category"], on)
    return rule.cap_price_fen(body.get("energy_rating")) if rule else None


def _phone(city: City, sealed: bytes) -> str:
    """Return the keyed hash of the phone in a sealed identity; empty where it cannot be read."""
    try:
        phone = str(json.loads(sealing.unseal(sealed, city.seal_private))["phone"])
    except (Invalid, ValueError, KeyError):
        return ""
    return _keyed(city, "phone", phone) if phone else ""


def _keyed(city: City, kind: str, text: str) -> str:
    return hmac.new(city.secret, f"{kind}\x1f{text}".encode(), hashlib.sha256).hexdigest()


def _local(written: str) -> datetime:
    return moments.moment(written).astimezone(_CHINA)
