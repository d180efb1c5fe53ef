"""Reading vouchers."""

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from pos_subsidy.domain import moments, voucher
from pos_subsidy.errors import NotFound
from pos_subsidy.store.db import row, rows


@dataclass(frozen=True, slots=True)
class Voucher:
    """One voucher as it stands; moments are UTC text."""

    code: str
    category: str
    unit_class: str
    programme: str
    policy_version: str
    person_key: str
    commitment: str
    kind: str
    gtin: str | None
    price_fen: int | None
    subsidy_fen: int | None
    status: str
    issued_at: str
    valid_until: str
    resolved_at: str | None
    resolution: str | None
    replaced_by: str | None
    wallet_hash: str
    till: str
    cashier: str

    @property
    def is_self_issued(self) -> bool:
        """Say whether the consumer applied for it herself, so that nobody saw her paper."""
        return self.till == voucher.SELF_SERVICE

    @property
    def wants_identity(self) -> bool:
        """Say whether the cashier must compare the identity paper before a hold."""
        return self.kind == "paper" or self.is_self_issued

    def is_over(self, now: datetime) -> bool:
        """Say whether its time has run out, swept or not."""
        return self.status == "expired" or (self.status == "issued" and moments.text(now) >= self.valid_until)


def find(db: Database, code: str) -> Voucher:
    """Return the voucher.

    Raises:
        NotFound: ``voucher_unknown``.
    """
    found = row(db, "SELECT * FROM voucher WHERE code = ?", [code])
    if found is None:
        raise NotFound("voucher_unknown")
    return Voucher(**found)


def find_by_wallet(db: Database, wallet_hash: str) -> Voucher:
    """Return the voucher whose wallet link has this hash, or raise NotFound."""
    found = row(db, "SELECT * FROM voucher WHERE wallet_hash = ?", [wallet_hash])
    if found is None:
        raise NotFound("voucher_unknown")
    return Voucher(**found)


def open_of(
    db: Database, *, person_key: str, programme: str, unit_class: str, now: datetime
) -> list[Voucher]:
    """Return the person's issued vouchers of a class whose time is not over, oldest first."""
    found = rows(
        db,
        "SELECT * FROM voucher WHERE person_key = ? AND programme = ? AND unit_class = ?"
        " AND status = 'issued' AND valid_until > ? ORDER BY issued_at",
        [person_key, programme, unit_class, moments.text(now)],
    )
    return [Voucher(**one) for one in found]


def of_person(db: Database, person_key: str) -> list[Voucher]:
    """Return all of a person's vouchers, newest first."""
    found = rows(db, "SELECT * FROM voucher WHERE person_key = ? ORDER BY issued_at DESC", [person_key])
    return [Voucher(**one) for one in found]


def due(db: Database, now: datetime, *, limit: int) -> list[str]:
    """Return codes of issued vouchers whose time is over."""
    found = rows(
        db,
        "SELECT code FROM voucher WHERE status = 'issued' AND valid_until <= ? ORDER BY valid_until LIMIT ?",
        [moments.text(now), limit],
    )
    return [one["code"] for one in found]
