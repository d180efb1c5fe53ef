"""What the cashier should look at before she takes the money, though nothing forbids the sale."""

from pos_subsidy.domain.identifiers import serial_no as serial_nos
from pos_subsidy.domain.subsidy import Reason
from pos_subsidy.store import holds, vouchers
from pos_subsidy.store.db import TillDatabase
from pos_subsidy.store.holds import Hold


def doubts(db: TillDatabase, hold: Hold) -> list[Reason]:
    """Return warnings about a hold: an amount other than quoted, a serial number like a known one."""
    return [*_quote(db, hold), *_lookalikes(db, hold)]


def _quote(db: TillDatabase, hold: Hold) -> list[Reason]:
    voucher = vouchers.find(db, hold.voucher)
    same_item = (voucher.gtin, voucher.price_fen) == (hold.gtin, hold.price_fen)
    if voucher.subsidy_fen is None or not same_item or voucher.subsidy_fen == hold.subsidy_fen:
        return []
    params = {"quoted_fen": voucher.subsidy_fen, "subsidy_fen": hold.subsidy_fen}
    return [Reason("quote_changed", params, hold.clause)]


def _lookalikes(db: TillDatabase, hold: Hold) -> list[Reason]:
    if hold.serial_no is None:
        return []
    known = holds.lookalikes(db, serial_nos.lookalike(hold.serial_no))
    return [
        Reason("serial_lookalike", {"number": hold.serial_no, "known": other}, "")
        for other in known
        if other != hold.serial_no
    ]
