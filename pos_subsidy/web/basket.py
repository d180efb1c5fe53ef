"""The order that is being put together: items with a voucher, items without, one discount.

Kept in the cashier's signed session, and without anything about a person: numbers, names
of goods, prices, voucher codes. What is on hold or redeemed is read from the shop's books.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from flask import request, session

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.domain.allocation import shares
from pos_subsidy.domain.money import yuan
from pos_subsidy.errors import Conflict, Invalid, SubsidyError
from pos_subsidy.services import looking_up, orders
from pos_subsidy.services.orders import Booked
from pos_subsidy.web import forms, verdicts
from pos_subsidy.web import sale as sales
from pos_subsidy.web.rendering import money
from pos_subsidy.web.sale import Draft
from pos_subsidy.web.verdicts import Point

_KEPT_AS = "basket"
_MOST_ITEMS = 12  # a session is a cookie of 4 kB
_LONGEST_NAME = 40
_BOUND = ("held", "redeemed", "reversed")


@dataclass(frozen=True, slots=True)
class Item:
    """One item as scanned; without a voucher it gets no subsidy."""

    draft: Draft
    name: str = ""

    @property
    def price_fen(self) -> int:
        return forms.amount_fen(self.draft.price)


@dataclass(frozen=True, slots=True)
class Basket:
    """An order's items before they are held. ``seen`` is the last form that changed it."""

    order_no: str = ""
    items: tuple[Item, ...] = ()
    discount_fen: int = 0
    paid: bool = False
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an order: as planned, or as booked. ``place`` is None for what is only booked."""

    place: int | None
    name: str
    category: str | None
    state: str
    list_fen: int
    share_fen: int
    subsidy_fen: int
    voucher: str = ""
    serial_no: str = ""
    booked: Booked | None = None
    draft: Draft | None = None  # with the final price
    points: tuple[Point, ...] = ()

    @property
    def final_fen(self) -> int:
        return self.list_fen - self.share_fen

    @property
    def payable_fen(self) -> int:
        return self.final_fen - self.subsidy_fen

    @property
    def is_to_hold(self) -> bool:
        return bool(self.voucher) and self.state not in _BOUND


def load() -> Basket:
    """Return the order of this session."""
    kept: Mapping[str, Any] = session.get(_KEPT_AS) or {}
    items = tuple(Item(Draft(**one["draft"]), one["name"]) for one in kept.get("items", ()))
    return Basket(**{**kept, "items": items})


def of(order_no: str) -> Basket:
    """Return the session's order if it has this number, else an empty one of that number."""
    kept = load()
    return kept if kept.order_no == order_no else Basket(order_no)


def clear() -> None:
    session.pop(_KEPT_AS, None)


def rows(basket: Basket) -> list[Row]:
    """Return the order's lines with their shares of the discount and what became of them."""
    vouchers = [item.draft.voucher for item in basket.items if item.draft.voucher]
    booked = {one.hold.voucher: one for one in orders.of_order(get_db(), basket.order_no, also=vouchers)}
    split = shares(basket.discount_fen, [item.price_fen for item in basket.items])
    planned = [
        _row(place, item, share_fen, booked.get(item.draft.voucher))
        for place, (item, share_fen) in enumerate(zip(basket.items, split, strict=True))
    ]
    others = [_booked_row(one) for code, one in booked.items() if code not in vouchers]
    return [*planned, *others]


def add_sale(draft: Draft, *, plain: bool) -> None:
    """Move the sale on the page into the order it names.

    Raises:
        Invalid: ``order_no_required``, ``price_invalid``.
        Conflict: the voucher stands there already, or the order takes no more.
    """
    product = looking_up.product(get_db(), draft.gtin, get_shop().today(now())) if draft.gtin else None
    name = f"{product.brand} {product.model}" if product else draft.gtin
    kept = Draft(gtin=draft.gtin, price=draft.price) if plain else replace(draft, order_no="", screen="")
    add(draft.order_no, Item(kept, name[:_LONGEST_NAME]))


def add(order_no: str, item: Item) -> None:
    """Add an item; raises what ``add_sale`` raises."""
    if not order_no:
        raise Invalid("order_no_required")
    basket = load()
    if basket.order_no != order_no:
        if not basket.paid and any(row.state in ("open", "refused", "held") for row in rows(basket)):
            raise Conflict("order_open_elsewhere", order_no=basket.order_no)
        basket = Basket(order_no)
    _must_be_free(basket)
    if len(basket.items) >= _MOST_ITEMS:
        raise Conflict("order_full", most=_MOST_ITEMS)
    code = item.draft.voucher
    if code and any(one.draft.voucher == code for one in basket.items):
        raise Conflict("order_line_repeated", voucher=code)
    price = yuan(item.price_fen)
    kept = replace(item, draft=replace(item.draft, price=price), name=item.name[:_LONGEST_NAME])
    keep(replace(basket, items=(*basket.items, kept), paid=False))


