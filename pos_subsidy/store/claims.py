"""Reading claims after purchase."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlite_utils import Database

from pos_subsidy.domain.claims import Given
from pos_subsidy.errors import NotFound
from pos_subsidy.store.db import row, rows, value


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim as it stands, with the papers handed in. Amounts are fen."""

    claim_id: str
    category: str
    unit_class: str
    programme: str
    policy_version: str
    clause: str
    person_key: str
    commitment: str
    attributes: dict[str, Any]
    order_no: str
    price_fen: int
    subsidy_fen: int
    sold_on: str
    status: str
    unit_state: str
    opened_at: str
    submitted_at: str | None
    business_date: str | None
    link_hash: str
    journal_seq: int
    verdict: str | None
    verdict_code: str | None
    verdict_params: str | None
    verdict_at: str | None
    till: str
    cashier: str
    papers: tuple[Given, ...]


def find(db: Database, claim_id: str) -> Claim:
    """Return the claim.

    Raises:
        NotFound: ``claim_unknown``.
    """
    return _whole(db, row(db, "SELECT * FROM claim WHERE claim_id = ?", [claim_id]))


def by_link(db: Database, link_hash: str) -> Claim:
    """Return the claim behind a link, or raise NotFound."""
    return _whole(db, row(db, "SELECT * FROM claim WHERE link_hash = ?", [link_hash]))


def submitted_on(db: Database, business_date: str) -> list[Claim]:
    """Return the claims submitted on a day, in the journal's order."""
    found = rows(
        db, "SELECT * FROM claim WHERE business_date = ? ORDER BY submitted_at, journal_seq", [business_date]
    )
    return [_whole(db, one) for one in found]


def recent(db: Database, *, limit: int) -> list[Claim]:
    """Return the newest claims, newest first."""
    found = rows(db, "SELECT * FROM claim ORDER BY journal_seq DESC LIMIT ?", [limit])
    return [_whole(db, one) for one in found]


def units_used(db: Database, *, person_key: str, programme: str, unit_class: str) -> int:
    """Count a person's submitted claims of a class that stand."""
    return int(value(db, f"SELECT count(*) {_USED}", [person_key, programme, unit_class]))


def granted_fen(db: Database, *, person_key: str, programme: str, unit_class: str) -> int:
    """Sum (fen) a person's submitted claims of a class that stand."""
    found = value(db, f"SELECT coalesce(sum(subsidy_fen), 0) {_USED}", [person_key, programme, unit_class])
    return int(found)


def used_as(db: Database, attribute: str, *, person_key: str, programme: str, unit_class: str) -> str | None:
    """Return what a person's standing claim of a class says of an attribute, or None."""
    found = row(db, f"SELECT attributes {_USED} ORDER BY journal_seq", [person_key, programme, unit_class])
    return json.loads(found["attributes"]).get(attribute) if found else None


def taken(db: Database, space: str, number: str) -> str | None:
    """Return the claim that used up a thing, or None."""
    found = value(
        db,
        "SELECT claim_id FROM claimed_thing WHERE space = ? AND number = ? AND state = 'used'",
        [space, number],
    )
    return str(found) if found else None


_USED = (
    "FROM claim WHERE person_key = ? AND programme = ? AND unit_class = ? AND unit_state = 'used'"
    " AND status IN ('submitted', 'withdrawn')"
)


def _whole(db: Database, found: dict[str, Any] | None) -> Claim:
    if found is None:
        raise NotFound("claim_unknown")
    papers = rows(db, "SELECT * FROM claim_paper WHERE claim_id = ? ORDER BY code", [found["claim_id"]])
    given = tuple(
        Given(
            one["code"],
            one["number"],
            date.fromisoformat(one["issued_on"]) if one["issued_on"] else None,
            one["amount_fen"],
        )
        for one in papers
    )
    return Claim(**{**found, "attributes": json.loads(found["attributes"])}, papers=given)
