"""What is on hold or redeemed under one order number."""

from collections.abc import Iterable
from dataclasses import dataclass

from pos_subsidy.store import holds, redemptions
from pos_subsidy.store.db import TillDatabase, read_transaction
from pos_subsidy.store.holds import Hold
from pos_subsidy.store.redemptions import Redemption


@dataclass(frozen=True, slots=True)
class Booked:
    """The last hold of one voucher under an order, and the redemption if it came to one."""

    hold: Hold
    redemption: Redemption | None

    @property
    def state(self) -> str:
        """Return held, released, expired, redeemed or reversed."""
        return self.redemption.status if self.redemption else self.hold.status


def of_order(db: TillDatabase, order_no: str, *, also: Iterable[str] = ()) -> list[Booked]:
    """Return what an order has, by voucher, in the order of the holds.

    ``also`` names vouchers whose released or expired holds under this order count too.
    """
    with read_transaction(db):
        found = {hold.voucher: hold for hold in holds.of_order(db, order_no)}
        for code in also:
            tried = [hold for hold in holds.of_voucher(db, code) if hold.order_no == order_no]
            if tried:
                found[code] = tried[-1]
        ordered = sorted(found.values(), key=lambda hold: hold.journal_seq)
        return [Booked(hold, redemptions.of_hold(db, hold.hold_id)) for hold in ordered]
