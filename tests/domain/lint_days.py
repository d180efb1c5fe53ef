"""Days of a shop that did nothing wrong, and the sales they are made of."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from stdnum import luhn

from pos_subsidy.domain import moments
from pos_subsidy.domain.evidence import Given
from pos_subsidy.domain.lint_case import Claimant, Credit, Filing, LintDay, PhotoUse, Sold
from pos_subsidy.domain.product import Product

SHOP, HAIYAN, NINGBO = "330402", "330424", "330212"
DAY = date(2026, 11, 20)
# Class -> model prefix, usual price in fen, where its serial is read, whether it has an IMEI.
_CLASSES = {
    "refrigerator": ("BCD-", 420_000, "till", False),
    "washing_machine": ("XQG", 310_000, "delivery", False),
    "air_conditioner": ("KFR-", 360_000, "delivery", False),
    "television": ("L55-", 380_000, "till", False),
    "phone": ("P-", 330_000, "till", True),
}


def at(clock: str, on: date = DAY) -> datetime:
    return datetime.combine(on, time.fromisoformat(clock), UTC)


def photo(part: str, number: int, *, serial_no: str | None = None, **more: Any) -> Given:
    """Return a photo that no other number's is like."""
    bits = random.Random(number)
    told = {
        "kind": part.split("_")[0],
        "sha256": f"{bits.getrandbits(256):064x}",
        "dhash": f"{bits.getrandbits(64):016x}",
        "serial_no": serial_no,
        "taken_at": None,
        "region": None,
    }
    return Given(part, {**told, **more})


def invoice(number: str, total_fen: int, issued_on: date = DAY, **more: Any) -> Given:
    told = {"number": number, "code": "", "total_fen": total_fen, "issued_on": issued_on.isoformat()}
    content = {**told, "buyer_is_claimant": True, "items": 1, **more}
    return Given("invoice", content, moments.text(at("12:00", issued_on)))


def delivery(on: date = DAY, *, signed: bool = True, region: str | None = SHOP) -> Given:
    return Given(
        "delivery_note",
        {"delivered_on": on.isoformat(), "signed": signed, "region": region, "note_no": None},
    )


def product(category: str, number: int, price_fen: int | None = None, **more: Any) -> Product:
    prefix, usual, _serial_at, is_phone = _CLASSES[category]
    filed_fen = price_fen or usual
    made = Product(
        gtin=f"69{number:011d}",
        category=category,
        brand="样例",
        model=f"{prefix}{500 + number}",
        name=category,
        energy_rating=None if is_phone else 1,
        has_rating_system=not is_phone,
        label_record_no="R",
        filed_price_fen=filed_fen,
        mean_price_30d_fen=filed_fen * 97 // 100,
    )
    return replace(made, **more)


def sale(number: int, filed: Product, when: datetime, price_fen: int | None = None, **more: Any) -> Sold:
    """Return a sale with all that belongs to it."""
    _prefix, _usual, serial_at, is_phone = _CLASSES[filed.category]
    price = price_fen or filed.filed_price_fen
    serial_no, imei = f"{filed.model[:3]}{filed.gtin[-4:]}X{number:06d}", imei_of(number)
    given = [
        photo("box_photo", 10 * number, serial_no=serial_no),
        invoice(f"25{number:018d}", price, when.date()),
    ]
    if is_phone:
        given.append(photo("screen_photo", 10 * number + 1, serial_no=imei))
    if serial_at == "delivery":
        given.append(photo("delivery_photo", 10 * number + 2, serial_no=serial_no, region=SHOP))
        given.append(delivery(when.date()))
    made = Sold(
        redemption_id=f"r{number}",
        order_no=f"O-{number}",
        who=Claimant(f"p{number}", f"phone{number}", f"name{number}"),
        cashier=f"c{number % 3}",
        category=filed.category,
        sold_on=when.date(),
        held_at=when - timedelta(minutes=4),
        redeemed_at=when,
        price_fen=price,
        net_price_fen=price,
        subsidy_fen=price * 15 // 100,
        gtin=filed.gtin,
        filed=filed,
        catalogue_required=True,
        energy_rating=filed.energy_rating,
        serial_no=serial_no,
        imeis=(imei,) if is_phone else (),
        imei_required=is_phone,
        serial_at=serial_at,
        cap_price_fen=1_000_000 if not is_phone else 333_334,
        ceiling_fen=600_000 if is_phone else None,
        payment_refs=(f"W{number}",),
        given=tuple(given),
    )
    return replace(made, **more)


