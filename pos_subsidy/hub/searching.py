"""Finds claims again: by their numbers and days, or by a person or a piece.

Whoever asks by a person or a piece is noted in the log; the number itself is not.
"""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain.identifiers import person_id
from pos_subsidy.errors import Invalid
from pos_subsidy.hub import office_log, review
from pos_subsidy.hub.city import City
from pos_subsidy.hub.office_log import By
from pos_subsidy.hub.store import claims, outlets, traces
from pos_subsidy.hub.store.db import read, run

PAGE = 50
# What the city gives as a reason, its reviewers' reasons last.
CODES = (
    *("serial_used", "imei_used", "units_exhausted", "subsidy_differs", "identity_missing"),
    *("car_used", "old_car_used", "flat_used", "invoice_used", "scheme_conflict", "to_be_proven"),
    *("merchant_suspended", "no_programme", "budget_exhausted"),
    *("price_over_filed", "not_in_catalogue", "category_mismatch", "rating_mismatch", "piece_blocked"),
    *("arrived_after_settlement", "sold_beyond_offline_caps"),
    *("key_revoked", "key_expired", "key_not_yet_valid", "delivered_after_cut_off"),
    *review.REASONS,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a claim is looked for by; whatever is empty does not matter."""

    voucher: str = ""
    request: str = ""
    outlet: str = ""
    first: str = ""
    last: str = ""
    verdict: str = ""
    code: str = ""

    @property
    def is_empty(self) -> bool:
        return not any(getattr(self, name) for name in self.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Found:
    """Claims, the latest day first; ``after`` is the claim that the next part follows, if there is one.

    ``trail`` is what is known of a voucher that is no claim, or of holds that are none yet.
    """

    claims: list[dict[str, Any]]
    shops: Mapping[str, dict[str, Any]]
    after: str | None = None
    trail: list[dict[str, Any]] = field(default_factory=list)


def search(city: City, wanted: Wanted, *, after: str | None = None) -> Found:
    """Return a part of the claims that are wanted.

    Raises:
        Invalid: ``invalid``, there is no claim of the number to go on from.
    """
    voucher = _plain(wanted.voucher).replace(" ", "").upper()
    exact = {name: getattr(wanted, name) for name in ("verdict", "code") if getattr(wanted, name)}

    def look(db: Connection) -> Found:
        vouchers, trail = None, []
        if voucher:
            named = traces.rows_naming(db, {"voucher": voucher})
            bodies = [(one["outlet"], json.loads(one["body"])) for one in named]
            vouchers = [(outlet, body["hold_id"]) for outlet, body in bodies if body.get("hold_id")]
            trail = [{name: one[name] for name in ("outlet", "seq", "at", "kind")} for one in named]
        found = traces.claims_where(
            db,
            exact=exact,
            shops=_shops(db, wanted.outlet),
            request=_plain(wanted.request) or None,
            vouchers=vouchers,
            first=wanted.first or None,
            last=wanted.last or None,
            after=after,
            limit=PAGE + 1,
        )
        return _found(db, found, trail=[] if found else trail)

    return read(city.engine, look)


def of_person(city: City, id_type: str, id_number: str, *, by: By, now: datetime) -> Found:
    """Return a person's claims in the whole city, by the city's keyed hash of her number.

    Raises:
        Invalid: ``person_invalid`` with the cause; never the number.
    """
    asked = person_id.validate(id_type, _plain(id_number), today=now.date())
    person = city.person(asked.id_type, asked.number)

    def look(db: Connection) -> Found:
        office_log.note(db, by, "looked_up_person", about=person[:12], now=now)
        found = traces.claims_where(db, exact={"person": person}, limit=PAGE + 1)
        trail = [
            {"outlet": one["outlet"], "seq": None, "at": one["asked_at"], "kind": f"hold_{one['status']}"}
            for one in traces.holds_of_person(db, person)
        ]
        return _found(db, found, trail=trail)

    return run(city.engine, look)


def of_piece(city: City, number: str, *, by: By, now: datetime) -> Found:
    """Return the claims that had a piece of that serial number, IMEI or other number.

    Raises:
        Invalid: ``office_search_empty``.
    """
    plain = _plain(number).upper()
    if not plain:
        raise Invalid("office_search_empty")

    def look(db: Connection) -> Found:
        holders = traces.holders_of_piece(db, plain)
        office_log.note(db, by, "looked_up_piece", about=city.person("piece", plain)[:12], now=now)
        found = [claims.of_hold(db, one["outlet"], one["hold_id"]) for one in holders]
        trail = [
            {
                "outlet": one["outlet"],
                "seq": None,
                "at": None,
                "kind": "piece_live" if one["live"] else "piece_free",
            }
            for one, claim in zip(holders, found, strict=True)
            if claim is None
        ]
        return _found(db, [one for one in found if one is not None], trail=trail)

    return run(city.engine, look)


def _found(db: Connection, found: list[dict[str, Any]], *, trail: list[dict[str, Any]]) -> Found:
    shown = found[:PAGE]
    names = {one["outlet"] for one in [*shown, *trail]}
    shops = {name: shop for name in names if (shop := outlets.find(db, name)) is not None}
    more = shown[-1]["redemption_id"] if len(found) > PAGE else None
    return Found(shown, shops, more, trail)


def _shops(db: Connection, typed: str) -> list[str] | None:
    """Return the shops of that code or credit code, else those whose name or merchant's name holds it."""
    text = _plain(typed).lower()
    if not text:
        return None
    known = outlets.listing(db)
    codes = [one["outlet"] for one in known if text in (one["outlet"].lower(), one["merchant_uscc"].lower())]
    named = [
        one["outlet"] for one in known if text in one["name"].lower() or text in one["merchant_name"].lower()
    ]
    return codes or named


def _plain(typed: str) -> str:
    return unicodedata.normalize("NFKC", typed).strip()
