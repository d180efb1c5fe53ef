"""Postings, payments and the accounts shops are paid to."""

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection, and_, case, func, insert, select, update

from pos_subsidy.errors import Conflict
from pos_subsidy.hub.store import bulk
from pos_subsidy.hub.store.schema import claim, outlet
from pos_subsidy.hub.store.schema_ledger import (
    bank_word,
    ledger_entry,
    payee,
    payment,
    payment_posting,
    payment_run,
)

_STANDING = ("made", "paid", "netted")


def post(
    db: Connection,
    entries: Sequence[tuple[str, int]],
    *,
    why: str,
    at: str,
    redemption_id: str | None = None,
    run_id: str | None = None,
) -> int:
    """Append one posting of (account, fen) entries and return its number.

    Raises:
        ValueError: the entries do not sum to zero.
    """
    if sum(amount_fen for _, amount_fen in entries):
        raise ValueError("a posting sums to zero")
    number = (db.execute(select(func.max(ledger_entry.c.posting_no))).scalar() or 0) + 1
    about = {"posting_no": number, "at": at, "why": why, "redemption_id": redemption_id, "run_id": run_id}
    db.execute(
        insert(ledger_entry),
        [
            {**about, "position": position, "account": account, "amount_fen": amount_fen}
            for position, (account, amount_fen) in enumerate(entries, start=1)
        ],
    )
    return number


def claims_to_post(db: Connection) -> list[dict[str, Any]]:
    """Return the claims whose due amount (fen) is not what was posted for them so far."""
    posted = (
        select(ledger_entry.c.redemption_id, func.sum(ledger_entry.c.amount_fen).label("fen"))
        .where(ledger_entry.c.why == "claim", ledger_entry.c.account.like("outlet:%"))
        .group_by(ledger_entry.c.redemption_id)
        .subquery()
    )
    due = case((claim.c.verdict.in_(("accepted", "settled")), claim.c.net_subsidy_fen), else_=0)
    so_far = func.coalesce(posted.c.fen, 0)
    found = db.execute(
        select(
            claim.c.redemption_id, claim.c.outlet, claim.c.programme, (due - so_far).label("difference_fen")
        )
        .select_from(claim.outerjoin(posted, posted.c.redemption_id == claim.c.redemption_id))
        .where(due != so_far)
        .order_by(claim.c.outlet, claim.c.seq)
    )
    return [dict(one) for one in found.mappings()]


def balance_fen(db: Connection, account: str) -> int:
    chosen = select(func.sum(ledger_entry.c.amount_fen)).where(ledger_entry.c.account == account)
    return int(db.execute(chosen).scalar() or 0)


def balances(db: Connection) -> dict[str, int]:
    """Return every account's balance in fen; together they are zero."""
    found = db.execute(
        select(ledger_entry.c.account, func.sum(ledger_entry.c.amount_fen))
        .group_by(ledger_entry.c.account)
        .order_by(ledger_entry.c.account)
    )
    return {account: int(fen) for account, fen in found}


def open_postings(db: Connection, account: str) -> list[dict[str, Any]]:
    """Return a shop's postings of claims that no standing payment settles, oldest first."""
    settled = (
        select(payment_posting.c.posting_no)
        .join(payment, payment.c.payment_no == payment_posting.c.payment_no)
        .where(payment.c.status.in_(_STANDING))
    )
    found = db.execute(
        select(ledger_entry.c.posting_no, ledger_entry.c.redemption_id, ledger_entry.c.amount_fen)
        .where(
            ledger_entry.c.account == account,
            ledger_entry.c.why == "claim",
            ledger_entry.c.posting_no.not_in(settled),
        )
        .order_by(ledger_entry.c.posting_no)
    )
    return [dict(one) for one in found.mappings()]


def runs_of_day(db: Connection, prefix: str) -> int:
    chosen = select(func.count()).select_from(payment_run).where(payment_run.c.run_id.like(f"{prefix}%"))
    return db.execute(chosen).scalar_one()


def add_run(db: Connection, run_id: str, *, made_at: str, made_by: str) -> None:
    db.execute(insert(payment_run).values(run_id=run_id, made_at=made_at, made_by=made_by))


def add_payment(db: Connection, posting_nos: Sequence[int], **values: Any) -> None:
    db.execute(insert(payment).values(**values))
    if posting_nos:
        rows = [{"payment_no": values["payment_no"], "posting_no": number} for number in posting_nos]
        db.execute(insert(payment_posting), rows)


def withheld(db: Connection, shop: str, kind: str) -> list[dict[str, Any]]:
    """Return what was withheld of a shop since it was last paid, the newest first, each with ``made_at``.

    ``kind`` is how the ids of such runs begin.
    """
    chosen = (
        select(payment, payment_run.c.made_at)
        .join(payment_run, payment_run.c.run_id == payment.c.run_id)
        .where(payment.c.outlet == shop, payment.c.run_id.startswith(kind))
        .order_by(payment_run.c.made_at.desc(), payment_run.c.run_id.desc())
    )
    found = (dict(one) for one in db.execute(chosen).mappings())
    return list(takewhile(lambda one: one["status"] == "withheld", found))


def find_payment(db: Connection, payment_no: str) -> dict[str, Any] | None:
    found = db.execute(select(payment).where(payment.c.payment_no == payment_no)).mappings().first()
    return dict(found) if found else None


