"""What the cashier should look at before she takes the money, though nothing forbids the sale."""

from datetime import date, timedelta

from pos_subsidy.domain.identifiers import serial_no as serial_nos
from pos_subsidy.domain.subsidy import Reason
from pos_subsidy.services.shop import Shop
from pos_subsidy.store import holds, persons, redemptions, vouchers
from pos_subsidy.store.db import TillDatabase
from pos_subsidy.store.holds import Hold

# One return is a customer's right; what comes back again and again is for people to look at.
_ROUNDS, _WITHIN_DAYS = 3, 7


def doubts(db: TillDatabase, shop: Shop, hold: Hold) -> list[Reason]:
    """Return warnings about a hold: another amount than quoted, and what ``signals`` returns."""
    return [*_quote(db, hold), *signals(db, shop, hold)]


def signals(db: TillDatabase, shop: Shop, hold: Hold) -> list[Reason]:
    """Return what the city is told of with the redemption, for people to look at; none refuses.

    A serial number like a known one, another person with the same phone who had this class
    already, the same person and piece sold and taken back before.
    """
    return [
        *lookalikes(db, hold.serial_no),
        *_same_person(db, shop, hold),
        *_sold_again(db, hold),
    ]


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


def _sold_again(db: TillDatabase, hold: Hold) -> list[Reason]:
    since = date.fromisoformat(hold.business_date) - timedelta(days=_WITHIN_DAYS - 1)
    back = redemptions.taken_back(
        db,
        hold.person_key,
        serial_no=hold.serial_no,
        imei1=hold.imei1,
        since=since.isoformat(),
    )
    if back + 1 < _ROUNDS:
        return []
    piece = hold.serial_no or hold.imei1
    return [Reason("sold_and_taken_back", {"number": piece, "times": back, "days": _WITHIN_DAYS}, "")]