def take_out(basket: Basket, place: int) -> Item:
    """Take an item out that is not on hold, and return it.

    Raises:
        Conflict: ``order_fixed``; ``order_changed``, it is not there any more.
    """
    _must_be_free(basket)
    found = next((row for row in rows(basket) if row.place == place), None)
    if found is None:
        raise Conflict("order_changed")
    if found.state in _BOUND:
        raise Conflict("order_fixed")
    left = (*basket.items[:place], *basket.items[place + 1 :])
    total_fen = sum(item.price_fen for item in left)
    keep(
        replace(
            basket, items=left, discount_fen=basket.discount_fen if basket.discount_fen < total_fen else 0
        )
    )
    return basket.items[place]


def discount(basket: Basket, discount_fen: int) -> None:
    """Set the discount on the whole order.

    Raises:
        Invalid: ``order_discount_too_large``.
        Conflict: ``order_fixed``.
    """
    total_fen = sum(item.price_fen for item in basket.items)
    if discount_fen and discount_fen >= total_fen:
        raise Invalid("order_discount_too_large", total=money(total_fen))
    if discount_fen != basket.discount_fen and _is_bound(basket):
        raise Conflict("order_fixed")
    keep(replace(basket, discount_fen=discount_fen))


def keep(basket: Basket) -> None:
    kept = asdict(replace(basket, items=(), seen=request.form.get("once", "")[:64]))
    drafts = ((asdict(item.draft), item.name) for item in basket.items)
    kept["items"] = [
        {"draft": {name: value for name, value in draft.items() if value}, "name": label}
        for draft, label in drafts
    ]
    session[_KEPT_AS] = kept


def is_repeated(basket: Basket) -> bool:
    """Say whether this very form changed the order before."""
    return bool(basket.seen) and request.form.get("once") == basket.seen


def due_fen(found: Sequence[Row], *, paid: bool) -> int:
    """Return what the customer pays now for what is on hold and what gets no subsidy."""
    states = ("held",) if paid else ("held", "plain")
    return sum(row.payable_fen for row in found if row.state in states)


def _must_be_free(basket: Basket) -> None:
    if basket.discount_fen and _is_bound(basket):
        raise Conflict("order_fixed")


def _is_bound(basket: Basket) -> bool:
    return any(row.state in _BOUND for row in rows(basket) if row.place is not None)


def _row(place: int, item: Item, share_fen: int, booked: Booked | None) -> Row:
    draft = item.draft
    final = replace(draft, price=yuan(item.price_fen - share_fen))
    row = Row(
        place,
        item.name,
        None,
        "plain",
        item.price_fen,
        share_fen,
        0,
        draft.voucher,
        draft.serial_no,
        booked,
        final,
    )
    if not draft.voucher:
        return row
    if booked is not None and booked.state in _BOUND:
        # What is on hold was reckoned then, whatever the list says now.
        hold = booked.hold
        return replace(
            row,
            category=hold.category,
            state=booked.state,
            list_fen=hold.price_fen + share_fen,
            subsidy_fen=hold.subsidy_fen,
            serial_no=hold.serial_no or "",
        )
    try:
        counter = sales.look(final)
    except SubsidyError as error:
        return replace(row, state="refused", points=verdicts.of_error(error).points)
    outcome = counter.outcome
    if outcome is None or not outcome.eligible:
        told = verdicts.points(outcome.refusals) if outcome else ()
        return replace(row, category=counter.category, state="refused", points=told)
    state = booked.state if booked else "open"
    return replace(row, category=counter.category, state=state, subsidy_fen=outcome.subsidy_fen)


def _booked_row(booked: Booked) -> Row:
    hold = booked.hold
    product = looking_up.product_sold(get_db(), hold.gtin, hold.business_date)
    name = f"{product.brand} {product.model}" if product else ""
    return Row(
        None,
        name,
        hold.category,
        booked.state,
        hold.price_fen,
        0,
        hold.subsidy_fen,
        hold.voucher,
        hold.serial_no or "",
        booked,
    )
