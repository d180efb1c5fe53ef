"""Money paid in advance: the shares that were decided, the payments, and what waits to be judged."""

from typing import Any

from sqlalchemy import Connection, func, insert, select

from pos_subsidy.hub.store.schema import claim
from pos_subsidy.hub.store.schema_ledger import ledger_entry, payment
from pos_subsidy.hub.store.schema_pools import prepay_share, prepayment


def add_share(db: Connection, **values: Any) -> int:
    """Append a decision on a programme's share and return its number."""
    number = (db.execute(select(func.max(prepay_share.c.share_no))).scalar() or 0) + 1
    db.execute(insert(prepay_share).values(share_no=number, **values))
    return number


def shares(db: Connection) -> list[dict[str, Any]]:
    """Return every decision on a share, oldest first."""
    return [
        dict(one) for one in db.execute(select(prepay_share).order_by(prepay_share.c.share_no)).mappings()
    ]


def add(db: Connection, payment_no: str, *, waiting_fen: int, share_nos: str) -> None:
    """Mark a payment as made in advance."""
    db.execute(insert(prepayment).values(payment_no=payment_no, waiting_fen=waiting_fen, share_nos=share_nos))


def is_one(db: Connection, payment_no: str) -> bool:
    chosen = select(prepayment.c.payment_no).where(prepayment.c.payment_no == payment_no)
    return db.execute(chosen).first() is not None


def of_shop(db: Connection, outlet: str) -> list[dict[str, Any]]:
    """Return a shop's payments in advance, oldest first, with what they were reckoned from."""
    chosen = (
        select(
            payment.c.payment_no,
            payment.c.amount_fen,
            payment.c.status,
            payment.c.why,
            prepayment.c.waiting_fen,
            prepayment.c.share_nos,
        )
        .join(prepayment, prepayment.c.payment_no == payment.c.payment_no)
        .where(payment.c.outlet == outlet)
        .order_by(payment.c.payment_no)
    )
    return [dict(one) for one in db.execute(chosen).mappings()]


def cleared(db: Connection, account: str) -> list[dict[str, Any]]:
    """Return what was cleared of an account of advances: moment, run, fen; oldest first."""
    bank = select(ledger_entry.c.posting_no).where(ledger_entry.c.account == "bank")
    chosen = (
        select(ledger_entry.c.at, ledger_entry.c.run_id, ledger_entry.c.amount_fen)
        .where(
            ledger_entry.c.account == account,
            ledger_entry.c.amount_fen > 0,
            ledger_entry.c.posting_no.not_in(bank),
        )
        .order_by(ledger_entry.c.posting_no)
    )
    return [dict(one) for one in db.execute(chosen).mappings()]


def waiting_fen(db: Connection) -> dict[str, dict[str, int]]:
    """Return, shop by shop, what waits for a reviewer of each programme, fen."""
    found = db.execute(
        select(claim.c.outlet, claim.c.programme, func.sum(claim.c.net_subsidy_fen))
        .where(claim.c.verdict == "waiting")
        .group_by(claim.c.outlet, claim.c.programme)
        .order_by(claim.c.outlet, claim.c.programme)
    )
    shops: dict[str, dict[str, int]] = {}
    for outlet, programme, fen in found:
        shops.setdefault(outlet, {})[programme] = int(fen)
    return shops
