"""The cash leg of reversals: what the channels' bills say of it, and giving money back again."""

from datetime import date, datetime

from pos_subsidy.domain import refunds
from pos_subsidy.domain.refunds import ATTEMPTS_MAX, Refund, Seen
from pos_subsidy.errors import Conflict, NotFound
from pos_subsidy.services import approving
from pos_subsidy.services.shop import By, Remember, Shop, forget
from pos_subsidy.statements import Statement
from pos_subsidy.store import journal, redemptions
from pos_subsidy.store.db import TillDatabase, read_transaction, write_transaction
from pos_subsidy.store.redemptions import Redemption

_ACTIONS = {"accepted": "accept", "paid": "pay", "failed": "fail"}


def failed(db: TillDatabase) -> list[tuple[Redemption, Refund]]:
    """Return the refunds that a channel took on and did not pay out, oldest sale first."""
    with read_transaction(db):
        found = redemptions.with_failed_refunds(db)
    return [(sold, one) for sold in found for one in sold.refunds if one.state == "failed"]


def learn(db: TillDatabase, shop: Shop, day: date, statement: Statement, *, now: datetime) -> int:
    """Book what the bill of a day says of refunds, in the caller's transaction; return how many rows.

    The city is owed what it was owed: nothing of a sale or its subsidy changes.
    """
    by_order: dict[str, list[Seen]] = {}
    for row in statement.rows:
        if row.refund and row.channel and statement.channel == row.channel:
            action = _ACTIONS[row.refund_state]
            seen = Seen(row.order_no, row.channel, row.ref, row.amount_fen, action, f"{day} {row.at}")
            by_order.setdefault(row.order_no, []).append(seen)
    owed: dict[str, list[Refund]] = {}
    for sold in redemptions.with_order_nos(db, sorted(by_order)):
        owed.setdefault(sold.order_no, []).extend(sold.refunds)
    booked = 0
    for order_no, reversals in sorted(owed.items()):
        for refund, seen in refunds.news(reversals, by_order[order_no]):
            body = {
                "reversal_id": refund.reversal_id,
                "redemption_id": refund.redemption_id,
                "action": seen.action,
                "channel": seen.channel,
                "ref": seen.ref,
                "amount_fen": seen.amount_fen,
                "seen_at": seen.at,
            }
            journal.append(db, "refund_seen", body, at=now, sign=shop.keyring.sign)
            booked += 1
    return booked


def repeat(
    db: TillDatabase,
    shop: Shop,
    reversal_id: str,
    *,
    channel: str,
    payment_ref: str,
    by: By,
    now: datetime,
    remember: Remember = forget,
) -> Redemption:
    """Book that a failed refund was given again, once; the bill has to show that it arrived.

    Raises:
        NotAllowed: ``approval_required``.
        NotFound: ``reversal_unknown``.
        Conflict: ``refund_not_failed``, or ``refund_repeated``: it was given again before.
    """
    approval = approving.approval(shop, "reverse", by)
    with write_transaction(db):
        now = journal.settled_now(db, now)
        sold = redemptions.of_reversal(db, reversal_id)
        if sold is None:
            raise NotFound("reversal_unknown")
        refund = next(one for one in sold.refunds if one.reversal_id == reversal_id)
        if refund.state != "failed":
            raise Conflict("refund_not_failed", state=refund.state)
        if refund.attempts >= ATTEMPTS_MAX:
            raise Conflict("refund_repeated", attempts=refund.attempts)
        body = {
            "reversal_id": reversal_id,
            "redemption_id": refund.redemption_id,
            "amount_fen": refund.amount_fen,
            "attempt": refund.attempts + 1,
            "channel": channel,
            "payment_ref": payment_ref,
            "business_date": shop.today(now).isoformat(),
            "till": by.till,
            "cashier": by.cashier,
            **approval,
        }
        journal.append(db, "refund_repeated", body, at=now, sign=shop.keyring.sign)
        after = redemptions.find(db, refund.redemption_id)
        remember(after)
    return after