def answer_payment(db: Connection, payment_no: str, *, old: str, new: str, ref: str, at: str) -> None:
    """Let the bank's word on a payment count, and keep it beside those it said before.

    Raises:
        Conflict: ``payment_answered``, the payment is not ``old`` any more.
    """
    answered = db.execute(
        update(payment)
        .where(payment.c.payment_no == payment_no, payment.c.status == old)
        .values(status=new, bank_ref=ref, answered_at=at)
    )
    if answered.rowcount != 1:
        raise Conflict("payment_answered", status=old)
    said = select(func.coalesce(func.max(bank_word.c.word_no), 0)).where(bank_word.c.payment_no == payment_no)
    word_no = db.execute(said).scalar_one() + 1
    word = {"payment_no": payment_no, "word_no": word_no, "status": new, "bank_ref": ref, "said_at": at}
    db.execute(insert(bank_word).values(**word))


def bank_words(db: Connection, payment_nos: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the bank's words on payments, the oldest first, by payment: status, bank_ref, said_at."""
    chosen = select(bank_word).where(bulk.among(db, bank_word.c.payment_no, payment_nos))
    said: dict[str, list[dict[str, Any]]] = {}
    for one in db.execute(chosen.order_by(bank_word.c.payment_no, bank_word.c.word_no)).mappings():
        word = {name: one[name] for name in ("status", "bank_ref", "said_at")}
        said.setdefault(one["payment_no"], []).append(word)
    return said


def payments(db: Connection, *, run_id: str | None = None, shop: str | None = None) -> list[dict[str, Any]]:
    chosen = select(payment).order_by(payment.c.payment_no)
    if run_id is not None:
        chosen = chosen.where(payment.c.run_id == run_id)
    if shop is not None:
        chosen = chosen.where(payment.c.outlet == shop)
    return [dict(one) for one in db.execute(chosen).mappings()]


def claims_of_payment(db: Connection, payment_no: str) -> list[dict[str, Any]]:
    """Return the claims a payment settles, each once: (outlet, redemption_id, verdict)."""
    chosen = (
        select(claim.c.outlet, claim.c.redemption_id, claim.c.verdict)
        .join(ledger_entry, ledger_entry.c.redemption_id == claim.c.redemption_id)
        .join(payment_posting, payment_posting.c.posting_no == ledger_entry.c.posting_no)
        .where(payment_posting.c.payment_no == payment_no)
        .distinct()
        .order_by(claim.c.redemption_id)
    )
    return [dict(one) for one in db.execute(chosen).mappings()]


def shops(db: Connection) -> list[str]:
    return list(db.execute(select(outlet.c.outlet).order_by(outlet.c.outlet)).scalars())


def payees_of(db: Connection, shop: str) -> list[dict[str, Any]]:
    """Return every account a shop named, oldest first."""
    found = db.execute(select(payee).where(payee.c.outlet == shop).order_by(payee.c.payee_no))
    return [dict(one) for one in found.mappings()]


def find_payee(db: Connection, shop: str, payee_no: int) -> dict[str, Any]:
    chosen = select(payee).where(payee.c.outlet == shop, payee.c.payee_no == payee_no)
    return dict(db.execute(chosen).mappings().one())


def add_payee(db: Connection, **values: Any) -> None:
    db.execute(insert(payee).values(**values))


def confirm_payee(db: Connection, shop: str, payee_no: int, *, by: str, at: str) -> None:
    db.execute(
        update(payee)
        .where(and_(payee.c.outlet == shop, payee.c.payee_no == payee_no, payee.c.confirmed_by.is_(None)))
        .values(confirmed_by=by, confirmed_at=at)
    )


def unbalanced_postings(db: Connection) -> list[int]:
    """Return the postings whose entries do not sum to zero; there must be none."""
    chosen = (
        select(ledger_entry.c.posting_no)
        .group_by(ledger_entry.c.posting_no)
        .having(func.sum(ledger_entry.c.amount_fen) != 0)
    )
    return list(db.execute(chosen).scalars())


def postings_paid_twice(db: Connection) -> list[int]:
    """Return the postings that two standing payments settle; there must be none."""
    chosen = (
        select(payment_posting.c.posting_no)
        .join(payment, payment.c.payment_no == payment_posting.c.payment_no)
        .where(payment.c.status.in_(_STANDING))
        .group_by(payment_posting.c.posting_no)
        .having(func.count() > 1)
    )
    return list(db.execute(chosen).scalars())


def posted_fen(db: Connection) -> dict[str, int]:
    """Return what was posted for each claim, fen."""
    chosen = (
        select(ledger_entry.c.redemption_id, func.sum(ledger_entry.c.amount_fen))
        .where(ledger_entry.c.why == "claim", ledger_entry.c.account.like("outlet:%"))
        .group_by(ledger_entry.c.redemption_id)
    )
    return {redemption_id: int(fen) for redemption_id, fen in db.execute(chosen)}


def runs(db: Connection, *, limit: int) -> list[dict[str, Any]]:
    """Return payment runs, the newest first, each with its payments by outcome and their sum (fen)."""
    sent = payment.c.status.in_(("made", "paid"))
    found = db.execute(
        select(
            payment_run,
            func.count(payment.c.payment_no).label("payments"),
            func.coalesce(func.sum(case((sent, payment.c.amount_fen), else_=0)), 0).label("amount_fen"),
            func.coalesce(func.sum(case((payment.c.status == "made", 1), else_=0)), 0).label("unanswered"),
            func.coalesce(func.sum(case((payment.c.status == "withheld", 1), else_=0)), 0).label("withheld"),
        )
        .select_from(payment_run.outerjoin(payment, payment.c.run_id == payment_run.c.run_id))
        .group_by(payment_run.c.run_id, payment_run.c.made_at, payment_run.c.made_by)
        .order_by(payment_run.c.made_at.desc(), payment_run.c.run_id.desc())
        .limit(limit)
    )
    return [dict(one) for one in found.mappings()]


def find_run(db: Connection, run_id: str) -> dict[str, Any] | None:
    found = db.execute(select(payment_run).where(payment_run.c.run_id == run_id)).mappings().first()
    return dict(found) if found else None
