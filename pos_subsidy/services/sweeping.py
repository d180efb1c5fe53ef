"""Give back what time has ended: holds nobody paid for, vouchers nobody used."""

import logging
from dataclasses import dataclass
from datetime import datetime

from pos_subsidy.errors import SubsidyError
from pos_subsidy.services import holds as hold_service
from pos_subsidy.services.shop import Shop
from pos_subsidy.store import holds, journal, vouchers
from pos_subsidy.store.db import TillDatabase, write_transaction

log = logging.getLogger(__name__)
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Swept:
    holds: int
    vouchers: int
    stuck: int


def sweep(db: TillDatabase, shop: Shop, *, now: datetime) -> Swept:
    """End every hold and voucher whose time is over, one transaction each.

    One that cannot be ended is counted and passed; it delays nobody but itself.
    """
    swept_holds = swept_vouchers = stuck = 0
    after = ("", "")
    while due := holds.due(db, now, limit=_AT_ONCE, after=after):
        for hold in due:
            ended = _end_hold(db, shop, hold.hold_id, now=now)
            swept_holds += ended is True
            stuck += ended is None
        after = (due[-1].expires_at, due[-1].hold_id)
    while due_codes := vouchers.due(db, now, limit=_AT_ONCE):
        ended_now = sum(_expire(db, shop, code, now=now) for code in due_codes)
        swept_vouchers += ended_now
        if ended_now < len(due_codes):
            break
    return Swept(swept_holds, swept_vouchers, stuck)


def _end_hold(db: TillDatabase, shop: Shop, hold_id: str, *, now: datetime) -> bool | None:
    """Return whether the hold was ended here; None if it is stuck."""
    try:
        with write_transaction(db):
            hold = holds.find(db, hold_id)
            if hold.status != "held":
                return False  # redeemed or released while we came
            hold_service.end(db, shop, hold, kind="hold_expired", reason="time_over", now=now)
    except (SubsidyError, AssertionError) as error:
        log.error("hold %s cannot be swept: %s", hold_id, error)
        return None
    if hold.authorisation == "online" and shop.city is not None:
        shop.city.cancel_later(hold_id)
    return True


def _expire(db: TillDatabase, shop: Shop, code: str, *, now: datetime) -> bool:
    try:
        with write_transaction(db):
            if vouchers.find(db, code).status != "issued":
                return True
            journal.append(db, "voucher_expired", {"voucher": code}, at=now, sign=shop.keyring.sign)
    except SubsidyError as error:
        log.error("voucher %s… cannot be swept: %s", code[:4], error)
        return False
    return True
