"""Evidence of a redemption (凭证材料): what it needs, what is handed in, what is wrong with it, by when.

>>> add_months(date(2025, 11, 30), 3)
datetime.date(2026, 2, 28)
"""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from pos_subsidy.domain.decision import Reason
from pos_subsidy.domain.identifiers import region as regions
from pos_subsidy.domain.identifiers import serial_no as serial_nos
from pos_subsidy.domain.rules import PACK_DEFAULT, EvidenceTerm

INVOICE, DELIVERY = "invoice", "delivery_note"
# What a photo shows -> the part of the evidence that it is.
PHOTO_PARTS = {
    "box": "box_photo",
    "screen": "screen_photo",
    "label": "label_photo",
    "delivery": "delivery_photo",
    "invoice": "invoice_copy",
}
# After one of these nothing that the city has judged can be replaced.
DECIDED = frozenset({"accepted", "rejected", "settled", "clawed_back"})
# How many of its 64 bits a picture's hash may differ by and still be of the same photo.
SAME_PHOTO_BITS = 6
_CITY_DIGITS = 4
_BY_SALE = "sale"

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Given:
    """One part as it was handed in. ``content`` is what the journal carries: no personal data."""

    part: str
    content: Content
    given_at: str = ""
    till: str = ""
    cashier: str = ""
    replaced_at: str | None = None


