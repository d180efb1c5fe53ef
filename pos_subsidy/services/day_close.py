"""Close a day: freeze its lines as a range of journal entries, not of clock time."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pos_subsidy.domain.journal import canonical
from pos_subsidy.errors import Conflict, Invalid
from pos_subsidy.services import offline, postponing
from pos_subsidy.services.shop import By, Remember, Shop, forget
from pos_subsidy.store import batches, days, holds, journal, redemptions
from pos_subsidy.store.batches import Batch
from pos_subsidy.store.days import DaySums
from pos_subsidy.store.db import TillDatabase, read_transaction, write_transaction
from pos_subsidy.store.holds import Hold
from pos_subsidy.store.redemptions import Line, Redemption


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over lines. Amounts are fen; net counts reversals, gross does not."""

    redeemed: int
    reversed: int
    price_fen: int
    subsidy_fen: int
    net_price_fen: int
    net_subsidy_fen: int
    net_payable_fen: int


@dataclass(frozen=True, slots=True)
class Day:
    """One business date as it stands."""

    business_date: str
    totals: Totals
    redemptions: tuple[Redemption, ...]
    lines: tuple[Line, ...]
    open_holds: tuple[Hold, ...]
    batch: Batch | None


def day(db: TillDatabase, business_date: date) -> Day:
    """Return a day's lines and totals as one state of the database."""
    written = business_date.isoformat()
    with read_transaction(db):
        touched = redemptions.touched_on(db, written)
        lines = tuple(line for one in touched for line in one.lines if line.business_date == written)
        return Day(
            business_date=written,
            totals=total(lines),
            redemptions=tuple(touched),
            lines=tuple(sorted(lines, key=lambda line: line.journal_seq)),
            open_holds=tuple(hold for hold in holds.open_holds(db) if hold.business_date == written),
            batch=batches.of_day(db, written),
        )


def total(lines: tuple[Line, ...]) -> Totals:
    """Sum lines."""
    sales = [line for line in lines if line.kind == "sale"]
    return Totals(
        redeemed=len(sales),
        reversed=sum(line.kind == "full" for line in lines),
        price_fen=sum(line.price_fen for line in sales),
        subsidy_fen=sum(line.subsidy_fen for line in sales),
        net_price_fen=sum(line.price_fen for line in lines),
        net_subsidy_fen=sum(line.subsidy_fen for line in lines),
        net_payable_fen=sum(line.payable_fen for line in lines),
    )


def close_day(
    db: TillDatabase, shop: Shop, business_date: date, *, by: By, now: datetime, remember: Remember = forget
) -> Batch:
    """Freeze everything since the last close as the batch of ``business_date``.

    What happens afterwards belongs to the next batch. Closing a closed day returns the
    batch it has. Open holds belong to no batch and are left alone.

    Raises:
        Invalid: ``day_not_begun``, the day lies ahead.
        Conflict: ``day_before_closed``, a later day is closed already; ``evidence_overdue``, lines of
            the batch lack papers whose day has passed, and nobody postponed them.
    """
    late = postponing.holding_back(db, shop, now=now)
    with write_transaction(db):
        now = journal.settled_now(db, now)
        if business_date > shop.today(now):
            raise Invalid("day_not_begun", business_date=business_date.isoformat())
        batch = batches.of_day(db, business_date.isoformat())
        if batch is None:
            if late:
                raise Conflict("evidence_overdue", count=len(late))
            _freeze(db, shop, business_date, by=by, now=now)
            batch = batches.of_day(db, business_date.isoformat())
            assert batch is not None
        remember(batch)
    return batch


def reopen_day(
    db: TillDatabase,
    shop: Shop,
    business_date: date,
    *,
    reason: str,
    by: By,
    now: datetime,
    remember: Remember = forget,
) -> None:
    """Undo the last close, while nothing of it was sent. The next close takes in what it held.

    Raises:
        Invalid: ``reason_required``.
        Conflict: ``day_not_closed``, ``day_after_closed``: a later day is closed, or ``day_sent``.
    """
    if not reason:
        raise Invalid("reason_required")
    written = business_date.isoformat()
    with write_transaction(db):
        now = journal.settled_now(db, now)
        batch, last = batches.of_day(db, written), batches.last(db)
        if batch is None or last is None:
            raise Conflict("day_not_closed", business_date=written)
        if last.batch_id != batch.batch_id:
            raise Conflict("day_after_closed", closed=last.business_date)
        if offline.sent_seq(db) > batch.last_seq:
            raise Conflict("day_sent", business_date=written)
        body = {
            "batch_id": batch.batch_id,
            "business_date": written,
            "last_seq": batch.last_seq,
            "reason": reason,
            "till": by.till,
            "cashier": by.cashier,
        }
        journal.append(db, "day_reopened", body, at=now, sign=shop.keyring.sign)
        remember(None)


def can_reopen(db: TillDatabase, business_date: date) -> bool:
    """Say whether this day's close may be undone now."""
    batch, last = batches.of_day(db, business_date.isoformat()), batches.last(db)
    return batch is not None and batch == last and offline.sent_seq(db) <= batch.last_seq


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day of a month and how far it is: quiet, open, closed, sent, acknowledged or settled."""

    business_date: date
    state: str
    sales: int
    net_subsidy_fen: int


def month(db: TillDatabase, first: date) -> list[CalendarDay]:
    """Return every day of the month that begins on ``first``."""
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    with read_transaction(db):
        found = days.sums_between(db, first.isoformat(), last.isoformat())
        sent, acknowledged = offline.sent_seq(db), offline.acknowledged_seq(db)
    every = [first + timedelta(days=at) for at in range((last - first).days + 1)]
    quiet = DaySums("", 0, 0, None, 0, 0)
    return [
        CalendarDay(day, _stage(sums, sent, acknowledged), sums.sales, sums.net_subsidy_fen)
        for day in every
        for sums in [found.get(day.isoformat(), quiet)]
    ]


def _stage(sums: DaySums, sent: int, acknowledged: int) -> str:
    if sums.last_seq is None:
        return "open" if sums.business_date else "quiet"
    if acknowledged <= sums.last_seq:
        return "sent" if sent > sums.last_seq else "closed"
    return "settled" if sums.sales and sums.settled == sums.sales else "acknowledged"


def _freeze(db: TillDatabase, shop: Shop, business_date: date, *, by: By, now: datetime) -> None:
    last = batches.last(db)
    if last is not None and last.business_date > business_date.isoformat():
        raise Conflict("day_before_closed", closed=last.business_date)
    head = journal.head(db)
    first_seq = last.last_seq + 1 if last else 1
    last_seq = head.seq if head else 0
    lines = redemptions.lines_between(db, first_seq=first_seq, last_seq=last_seq)
    fingerprint = [[line.line_id, line.kind, line.price_fen, line.subsidy_fen] for line in lines]
    body = {
        "batch_id": f"{shop.outlet_id}-{business_date:%Y%m%d}",
        "business_date": business_date.isoformat(),
        "first_seq": first_seq,
        "last_seq": last_seq,
        "line_count": len(lines),
        "price_fen": sum(line.price_fen for line in lines),
        "subsidy_fen": sum(line.subsidy_fen for line in lines),
        "payable_fen": sum(line.payable_fen for line in lines),
        "lines_hash": hashlib.sha256(canonical(fingerprint)).hexdigest(),
        "till": by.till,
        "cashier": by.cashier,
    }
    journal.append(db, "day_closed", body, at=now, sign=shop.keyring.sign)
