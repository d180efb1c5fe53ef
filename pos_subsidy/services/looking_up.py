"""Reading, for those who may not know where it is kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pos_subsidy.domain import moments
from pos_subsidy.domain.identifiers import serial_no as serial_nos
from pos_subsidy.domain.person import PersonCard
from pos_subsidy.domain.product import Product
from pos_subsidy.errors import NotFound
from pos_subsidy.services import city_lists, identifying
from pos_subsidy.store import holds, persons, redemptions, vouchers
from pos_subsidy.store.db import TillDatabase, read_transaction
from pos_subsidy.store.holds import Hold, PieceUse
from pos_subsidy.store.redemptions import Line, Payment, Redemption
from pos_subsidy.store.vouchers import Voucher

__all__ = ["Hold", "Line", "Payment", "PieceUse", "Redemption", "Voucher", "VoucherStory"]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a voucher; ``at`` is UTC text."""

    at: str
    what: str
    till: str
    cashier: str
    reference: str


@dataclass(frozen=True, slots=True)
class VoucherStory:
    """A voucher with everything a page shows of it."""

    voucher: Voucher
    person: PersonCard | None
    hold: Hold | None
    redemption: Redemption | None
    product: Product | None


def voucher(db: TillDatabase, code: str) -> VoucherStory:
    """Return a voucher by its code, or raise NotFound."""
    with read_transaction(db):
        return _story(db, vouchers.find(db, code))


def voucher_by_link(db: TillDatabase, link: str) -> VoucherStory:
    """Return the voucher behind a wallet link, or raise NotFound."""
    with read_transaction(db):
        return _story(db, vouchers.find_by_wallet(db, identifying.wallet_hash(link)))


def history(db: TillDatabase, code: str) -> list[Event]:
    """Return what happened to a voucher, oldest first; raises NotFound."""
    with read_transaction(db):
        found = vouchers.find(db, code)
        events = [Event(found.issued_at, "issued", found.till, found.cashier, found.code)]
        for one in holds.of_voucher(db, code):
            events.append(Event(one.held_at, "held", one.till, one.cashier, one.hold_id))
            if one.resolved_at is not None and one.status != "redeemed":
                events.append(Event(one.resolved_at, one.status, one.till, one.cashier, one.hold_id))
        sold = redemptions.of_voucher(db, code)
        for line in sold.lines if sold else ():
            what = {"sale": "redeemed", "full": "reversed", "partial": "repriced", "exchange": "exchanged"}
            events.append(Event(line.at, what[line.kind], line.till, line.cashier, line.line_id))
        if found.status in ("voided", "expired") and found.resolved_at is not None:
            events.append(Event(found.resolved_at, found.status, found.till, "", found.code))
    return sorted(events, key=lambda event: event.at)


def hold(db: TillDatabase, hold_id: str) -> Hold:
    return holds.find(db, hold_id)


def open_holds(db: TillDatabase) -> list[Hold]:
    return holds.open_holds(db)


def redemption(db: TillDatabase, redemption_id: str) -> Redemption:
    with read_transaction(db):
        return redemptions.find(db, redemption_id)


def redemption_of_hold(db: TillDatabase, hold_id: str) -> Redemption | None:
    with read_transaction(db):
        return redemptions.of_hold(db, hold_id)


def redemptions_sold_on(db: TillDatabase, business_date: date) -> list[Redemption]:
    with read_transaction(db):
        return redemptions.sold_on(db, business_date.isoformat())


def each_redemption(db: TillDatabase) -> Iterator[Redemption]:
    """Yield every redemption whose sale stands, in journal order, some at a time."""
    yield from redemptions.everything(db)


def product(db: TillDatabase, gtin: str, on: date) -> Product | None:
    """Return a product as it is filed on a day, by the city or by the shop itself."""
    with read_transaction(db):
        return city_lists.product_on(db, gtin, on)


def product_sold(db: TillDatabase, gtin: str | None, business_date: str) -> Product | None:
    """Return the product of a sale as it was filed on its day; None where the sale names none."""
    return product(db, gtin, date.fromisoformat(business_date)) if gtin else None


def piece(db: TillDatabase, number: str) -> list[PieceUse]:
    """Return every use of a serial number, oldest first.

    Raises:
        Invalid: it cannot be a serial number.
        NotFound: ``not_found``, it was never used here.
    """
    found = holds.piece_history(db, serial_nos.validate(number))
    if not found:
        raise NotFound("not_found")
    return found


def lookalikes(db: TillDatabase, number: str) -> list[str]:
    """Return known numbers that differ from this one only by O for 0 or I for 1."""
    normalised = serial_nos.validate(number)
    folded = serial_nos.lookalike(normalised)
    return [known for known in holds.lookalikes(db, folded) if known != normalised]


def person_of(db: TillDatabase, person_key: str) -> PersonCard | None:
    return persons.card(db, person_key)


def _story(db: TillDatabase, found: Voucher) -> VoucherStory:
    return VoucherStory(
        voucher=found,
        person=persons.card(db, found.person_key),
        hold=holds.live_of_voucher(db, found.code),
        redemption=redemptions.of_voucher(db, found.code),
        product=city_lists.product_on(db, found.gtin, _day_of(found)) if found.gtin else None,
    )


def _day_of(found: Voucher) -> date:
    # Only for what the product is called; what it is granted is decided by the day of the sale.
    return moments.moment(found.issued_at).date()
