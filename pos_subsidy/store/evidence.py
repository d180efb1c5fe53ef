"""Reading the evidence of redemptions, and the links by which phones hand it in."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from pos_subsidy.domain import moments
from pos_subsidy.domain.evidence import Given
from pos_subsidy.store.db import insert, row, rows

_COLUMNS = "part, content, given_at, till, cashier, replaced_at"


@dataclass(frozen=True, slots=True)
class Use:
    """A photo on some redemption, as others are compared with it."""

    redemption_id: str
    order_no: str
    sha256: str
    dhash: str | None


def counting(db: Database, redemption_id: str) -> list[Given]:
    """Return the parts that count, each as it was handed in last."""
    found = rows(
        db,
        f"SELECT {_COLUMNS} FROM evidence WHERE redemption_id = ? AND replaced_at IS NULL ORDER BY part",
        [redemption_id],
    )
    return [_given(one) for one in found]


def history(db: Database, redemption_id: str) -> list[Given]:
    """Return everything that was ever handed in, oldest first."""
    found = rows(
        db,
        f"SELECT {_COLUMNS} FROM evidence WHERE redemption_id = ? ORDER BY journal_seq, part",
        [redemption_id],
    )
    return [_given(one) for one in found]


@dataclass(frozen=True, slots=True)
class Postponed:
    """A line that waits for its papers until a day."""

    redemption_id: str
    until: str
    reason: str
    postponed_at: str
    cashier: str


def postponed(db: Database) -> dict[str, Postponed]:
    """Return the lines that wait for their papers, by redemption."""
    found = rows(db, "SELECT redemption_id, until, reason, postponed_at, cashier FROM evidence_postponed")
    return {one["redemption_id"]: Postponed(**one) for one in found}


def order_with_invoice(db: Database, invoice_no: str, *, but: str) -> str | None:
    """Return the order number of another redemption on which an invoice counts, or None."""
    found = row(
        db,
        "SELECT order_no FROM evidence JOIN redemption USING (redemption_id)"
        " WHERE invoice_no = ? AND replaced_at IS NULL AND redemption_id <> ?",
        [invoice_no, but],
    )
    return found["order_no"] if found else None


def photos_but_of(db: Database, redemption_id: str) -> list[Use]:
    """Return every photo that counts on another redemption."""
    found = rows(
        db,
        "SELECT redemption_id, order_no, sha256, dhash FROM evidence JOIN redemption USING (redemption_id)"
        " WHERE sha256 IS NOT NULL AND replaced_at IS NULL AND redemption_id <> ?"
        " ORDER BY evidence.journal_seq",
        [redemption_id],
    )
    return [Use(**one) for one in found]


def is_file(db: Database, sha256: str) -> bool:
    """Say whether a file was ever handed in as evidence."""
    return row(db, "SELECT 1 FROM evidence WHERE sha256 = ? LIMIT 1", [sha256]) is not None


def all_counting(db: Database) -> dict[str, list[Given]]:
    """Return the parts that count of every redemption that has any."""
    found: dict[str, list[Given]] = {}
    for one in rows(
        db, f"SELECT redemption_id, {_COLUMNS} FROM evidence WHERE replaced_at IS NULL ORDER BY part"
    ):
        found.setdefault(one.pop("redemption_id"), []).append(_given(one))
    return found


def counting_of(db: Database, redemption_ids: Iterable[str]) -> dict[str, list[Given]]:
    """Return the parts that count of these redemptions, of those that have any."""
    found: dict[str, list[Given]] = {}
    for one in rows(
        db,
        f"SELECT redemption_id, {_COLUMNS} FROM evidence WHERE replaced_at IS NULL"
        " AND redemption_id IN (SELECT value FROM json_each(?)) ORDER BY part",
        [json.dumps(list(redemption_ids))],
    ):
        found.setdefault(one.pop("redemption_id"), []).append(_given(one))
    return found


def keep_link(
    db: Database, link_hash: str, redemption_id: str, *, expires_at: datetime, till: str, cashier: str
) -> None:
    insert(
        db,
        "upload_link",
        {
            "link_hash": link_hash,
            "redemption_id": redemption_id,
            "expires_at": moments.text(expires_at),
            "till": till,
            "cashier": cashier,
        },
    )


def link(db: Database, link_hash: str, *, now: datetime) -> dict[str, Any] | None:
    """Return what a link that is not over is for, or None."""
    return row(
        db,
        "SELECT redemption_id, till, cashier, expires_at FROM upload_link"
        " WHERE link_hash = ? AND expires_at > ?",
        [link_hash, moments.text(now)],
    )


def forget_links_before(db: Database, now: datetime) -> int:
    return db.execute("DELETE FROM upload_link WHERE expires_at <= ?", [moments.text(now)]).rowcount


def _given(found: dict[str, Any]) -> Given:
    return Given(**{**found, "content": json.loads(found["content"])})
