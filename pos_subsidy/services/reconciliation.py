"""Take in the shop's own files for a day and say what does not agree."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pos_subsidy import statements
from pos_subsidy.domain import matches, reconciliation
from pos_subsidy.domain.matches import Match
from pos_subsidy.domain.reconciliation import Difference, Movement, PosLine, Reconciliation, TillOrder
from pos_subsidy.errors import Invalid
from pos_subsidy.services import column_mappings, merchants, refunds
from pos_subsidy.services.shop import Shop
from pos_subsidy.statements import ColumnMapping, Row, Statement
from pos_subsidy.statements.rows import spoilt
from pos_subsidy.store import batches, redemptions
from pos_subsidy.store.batches import StatementFile
from pos_subsidy.store.db import TillDatabase, read_transaction, write_transaction
from pos_subsidy.store.redemptions import Redemption

__all__ = ["Difference", "Funds", "Match", "Outcome", "reconcile"]


# Shorter numbers are counted up, and 7 beside 007 may be another order.
_ZEROS_FROM = 6


@dataclass(frozen=True, slots=True)
class Funds:
    """What a fund-flow bill says came and went, beside the trade bill's sums where one is there."""

    paid_fen: int
    paid_billed_fen: int | None
    refunded_fen: int
    refunded_billed_fen: int | None

    @property
    def agrees(self) -> bool:
        paid = self.paid_billed_fen in (None, self.paid_fen)
        return paid and self.refunded_billed_fen in (None, self.refunded_fen)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The reconciliation of a day and the files it rests on (kind, name).

    ``left_out`` are kept files that can no longer be read as what they were.
    """

    reconciliation: Reconciliation
    files: tuple[tuple[str, str], ...]
    left_out: tuple[str, ...] = ()
    funds: Funds | None = None
    matches: tuple[Match, ...] | None = None

    @property
    def differences(self) -> tuple[Difference, ...]:
        return self.reconciliation.differences


def reconcile(
    db: TillDatabase,
    shop: Shop,
    business_date: date,
    files: Sequence[tuple[str, bytes]],
    *,
    now: datetime,
    several_merchants: bool = False,
    mapping: ColumnMapping | None = None,
    explain: bool = False,
) -> Outcome:
    """Keep the files of a day and compare them with the till.

    Files may come one by one: of each kind the newest counts. All are read before any is
    kept, so that a bad one changes nothing; the same file again changes nothing either. The
    merchant's number at a channel is learnt from its first bill; another one's is refused
    unless ``several_merchants`` says that the shop has several. ``mapping`` says which column
    is what in those of the files that it suits; it is remembered for the same headings.
    ``explain`` says of every order that agrees why it does.

    Raises:
        Invalid: a file cannot be read, is cut, or is of another day; in words.
    """
    new_mappings = column_mappings.suited(files, mapping)
    mappings = {**column_mappings.known(db), **new_mappings}
    fresh = []
    for name, content in files:
        statement = statements.read(content, name, mappings=mappings)
        fresh.append((statement, StatementFile(statement.kind, name, content, _hash(content))))
    for statement, _ in fresh:
        statements.must_be_of_day(statement, business_date)
        _must_have_its_zeros(db, statement)
    # Whoever only looks must not wait in the line of writers, nor hold it up.
    if fresh:
        with write_transaction(db):
            for fingerprint, one in new_mappings.items():
                column_mappings.remember(db, fingerprint, one)
            for statement, kept in fresh:
                merchants.learn(db, statement, several=several_merchants)
                batches.keep_statement(db, business_date=business_date.isoformat(), file=kept, now=now)
                refunds.learn(db, shop, business_date, statement, now=now)
    with read_transaction(db):
        kept_files = batches.statements_of(db, business_date.isoformat())
        known = {(file.kind, file.file_hash): statement for statement, file in fresh}
        read, left_out = _read_again(kept_files, mappings, known)
        naming = _chosen([one for one in read if one.names_orders])
        orders, pos, bills = _orders(db, business_date, naming), _pos_lines(naming), _bills(naming)
    found = reconciliation.reconcile(business_date, orders, pos, bills, one_sided=_one_sided(naming))
    why = matches.explain(found, orders, pos, bills) if explain else None
    used = tuple((one.kind, one.filename) for one in kept_files if one.filename not in left_out)
    return Outcome(found, used, left_out, _funds(read), why)


def _must_have_its_zeros(db: TillDatabase, statement: Statement) -> None:
    """Pass if no number of a table is one of the till's without its leading zeros.

    Raises:
        Invalid: ``file_spoilt``.
    """
    if not statement.at_column:
        return
    plain = [row for row in statement.rows if row.order_no.isdecimal() and len(row.order_no) >= _ZEROS_FROM]
    padded = {row.order_no: [f"{'0' * zeros}{row.order_no}" for zeros in range(1, 4)] for row in plain}
    ours = redemptions.order_nos_among(db, [one for several in padded.values() for one in several])
    lost = [row for row in plain if not ours.isdisjoint(padded[row.order_no])]
    if lost:
        raise spoilt(lost, statement.filename, statement.order_column, "zeros")


def _read_again(
    kept: Sequence[StatementFile],
    mappings: Mapping[str, ColumnMapping],
    known: Mapping[tuple[str, str], Statement],
) -> tuple[list[Statement], tuple[str, ...]]:
    """Read what was kept; a newer version of this program may refuse what an older one took."""
    read, left_out = [], []
    for one in kept:
        try:
            just_read = known.get((one.kind, one.file_hash))
            read.append(
                just_read or statements.read(one.content, one.filename, kind=one.kind, mappings=mappings)
            )
        except Invalid:
            left_out.append(one.filename)
    return read, tuple(left_out)


def _chosen(read: Sequence[Statement]) -> list[Statement]:
    """Return what counts: a bill of one side only where there is no whole one of the channel."""
    whole = {one.kind for one in read}
    return [one for one in read if one.kind == one.channel or one.channel not in whole]


def _bills(read: Sequence[Statement]) -> dict[str, list[Movement]]:
    bills: dict[str, list[Movement]] = {}
    for one in read:
        if one.channel != "pos":
            bills.setdefault(one.channel, []).extend(_movement(one.channel, row) for row in one.rows)
    return bills


def _one_sided(read: Sequence[Statement]) -> dict[str, str]:
    sides: dict[str, list[str]] = {}
    for one in read:
        if one.kind != one.channel:
            sides.setdefault(one.channel, []).append(one.kind.removeprefix(f"{one.channel}_"))
    return {channel: found[0] for channel, found in sides.items() if len(found) == 1}


def _funds(read: Sequence[Statement]) -> Funds | None:
    by_kind = {one.kind: one for one in read}
    funds = by_kind.get("wechat_funds")
    if funds is None:
        return None
    bills = [one for one in _chosen(read) if one.channel == "wechat" and one.names_orders]
    sides = {one.kind for one in bills}
    settled = [row for one in bills for row in one.rows if row.refund_state != "failed"]

    def billed(*, refund: bool, by: str) -> int | None:
        is_told = not sides.isdisjoint({"wechat", by})
        return sum(row.settled_fen or 0 for row in settled if row.refund is refund) if is_told else None

    def moved(*, refund: bool, kind: str) -> int:
        return sum(row.amount_fen for row in funds.rows if row.refund is refund and row.status == kind)

    return Funds(
        paid_fen=moved(refund=False, kind="交易"),
        paid_billed_fen=billed(refund=False, by="wechat_payments"),
        refunded_fen=moved(refund=True, kind="退款"),
        refunded_billed_fen=billed(refund=True, by="wechat_refunds"),
    )


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _orders(db: TillDatabase, day: date, read: Sequence[Statement]) -> list[TillOrder]:
    known = {one.redemption_id: one for one in redemptions.touched_on(db, day.isoformat())}
    named = sorted({row.order_no for statement in read for row in statement.rows})
    known |= {one.redemption_id: one for one in redemptions.with_order_nos(db, named)}
    # An order is whole: a neighbour sold under the same number belongs to it.
    numbers = sorted({one.order_no for one in known.values()})
    by_no: dict[str, list[Redemption]] = {}
    for one in redemptions.with_order_nos(db, numbers):
        by_no.setdefault(one.order_no, []).append(one)
    return [_order(order_no, sold, day) for order_no, sold in sorted(by_no.items())]


def _order(order_no: str, sold: Sequence[Redemption], day: date) -> TillOrder:
    lines = [line for one in sold for line in one.lines if line.business_date <= day.isoformat()]
    given_back = [line for line in lines if line.kind in ("full", "partial")]
    paid: dict[str, int] = {}
    for one in sold:
        for payment in one.payments:
            paid[payment.channel] = paid.get(payment.channel, 0) + payment.amount_fen
    return TillOrder(
        order_no=order_no,
        sold_on=date.fromisoformat(min(one.business_date for one in sold)),
        redemptions=len(sold),
        net_price_fen=sum(line.price_fen for line in lines),
        net_subsidy_fen=sum(line.subsidy_fen for line in lines),
        net_payable_fen=sum(line.payable_fen for line in lines),
        paid_fen=paid,
        refunded_fen=-sum(line.payable_fen for line in given_back),
        refunded_today_fen=-sum(
            line.payable_fen for line in given_back if line.business_date == day.isoformat()
        ),
    )


def _pos_lines(read: Sequence[Statement]) -> list[PosLine] | None:
    found = next((one for one in read if one.kind == "pos"), None)
    return [_pos_line(row) for row in found.rows] if found else None


def _pos_line(row: Row) -> PosLine:
    return PosLine(
        order_no=row.order_no,
        day=row.business_date,
        line=row.line,
        price_fen=row.price_fen or 0,
        subsidy_fen=row.subsidy_fen or 0,
        payable_fen=row.payable_fen or 0,
        channel=row.channel,
        returned=row.refund,
    )


def _movement(channel: str, row: Row) -> Movement:
    return Movement(
        order_no=row.order_no,
        day=row.business_date,
        line=row.line,
        channel=channel,
        amount_fen=row.amount_fen,
        refund=row.refund,
        failed=row.refund and row.refund_state == "failed",
    )
