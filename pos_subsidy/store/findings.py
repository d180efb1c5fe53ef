"""Reading what people said to findings, and what a day is compared with."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from pos_subsidy.domain.lint_case import Claimant, PhotoUse
from pos_subsidy.store.db import rows

_BEFORE_ALL = "0001-01-01"


@dataclass(frozen=True, slots=True)
class Explained:
    """What somebody said to a finding."""

    reason: str
    explained_at: str
    cashier: str


@dataclass(frozen=True, slots=True)
class Filed:
    """A filed price, the local day and the moment from which on it was the one."""

    filed_on: str
    filed_at: str
    price_fen: int


def explanations(db: Database, redemption_ids: Iterable[str]) -> dict[tuple[str, str], Explained]:
    """Return the newest word on each finding of these sales, by sale and finding."""
    found = rows(
        db,
        "SELECT redemption_id, finding_id, reason, explained_at, cashier FROM finding_explained"
        " WHERE redemption_id IN (SELECT value FROM json_each(?)) ORDER BY journal_seq",
        [json.dumps(list(redemption_ids))],
    )
    return {
        (one["redemption_id"], one["finding_id"]): Explained(
            one["reason"], one["explained_at"], one["cashier"]
        )
        for one in found
    }


def near(db: Database, first: str, last: str) -> list[dict[str, Any]]:
    """Return what a day is compared with of the sales of some days, both inclusive, in journal order.

    A month of a large shop is read for every look: lines, payments and steps are left alone.
    """
    return rows(
        db,
        "SELECT redemption_id, order_no, redemption.person_key, phone_hash, name_hash, cashier, category,"
        " gtin, serial_no, imei1, imei2, price_fen, subsidy_fen, status, held_at, redeemed_at, business_date"
        " FROM redemption LEFT JOIN person USING (person_key)"
        " WHERE business_date BETWEEN ? AND ? ORDER BY journal_seq",
        [first, last],
    )


def claimants(db: Database, person_keys: Iterable[str]) -> dict[str, Claimant]:
    """Return what the shop may compare of these persons, of those it still keeps a card of."""
    found = rows(
        db,
        "SELECT person_key, phone_hash, name_hash FROM person"
        " WHERE person_key IN (SELECT value FROM json_each(?))",
        [json.dumps(list(person_keys))],
    )
    return {one["person_key"]: Claimant(**one) for one in found}


def photos(db: Database) -> list[PhotoUse]:
    """Return every photo that counts on some sale."""
    found = rows(
        db,
        "SELECT redemption_id, order_no, sha256, dhash FROM evidence JOIN redemption USING (redemption_id)"
        " WHERE sha256 IS NOT NULL AND replaced_at IS NULL ORDER BY evidence.journal_seq",
    )
    return [PhotoUse(**one) for one in found]


def orders_with_invoices(db: Database, numbers: Iterable[str]) -> dict[str, list[str]]:
    """Return on which orders and claims these invoices stand."""
    wanted = json.dumps(list(numbers))
    found = rows(
        db,
        "SELECT invoice_no AS number, order_no FROM evidence JOIN redemption USING (redemption_id)"
        " WHERE invoice_no IN (SELECT value FROM json_each(:wanted)) AND replaced_at IS NULL"
        " UNION SELECT number, claim_id FROM claimed_thing WHERE space = 'invoice' AND state = 'used'"
        " AND number IN (SELECT value FROM json_each(:wanted)) ORDER BY 1, 2",
        {"wanted": wanted},
    )
    orders: dict[str, list[str]] = {}
    for one in found:
        orders.setdefault(one["number"], []).append(one["order_no"])
    return orders


def filings(db: Database) -> dict[str, list[Filed]]:
    """Return, by bar code, since when it was filed with which price; oldest first."""
    found = rows(
        db,
        "SELECT gtin, loaded_on, loaded_at, filed_price_fen,"
        " json_extract(before, '$.filed_price_fen') AS before_fen"
        " FROM product_filing JOIN catalogue_load USING (load_id) WHERE undone_at IS NULL ORDER BY load_id",
    )
    by_gtin: dict[str, list[Filed]] = {}
    for one in found:
        known = by_gtin.setdefault(one["gtin"], [])
        if not known and one["before_fen"] is not None:
            known.append(Filed(_BEFORE_ALL, _BEFORE_ALL, one["before_fen"]))
        known.append(Filed(one["loaded_on"], one["loaded_at"], one["filed_price_fen"]))
    return by_gtin


def staff_names(db: Database) -> list[str]:
    return [one["display_name"] for one in rows(db, "SELECT display_name FROM staff WHERE active = 1")]
