"""What the cashier should look at before she takes the money, though nothing forbids the sale."""

from pos_subsidy.domain.identifiers import serial_no as serial_nos
from pos_subsidy.domain.subsidy import Reason
from pos_subsidy.services.shop import Shop
from pos_subsidy.store import holds, persons, vouchers
from pos_subsidy.store.db import TillDatabase
from pos_subsidy.store.holds import Hold


def doubts(db: TillDatabase, shop: Shop, hold: Hold) -> list[Reason]:
    """Return warnings about a hold: another amount than quoted, a serial number like a known one,

    another person with the same phone who had this class already. Signals never refuse.
    """
    return [*_quote(db, hold), *lookalikes(db, hold.serial_no), *_same_person(db, shop, hold)]


def lookalikes(db: TillDatabase, number: str | None) -> list[Reason]:
    """Return a warning for each known number that reads like this one: O for 0, I for 1.

    Raises:
        Invalid: it cannot be a serial number.
    """
    if not number:
        return []
    normalised = serial_nos.validate(number)
    known = holds.lookalikes(db, serial_nos.lookalike(normalised))
    return [
        Reason("serial_lookalike", {"number": normalised, "known": other}, "")
        for other in known
        if other != normalised
    ]


def _quote(db: TillDatabase, hold: Hold) -> list[Reason]:
    voucher = vouchers.find(db, hold.voucher)
    same_item = (voucher.gtin, voucher.price_fen) == (hold.gtin, hold.price_fen)
    if voucher.subsidy_fen is None or not same_item or voucher.subsidy_fen == hold.subsidy_fen:
        return []
    params = {"quoted_fen": voucher.subsidy_fen, "subsidy_fen": hold.subsidy_fen}
    return [Reason("quote_changed", params, hold.clause)]


def _same_person(db: TillDatabase, shop: Shop, hold: Hold) -> list[Reason]:
    """Return the signal of the pack by which two claimants may be one person: their phone."""
    programme = next((one for one in shop.rulebook.programmes if one.id == hold.programme), None)
    same = programme.same_person if programme else None
    if same is None or "registered_phone" not in same.signals:
        return []
    others = persons.others_with_phone(
        db, hold.person_key, programme=hold.programme, unit_class=hold.unit_class
    )
    # Several people may be masked alike; the same sentence twice would only puzzle.
    told = dict.fromkeys((other.phone_last4, other.masked_name) for other in others)
    return [Reason("same_phone", {"last4": last4, "name": name}, same.source.cited) for last4, name in told]