@dataclass(frozen=True, slots=True)
class Sale:
    """What evidence is compared with. Amounts are fen, net of partial reversals."""

    sold_on: date
    net_price_fen: int
    serial_no: str | None
    shop_region: str
    imeis: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the checklist.

    states: ``given``; ``missing``; ``wrong``, what is handed in no longer fits the sale;
    ``not_due``, its days count from a delivery that has not been.
    """

    code: str
    state: str
    due_on: date | None
    overdue: bool
    reasons: tuple[Reason, ...]
    warnings: tuple[Reason, ...]
    clause: str
    due_clause: str
    given: Given | None


@dataclass(frozen=True, slots=True)
class Checklist:
    """All parts in the order of the pack, then what was handed in without being asked for."""

    parts: tuple[Part, ...]
    wanted: frozenset[str] = field(default_factory=frozenset)

    @property
    def missing(self) -> tuple[Part, ...]:
        return tuple(one for one in self.parts if one.code in self.wanted and one.state != "given")

    @property
    def is_complete(self) -> bool:
        return not self.missing

    @property
    def next_due(self) -> date | None:
        """Return the first day by which something still has to come."""
        return min((one.due_on for one in self.missing if one.due_on), default=None)


def checklist(
    terms: Sequence[EvidenceTerm],
    sale: Sale,
    given: Sequence[Given],
    *,
    today: date,
    warnings: Mapping[str, Sequence[Reason]] | None = None,
) -> Checklist:
    """Return the state of every part on a day.

    ``warnings`` are what was noticed beside the rules, by part; they complete and refuse nothing.
    """
    handed_in = {one.part: one for one in given}
    beside = warnings or {}
    note = handed_in.get(DELIVERY)
    delivered_on = date.fromisoformat(note.content["delivered_on"]) if note else None
    within = next((one.within_months for one in terms if one.code == DELIVERY), None)
    parts = []
    for term in terms:
        own = handed_in.pop(term.code, None)
        reasons = against(own, sale, today=today, term=term) if own else ()
        due_on = _due_on(term, sale, delivered_on, within)
        waits = term.counted_from != _BY_SALE and delivered_on is None
        state = "wrong" if reasons else "given" if own else "not_due" if waits else "missing"
        parts.append(
            Part(
                code=term.code,
                state=state,
                due_on=due_on,
                overdue=state != "given" and due_on is not None and today > due_on,
                reasons=tuple(reasons),
                warnings=(*_doubts(own, sale), *beside.get(term.code, ())),
                clause=term.source.cited,
                due_clause=term.due_source.cited,
                given=own,
            )
        )
    for own in handed_in.values():
        reasons = against(own, sale, today=today)
        noticed = (*_doubts(own, sale), *beside.get(own.part, ()))
        state, cited = ("wrong" if reasons else "given"), PACK_DEFAULT.cited
        parts.append(Part(own.part, state, None, False, tuple(reasons), noticed, cited, cited, own))
    return Checklist(tuple(parts), frozenset(term.code for term in terms))


def against(given: Given, sale: Sale, *, today: date, term: EvidenceTerm | None = None) -> list[Reason]:
    """Return everything that a part says and that does not fit the sale; each names its field."""
    clause = term.source.cited if term else ""
    if given.part == INVOICE:
        return _against_invoice(given.content, sale, today, clause)
    if given.part == DELIVERY:
        within = term.within_months if term else None
        return _against_delivery(given.content, sale, today, clause, within)
    return _against_photo(given, sale, clause)


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, the month's last where it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def is_same_photo(one: str, other: str) -> bool:
    """Say whether two difference hashes (hex) are so near that they are of one photo."""
    return (int(one, 16) ^ int(other, 16)).bit_count() <= SAME_PHOTO_BITS


def _against_invoice(told: Content, sale: Sale, today: date, clause: str) -> list[Reason]:
    found = []
    if told["total_fen"] != sale.net_price_fen:
        params = {
            "field": "invoice.total_fen",
            "invoice_fen": told["total_fen"],
            "price_fen": sale.net_price_fen,
        }
        found.append(Reason("invoice_total_differs", params, clause))
    issued_on = date.fromisoformat(told["issued_on"])
    if not sale.sold_on <= issued_on <= today:
        found.append(_day("invoice_day_impossible", "invoice.issued_on", issued_on, sale, today, clause))
    if told["buyer_is_claimant"] is False:
        found.append(Reason("invoice_buyer_differs", {"field": "invoice.buyer_name"}, clause))
    if told["items"] is not None and told["items"] != 1:
        params = {"field": "invoice.items", "items": told["items"]}
        found.append(Reason("invoice_several_items", params, clause))
    return found


def _against_delivery(
    told: Content, sale: Sale, today: date, clause: str, within_months: int | None
) -> list[Reason]:
    delivered_on, named = date.fromisoformat(told["delivered_on"]), "delivery.delivered_on"
    found = []
    if not sale.sold_on <= delivered_on <= today:
        found.append(_day("delivery_day_impossible", named, delivered_on, sale, today, clause))
    if within_months is not None and delivered_on > (last := add_months(sale.sold_on, within_months)):
        params = {"field": named, "found": delivered_on.isoformat(), "last_day": last.isoformat()}
        found.append(Reason("delivery_too_late", params, clause))
    if not told["signed"]:
        found.append(Reason("delivery_not_signed", {"field": "delivery.signed_by"}, clause))
    return found


def _against_photo(given: Given, sale: Sale, clause: str) -> list[Reason]:
    told = given.content["serial_no"]
    if told is None or sale.serial_no is None or told in (sale.serial_no, *sale.imeis):
        return []
    params = {
        "field": f"photos.{given.content['kind']}.serial_no",
        "found": told,
        "serial_no": sale.serial_no,
        "lookalike": serial_nos.lookalike(told) == serial_nos.lookalike(sale.serial_no),
    }
    return [Reason("photo_serial_differs", params, clause)]


def _day(code: str, named: str, found: date, sale: Sale, today: date, clause: str) -> Reason:
    params = {
        "field": named,
        "found": found.isoformat(),
        "sold_on": sale.sold_on.isoformat(),
        "today": today.isoformat(),
    }
    return Reason(code, params, clause)


def _doubts(given: Given | None, sale: Sale) -> list[Reason]:
    """Return what a person should look at; it is no rule and refuses nothing."""
    if given is None:
        return []
    found = [Reason(f"photo_{code}", {}, "") for code in given.content.get("defects", ())]
    told = given.content.get("region")
    if told and not is_in_city(told, sale.shop_region):
        params = {"field": f"{given.part}.region", "found": told, "shop_region": sale.shop_region}
        found.append(Reason("evidence_region_differs", params, ""))
    return found


def is_in_city(place: str, shop_region: str) -> bool:
    """Say whether a place (GB/T 2260) lies in the city of a shop."""
    return regions.is_in(place, shop_region[:_CITY_DIGITS])


def _due_on(term: EvidenceTerm, sale: Sale, delivered_on: date | None, within: int | None) -> date | None:
    if term.counted_from == _BY_SALE:
        begins: date | None = sale.sold_on
    elif delivered_on is not None:
        begins = delivered_on
    else:
        begins = add_months(sale.sold_on, within) if within is not None else None
    return begins + timedelta(term.due_days) if begins else None
