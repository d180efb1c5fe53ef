"""Redeem a hold once the customer has paid. Final, once, never lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pos_subsidy.domain import moments
from pos_subsidy.errors import Conflict, Invalid
from pos_subsidy.services import doubts, identifying, rules_age, standing
from pos_subsidy.services.holds import redeemed_already
from pos_subsidy.services.shop import By, Remember, Shop, forget
from pos_subsidy.store import holds, journal, redemptions, vouchers
from pos_subsidy.store.db import TillDatabase, write_transaction
from pos_subsidy.store.holds import Hold
from pos_subsidy.store.redemptions import Payment, Redemption
from pos_subsidy.store.state import pieces_of


@dataclass(frozen=True, slots=True)
class Paid:
    """What the customer paid, in one payment or several. Amounts are fen."""

    paid_fen: int
    payments: Sequence[Payment]

    def __post_init__(self) -> None:
        if sum(payment.amount_fen for payment in self.payments) != self.paid_fen:
            raise Invalid("payments_do_not_add_up", paid_fen=self.paid_fen)


def redeem(
    db: TillDatabase,
    shop: Shop,
    hold_id: str,
    paid: Paid,
    *,
    by: By,
    now: datetime,
    remember: Remember = forget,
) -> Redemption:
    """Redeem the voucher behind a hold.

    A payment that arrives after the hold's time is booked late while voucher, unit and
    piece are free. One that cannot be booked any more is journalled as orphaned, with what
    to do about the money.

    Raises:
        NotFound: no such hold.
        Conflict: ``paid_amount_differs`` (the hold stays), ``hold_redeemed``,
            ``hold_expired`` or ``hold_released`` (the payment is journalled).
    """
    lost: Conflict | None = None
    with write_transaction(db):
        now = journal.settled_now(db, now)
        hold = holds.find(db, hold_id)
        if hold.status == "redeemed":
            raise redeemed_already(db, hold)
        lost = _why_lost(db, hold)
        if lost is None:
            if paid.paid_fen != hold.payable_fen:
                raise Conflict("paid_amount_differs", payable_fen=hold.payable_fen, paid_fen=paid.paid_fen)
            redemption = _book(db, shop, hold, paid, by=by, now=now)
            remember(redemption)
        else:
            _journal_orphan(db, shop, hold, paid, lost.code, now=now)
    if lost is not None:
        raise lost
    if hold.authorisation == "online" and shop.city is not None:
        shop.city.confirm_later(hold_id)
    return redemption


def _why_lost(db: TillDatabase, hold: Hold) -> Conflict | None:
    """Return why a hold that is over cannot be redeemed any more, or None if it can."""
    if hold.status == "held":
        return None
    if hold.status == "released":
        return Conflict("hold_released", released_at=hold.resolved_at, payable_fen=hold.payable_fen)
    voucher = vouchers.find(db, hold.voucher)
    expired = Conflict("hold_expired", expired_at=hold.expires_at, payable_fen=hold.payable_fen)
    if voucher.status not in ("issued", "expired"):
        return expired
    numbers = {"serial_no": hold.serial_no, "imei1": hold.imei1, "imei2": hold.imei2}
    if any(holds.live_piece(db, space, number) for space, number in pieces_of(numbers)):
        return expired
    # The hold was within the limit when it was taken: only units taken since can be in its way.
    return expired if holds.unit_taken_since(db, hold) else None


def _book(db: TillDatabase, shop: Shop, hold: Hold, paid: Paid, *, by: By, now: datetime) -> Redemption:
    voucher = vouchers.find(db, hold.voucher)
    redemption_id = identifying.redemption_id(date.fromisoformat(hold.business_date))
    body: dict[str, Any] = {
        "redemption_id": redemption_id,
        "hold_id": hold.hold_id,
        "voucher": hold.voucher,
        "order_no": hold.order_no,
        "category": hold.category,
        "unit_class": hold.unit_class,
        "programme": hold.programme,
        "policy_version": hold.policy_version,
        "clause": hold.clause,
        "person_key": hold.person_key,
        "commitment": voucher.commitment,
        "gtin": hold.gtin,
        "energy_rating": hold.energy_rating,
        "serial_no": hold.serial_no,
        "imei1": hold.imei1,
        "imei2": hold.imei2,
        "price_fen": hold.price_fen,
        "subsidy_fen": hold.subsidy_fen,
        "payable_fen": hold.payable_fen,
        "payments": [
            {"channel": one.channel, "payment_ref": one.payment_ref, "amount_fen": one.amount_fen}
            for one in paid.payments
        ],
        "business_date": hold.business_date,
        "late": moments.text(now) > hold.expires_at,
        "held_at": hold.held_at,
        "authorisation": hold.authorisation,
        "identity_checked": bool(hold.identity_checked),
        "standing": standing.standing(db),
        **({"rules_heard_at": rules_age.heard_at(db)} if shop.city is not None else {}),
        "signals": [signal.code for signal in doubts.signals(db, shop, hold)],
        "till": by.till,
        "cashier": by.cashier,
    }
    journal.append(db, "redeemed", body, at=now, sign=shop.keyring.sign)
    return redemptions.find(db, redemption_id)


def _journal_orphan(db: TillDatabase, shop: Shop, hold: Hold, paid: Paid, why: str, *, now: datetime) -> None:
    for payment in paid.payments:
        known = redemptions.is_orphan_known(
            db, hold.hold_id, channel=payment.channel, payment_ref=payment.payment_ref
        )
        if not known:
            body = {
                "hold_id": hold.hold_id,
                "voucher": hold.voucher,
                "paid_fen": payment.amount_fen,
                "channel": payment.channel,
                "payment_ref": payment.payment_ref,
                "why": why,
            }
            journal.append(db, "payment_orphaned", body, at=now, sign=shop.keyring.sign)
