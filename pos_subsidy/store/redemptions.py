"""Reading redemptions, their lines and payments."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlite_utils import Database

from pos_subsidy.domain.refunds import Refund
from pos_subsidy.errors import NotFound
from pos_subsidy.store.db import row, rows, value

_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Line:
    """The sale, a reversal (amounts negative) or an exchange (amounts zero)."""

    line_id: str
    redemption_id: str
    kind: str
    price_fen: int
    subsidy_fen: int
    payable_fen: int
    reason: str
    credit_note_no: str | None
    detail: dict[str, Any]
    at: str
    business_date: str
    journal_seq: int
    till: str
    cashier: str


@dataclass(frozen=True, slots=True)
class Payment:
    channel: str
    payment_ref: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Redemption:
    """One redemption with everything that happened to it since."""

    redemption_id: str
    hold_id: str
    voucher: str
    order_no: str
    category: str
    unit_class: str
    programme: str
    policy_version: str
    clause: str
    person_key: str
    gtin: str | None
    energy_rating: int | None
    serial_no: str | None
    imei1: str | None
    imei2: str | None
    price_fen: int
    subsidy_fen: int
    payable_fen: int
    status: str
    unit_state: str
    authorisation: str
    standing: str
    late: int
    held_at: str
    redeemed_at: str
    business_date: str
    journal_seq: int
    verdict: str | None
    verdict_code: str | None
    verdict_params: str | None
    verdict_at: str | None
    till: str
    cashier: str
    lines: tuple[Line, ...] = field(default=())
    payments: tuple[Payment, ...] = field(default=())
    refunds: tuple[Refund, ...] = field(default=())  # the cash leg of each reversal
    steps: tuple[dict[str, str], ...] = field(default=())  # how the sum came about, as it was said

    @property
    def net_price_fen(self) -> int:
        return sum(line.price_fen for line in self.lines)

    @property
    def net_subsidy_fen(self) -> int:
        return sum(line.subsidy_fen for line in self.lines)

    @property
    def net_payable_fen(self) -> int:
        return sum(line.payable_fen for line in self.lines)


def find(db: Database, redemption_id: str) -> Redemption:
    """Return the redemption.

    Raises:
        NotFound: ``redemption_unknown``.
    """
    found = row(db, "SELECT * FROM redemption WHERE redemption_id = ?", [redemption_id])
    if found is None:
        raise NotFound("redemption_unknown")
    return _with_lines(db, [found])[0]


def of_hold(db: Database, hold_id: str) -> Redemption | None:
    found = row(db, "SELECT * FROM redemption WHERE hold_id = ?", [hold_id])
    return _with_lines(db, [found])[0] if found else None


def of_voucher(db: Database, code: str) -> Redemption | None:
    found = row(db, "SELECT * FROM redemption WHERE voucher = ?", [code])
    return _with_lines(db, [found])[0] if found else None


def of_reversal(db: Database, reversal_id: str) -> Redemption | None:
    """Return the redemption of a reversal that money is given back for, or None."""
    found = row(
        db,
        "SELECT * FROM redemption WHERE redemption_id ="
        " (SELECT redemption_id FROM refund WHERE reversal_id = ?)",
        [reversal_id],
    )
    return _with_lines(db, [found])[0] if found else None


def taken_back(db: Database, person_key: str, *, serial_no: str | None, imei1: str | None, since: str) -> int:
    """Return how often a piece was sold to a person since a day and wholly reversed."""
    return int(
        value(
            db,
            "SELECT count(*) FROM redemption WHERE person_key = ? AND status = 'reversed'"
            " AND business_date >= ? AND (serial_no = ? OR imei1 = ?)",
            [person_key, since, serial_no, imei1],
        )
    )


def touched_on(db: Database, business_date: str) -> list[Redemption]:
    """Return the redemptions that were sold, reversed or exchanged on a day, in journal order."""
    found = rows(
        db,
        "SELECT * FROM redemption WHERE redemption_id IN"
        " (SELECT redemption_id FROM redemption_line WHERE business_date = ?) ORDER BY journal_seq",
        [business_date],
    )
    return _with_lines(db, found)


def sold_on(db: Database, business_date: str) -> list[Redemption]:
    """Return the redemptions sold on a day, in journal order."""
    found = rows(db, "SELECT * FROM redemption WHERE business_date = ? ORDER BY journal_seq", [business_date])
    return _with_lines(db, found)


def everything(db: Database, *, after: int = 0) -> Iterator[Redemption]:
    """Yield every redemption whose sale stands, in journal order; only a page of them is in memory.

    ``after`` is the journal entry behind which to begin.
    """
    while found := rows(
        db,
        "SELECT * FROM redemption WHERE status = 'redeemed' AND journal_seq > ? ORDER BY journal_seq LIMIT ?",
        [after, _PAGE],
    ):
        yield from _with_lines(db, found)
        after = found[-1]["journal_seq"]


def with_order_nos(db: Database, order_nos: list[str]) -> list[Redemption]:
    """Return the redemptions of these orders, whatever their day."""
    found = rows(
        db,
        "SELECT * FROM redemption WHERE order_no IN (SELECT value FROM json_each(?)) ORDER BY journal_seq",
        [json.dumps(order_nos)],
    )
    return _with_lines(db, found)


def order_nos_among(db: Database, order_nos: list[str]) -> set[str]:
    """Return which of these order numbers the till knows."""
    found = rows(
        db,
        "SELECT DISTINCT order_no FROM redemption WHERE order_no IN (SELECT value FROM json_each(?))",
        [json.dumps(order_nos)],
    )
    return {one["order_no"] for one in found}


def with_failed_refunds(db: Database) -> list[Redemption]:
    """Return the redemptions of which money is still to be given back because a channel failed."""
    found = rows(
        db,
        "SELECT * FROM redemption WHERE redemption_id IN"
        " (SELECT redemption_id FROM refund WHERE state = 'failed') ORDER BY journal_seq",
    )
    return _with_lines(db, found)


def lines_between(db: Database, *, first_seq: int, last_seq: int) -> list[Line]:
    """Return the lines whose journal entries lie in a closed range."""
    found = rows(
        db,
        "SELECT * FROM redemption_line WHERE journal_seq BETWEEN ? AND ? ORDER BY journal_seq",
        [first_seq, last_seq],
    )
    return [_line(one) for one in found]


def is_orphan_known(db: Database, hold_id: str, *, channel: str, payment_ref: str) -> bool:
    found = row(
        db,
        "SELECT 1 FROM orphaned_payment WHERE hold_id = ? AND channel = ? AND payment_ref = ?",
        [hold_id, channel, payment_ref],
    )
    return found is not None


def _with_lines(db: Database, found: list[dict[str, Any]]) -> list[Redemption]:
    ids = json.dumps([one["redemption_id"] for one in found])
    lines: dict[str, list[Line]] = {}
    for one in rows(
        db,
        "SELECT * FROM redemption_line WHERE redemption_id IN (SELECT value FROM json_each(?))"
        " ORDER BY journal_seq",
        [ids],
    ):
        lines.setdefault(one["redemption_id"], []).append(_line(one))
    payments: dict[str, list[Payment]] = {}
    for one in rows(
        db,
        "SELECT redemption_id, channel, payment_ref, amount_fen FROM payment"
        " WHERE redemption_id IN (SELECT value FROM json_each(?)) ORDER BY position",
        [ids],
    ):
        payments.setdefault(one.pop("redemption_id"), []).append(Payment(**one))
    refunds: dict[str, list[Refund]] = {}
    for one in rows(
        db,
        "SELECT * FROM refund WHERE redemption_id IN (SELECT value FROM json_each(?)) ORDER BY rowid",
        [ids],
    ):
        refunds.setdefault(one["redemption_id"], []).append(Refund(**one))
    found_steps = rows(
        db,
        "SELECT redemption_id, steps FROM redemption JOIN hold USING (hold_id)"
        " WHERE redemption_id IN (SELECT value FROM json_each(?))",
        [ids],
    )
    steps = {one["redemption_id"]: tuple(json.loads(one["steps"])) for one in found_steps}
    return [
        Redemption(
            **one,
            steps=steps.get(one["redemption_id"], ()),
            lines=tuple(lines.get(one["redemption_id"], ())),
            payments=tuple(payments.get(one["redemption_id"], ())),
            refunds=tuple(refunds.get(one["redemption_id"], ())),
        )
        for one in found
    ]


def _line(found: dict[str, Any]) -> Line:
    return Line(**{**found, "detail": json.loads(found["detail"])})