def imei_of(number: int) -> str:
    body = f"86{number:012d}"
    return body + luhn.calc_check_digit(body)


def day_of(sales: list[Sold], before: list[Sold] = [], **more: Any) -> LintDay:  # noqa: B006
    """Return a day with everything that the shop's books would say of it."""
    near = [*before, *sales]
    uses = [use for one in near for use in uses_of(one)]
    invoices: dict[str, list[str]] = {}
    for one in near:
        if part := one.part("invoice"):
            invoices.setdefault(part.content["number"], []).append(one.order_no)
    told = {"photos": uses, "invoices": invoices, "staff": frozenset({"staff1"}), **more}
    return LintDay(sales[0].sold_on, SHOP, sales, near, **told)


def uses_of(one: Sold) -> list[PhotoUse]:
    return [
        PhotoUse(one.redemption_id, one.order_no, part.content["sha256"], part.content["dhash"])
        for part in one.photos
    ]


def clean_days(count: int, *, seed: int) -> Iterator[LintDay]:
    """Yield days as honest shops have them: couples, late lines, goods taken back, prices on the move."""
    rng = random.Random(seed)
    goods = [
        product(category, 100 * place + number, rng.randrange(200_000, 560_000, 100))
        for place, category in enumerate(_CLASSES)
        for number in range(8)
    ]
    filings = {
        one.gtin: (Filing(date(2025, 1, 1), one.filed_price_fen + 5_000), Filing(DAY, one.filed_price_fen))
        for one in goods
    }
    near: list[Sold] = []
    number = 0
    for place in range(count):
        on = date(2025, 1, 1) + timedelta(place % 720)
        near = [] if place % 720 == 0 else [one for one in near if one.sold_on > on - timedelta(30)]
        sales: list[Sold] = []
        minute = 9 * 60 + rng.randrange(20)
        for _nth in range(rng.randrange(3, 10)):
            number += 1
            minute += rng.randrange(3, 60)
            sales.append(_honest(rng, number, goods, at("00:00", on) + timedelta(minutes=minute), sales))
        yield day_of(sales, near, filings=filings)
        near += sales


def _honest(
    rng: random.Random, number: int, goods: list[Product], when: datetime, others: list[Sold]
) -> Sold:
    filed = rng.choice(goods)
    price = filed.filed_price_fen * rng.randrange(970, 1001) // 1000
    one = sale(number, filed, when, price)
    chance = rng.random()
    alone = others and others[-1].who.phone_hash.removeprefix("phone") == others[-1].who.person_key[1:]
    if chance < 0.05 and alone:  # a couple with one phone between them
        return replace(one, who=replace(one.who, phone_hash=others[-1].who.phone_hash))
    if chance < 0.08:  # the line was lost while the customer paid
        return replace(one, held_at=one.held_at - timedelta(minutes=50))
    if chance < 0.10:  # taken back, with its credit note
        return replace(one, credits=(Credit(f"CN{number}", when + timedelta(hours=2), is_full=True),))
    if chance < 0.12:  # a little given back, and the invoice issued anew
        left = price - 5_000
        again = invoice(f"26{number:018d}", left, when.date() + timedelta(1))
        credit = Credit(f"CN{number}", when + timedelta(hours=1), is_full=False)
        parts = tuple(again if part.part == "invoice" else part for part in one.given)
        return replace(one, net_price_fen=left, credits=(credit,), given=parts)
    if chance < 0.14:  # nothing handed in yet
        return replace(one, given=())
    if chance < 0.16 and others and others[-1].category != one.category:  # two items of one order
        before = others[-1]
        return replace(
            one,
            who=before.who,
            order_no=before.order_no,
            payment_refs=before.payment_refs,
            redeemed_at=before.redeemed_at,
            held_at=before.held_at,
        )
    return one
