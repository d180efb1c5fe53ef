"""Every planted fraud and mistake is found, by name; an honest shop hears nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pos_subsidy.domain import words
from pos_subsidy.domain.lint import LIMITS, findings, window_days
from pos_subsidy.domain.lint_case import Claimant, Credit, Filing, LintDay, Sold
from pos_subsidy.policy import load_rulebook
from tests.domain import lint_days as days
from tests.domain.lint_days import DAY, HAIYAN, NINGBO, at, day_of, delivery, imei_of, photo, product, sale

CONTROLS = load_rulebook().controls
FRIDGE, PHONE, WASHER = product("refrigerator", 1), product("phone", 2), product("washing_machine", 3)


def fridge(number: int = 1, clock: str = "10:00", **more: Any) -> Sold:
    return sale(number, FRIDGE, at(clock), **more)


def phone(number: int = 2, clock: str = "11:00", **more: Any) -> Sold:
    return sale(number, PHONE, at(clock), **more)


def washer(number: int = 3, clock: str = "12:00", **more: Any) -> Sold:
    return sale(number, WASHER, at(clock), **more)


def instead(sold: Sold, *parts: Any) -> Sold:
    """Return a sale with other parts of evidence in place of its own."""
    names = [one.part for one in parts]
    return replace(sold, given=(*(one for one in sold.given if one.part not in names), *parts))


def without(sold: Sold, part: str) -> Sold:
    return replace(sold, given=tuple(one for one in sold.given if one.part != part))


def told(sold: Sold, part: str, **content: Any) -> Sold:
    """Return a sale one part of whose evidence says something else."""
    own = sold.part(part)
    assert own
    return instead(sold, replace(own, content={**own.content, **content}))


def only(sold: Sold) -> LintDay:
    return day_of([sold])


def _filed(sold: Sold, **changes: Any) -> LintDay:
    assert sold.filed
    return only(replace(sold, filed=replace(sold.filed, **changes)))


def _copied_photo() -> LintDay:
    first = fridge()
    copied = first.part("box_photo")
    assert copied
    return day_of([first, told(fridge(4), "box_photo", sha256=copied.content["sha256"])])


def _nearly_copied_photo() -> LintDay:
    first = fridge()
    own = first.part("box_photo")
    assert own
    near = f"{int(own.content['dhash'], 16) ^ 0b101:016x}"
    return day_of([told(fridge(4), "box_photo", dhash=near)], [_before(first, 1)])


def _before(sold: Sold, number_of_days: int) -> Sold:
    back = timedelta(number_of_days)
    given = tuple(one for one in sold.given if one.part != "invoice")
    return replace(
        sold,
        sold_on=sold.sold_on - back,
        held_at=sold.held_at - back,
        redeemed_at=sold.redeemed_at - back,
        given=given,
    )


def _run(
    count: int, make: Callable[[int], Sold], *, seconds: int, before: list[Sold] | None = None
) -> LintDay:
    sales = []
    for number in range(count):
        one, moved = make(100 + number), timedelta(seconds=seconds * number)
        sales.append(replace(one, held_at=one.held_at + moved, redeemed_at=one.redeemed_at + moved))
    return day_of(sales, before or [])


def _by_one_person(number: int, **more: Any) -> Sold:
    return sale(number, product("phone", number), at("09:00"), who=Claimant("p", "h", "n"), **more)


def _at_the_cap(number: int) -> Sold:
    dear = product("refrigerator", number, 1_000_000)
    return sale(number, dear, at("09:00"), cap_price_fen=1_000_000)


def _taken_back(number: int, days_ago: int, **more: Any) -> Sold:
    credit = Credit(f"CN{number}", at("12:00"), is_full=True)
    return _before(fridge(number, credits=(credit,), **more), days_ago)


IMEI, OTHER_IMEI = imei_of(2), imei_of(77)
# id -> what somebody did, the code by which it is found, the day on which it was done.
PLANTED: dict[str, tuple[str, str, LintDay]] = {
    "S1": ("no serial number", "lint_serial_missing", only(fridge(serial_no=None))),
    "S2": ("delivered, and still no serial number", "lint_serial_missing", only(washer(serial_no=None))),
    "S3": (
        "a serial number of three characters",
        "lint_serial_odd",
        only(without(fridge(serial_no="A-12"), "box_photo")),
    ),
    "S4": (
        "a serial number of one digit over and over",
        "lint_serial_odd",
        only(without(fridge(serial_no="00000000"), "box_photo")),
    ),
    "S5": (
        "the bar code as serial number",
        "lint_serial_odd",
        only(without(fridge(serial_no=FRIDGE.gtin), "box_photo")),
    ),
    "S6": (
        "the box shows another serial number",
        "lint_serial_photo_differs",
        only(told(fridge(), "box_photo", serial_no="BCD-OTHER-77")),
    ),
    "S7": (
        "the delivery's photo shows another serial number",
        "lint_serial_photo_differs",
        only(told(washer(), "delivery_photo", serial_no="XQG-OTHER-77")),
    ),
    "S8": (
        "the invoice names another serial number",
        "lint_serial_invoice_differs",
        only(told(fridge(), "invoice", serial_no="BCD-OTHER-77")),
    ),
    "S9": (
        "one piece sold twice",
        "lint_serial_twice",
        day_of([fridge(4, serial_no=fridge().serial_no, given=())], [_before(fridge(), 5)]),
    ),
    "S10": (
        "IMEI 1 and 2 swapped, to claim a phone again",
        "lint_serial_twice",
        day_of(
            [phone(5, imeis=(OTHER_IMEI, IMEI), given=())],
            [_before(phone(imeis=(IMEI, OTHER_IMEI)), 5)],
        ),
    ),
    "S11": (
        "O in place of 0, to claim a piece again",
        "lint_serial_lookalike",
        day_of([fridge(4, serial_no="BCDO0017", given=())], [_before(fridge(serial_no="BCD00017"), 3)]),
    ),
    "S12": (
        "a phone without an IMEI",
        "lint_imei_missing",
        only(without(phone(imeis=()), "screen_photo")),
    ),
    "S13": (
        "another phone was activated",
        "lint_imei_photo_differs",
        only(told(phone(), "screen_photo", serial_no=OTHER_IMEI)),
    ),
    "R1": (
        "delivered to another city",
        "lint_region_differs",
        only(
            told(instead(washer(), delivery(region=NINGBO)), "delivery_photo", region=NINGBO),
        ),
    ),
    "R2": (
        "a photo taken in another city",
        "lint_region_differs",
        only(told(fridge(), "box_photo", region=NINGBO)),
    ),
    "R3": (
        "the delivery's photo is of another county than the note",
        "lint_region_parts_differ",
        only(instead(washer(), delivery(region=HAIYAN))),
    ),
    "P1": ("dearer than filed", "lint_price_over_filed", _filed(fridge(), filed_price_fen=419_999)),
    "P2": (
        "dearer than the mean of the month",
        "lint_price_over_mean",
        _filed(fridge(), filed_price_fen=420_000, mean_price_30d_fen=381_000),
    ),
    "P3": (
        "filed far above the market",
        "lint_filed_over_mean",
        _filed(fridge(), filed_price_fen=600_000, mean_price_30d_fen=420_000),
    ),
    "P4": (
        "raised just before the subsidy, while others paid less",
        "lint_price_raised",
        day_of(
            [fridge(9, price_fen=419_000)],
            [_before(fridge(4, price_fen=380_000), 9), _before(fridge(5, price_fen=385_000), 2)],
        ),
    ),
    "P5": (
        "the filing raised some days before",
        "lint_filing_raised",
        day_of(
            [fridge()],
            filings={
                FRIDGE.gtin: (
                    Filing(DAY - timedelta(90), 380_000),
                    Filing(DAY - timedelta(3), 420_000),
                )
            },
        ),
    ),
    "G1": ("a television sold as refrigerator", "lint_model_contradicts", _filed(fridge(), model="KFR-35")),
    "G2": (
        "sold as a class it is not filed as",
        "lint_category_differs",
        _filed(fridge(), category="television"),
    ),
    "G3": ("sold with a better rating", "lint_rating_differs", _filed(fridge(), energy_rating=2)),
    "G4": ("goods that nobody filed", "lint_not_filed", only(replace(fridge(), filed=None))),
    "F1": ("one photo for two sales", "lint_photo_reused", _copied_photo()),
    "F2": ("a photo compressed and used again", "lint_photo_alike", _nearly_copied_photo()),
    "F3": (
        "a photo from last week",
        "lint_photo_too_early",
        only(told(fridge(), "box_photo", taken_at="2026-11-13T10:00:00+00:00")),
    ),
    "F4": (
        "one photo as box and as screen",
        "lint_photo_reused",
        only(instead(phone(), photo("screen_photo", 20, serial_no=IMEI))),
    ),
    "I1": (
        "one invoice for two sales",
        "lint_invoice_twice",
        day_of([fridge(), told(fridge(4), "invoice", number=f"25{1:018d}")]),
    ),
    "I2": (
        "the invoice taken back by a credit note",
        "lint_invoice_reversed",
        only(fridge(credits=(Credit("CN-9", at("18:00"), is_full=False),))),
    ),
    "I3": (
        "a credit note handed in as invoice",
        "lint_invoice_reversed",
        only(told(fridge(net_price_fen=-100), "invoice", total_fen=-100)),
    ),
    "I4": (
        "an invoice of one fen more",
        "lint_invoice_total_differs",
        only(told(fridge(), "invoice", total_fen=420_001)),
    ),
    "I5": (
        "an invoice in somebody else's name",
        "lint_invoice_buyer_differs",
        only(told(fridge(), "invoice", buyer_is_claimant=False)),
    ),
    "I6": (
        "three items on an invoice",
        "lint_invoice_several_items",
        only(told(fridge(), "invoice", items=3)),
    ),
    "I7": (
        "an invoice from before the sale",
        "lint_invoice_too_early",
        only(told(fridge(), "invoice", issued_on="2026-11-18")),
    ),
    "I8": (
        "taken back, the invoice still good",
        "lint_credit_note_missing",
        only(fridge(credits=(Credit(None, at("18:00"), is_full=True),))),
    ),
    "D1": (
        "a delivery nobody signed",
        "lint_delivery_unsigned",
        only(instead(washer(), delivery(signed=False))),
    ),
    "D2": (
        "a delivery without a photo",
        "lint_delivery_photo_missing",
        only(without(washer(), "delivery_photo")),
    ),
    "D3": (
        "delivered before it was sold",
        "lint_delivery_too_early",
        only(instead(washer(), delivery(DAY - timedelta(2)))),
    ),
    "C1": (
        "one purchase split into two orders",
        "lint_orders_split",
        day_of([fridge(who=Claimant("p")), phone(4, "10:01", who=Claimant("p"))]),
    ),
    "C2": (
        "six sales of one cashier in five minutes",
        "lint_cashier_burst",
        _run(
            6,
            lambda number: sale(
                number,
                product("phone", number),
                at("09:00"),
                cashier="c9",
                serial_no=f"Q{number}CC1",
                given=(),
            ),
            seconds=60,
        ),
    ),
    "C3": (
        "a carton of phones sold within the hour",
        "lint_serial_burst",
        _run(
            6,
            lambda number: sale(number, PHONE, at("09:00"), serial_no=f"CARTON{number}", given=()),
            seconds=420,
        ),
    ),
    "C4": (
        "five phones for one person",
        "lint_person_burst",
        _run(5, lambda number: _by_one_person(number), seconds=3600),
    ),
    "C5": (
        "seven sales with two persons' one phone",
        "lint_phone_burst",
        _run(
            7,
            lambda number: sale(
                number, product("phone", number), at("09:00"), who=Claimant(f"p{number % 2}", "h", "n")
            ),
            seconds=3600,
        ),
    ),
    "C6": (
        "a scalper's phone on three claimants",
        "lint_phone_shared",
        _run(
            3, lambda number: sale(number, PHONE, at("09:00"), who=Claimant(f"p{number}", "h")), seconds=7200
        ),
    ),
    "C7": (
        "one payment for two persons",
        "lint_payment_shared",
        day_of([fridge(), phone(payment_refs=("W1",))]),
    ),
    "C8": (
        "sold, taken back, sold, taken back, sold",
        "lint_rounds",
        day_of(
            [fridge(9, who=Claimant("p"))],
            [_taken_back(7, 3, who=Claimant("p")), _taken_back(8, 2, who=Claimant("p"))],
        ),
    ),
    "C9": (
        "one piece going round among persons",
        "lint_rounds",
        day_of(
            [fridge(9, serial_no="BCD-ROUND-1", given=())],
            [_taken_back(7, 3, serial_no="BCD-ROUND-1"), _taken_back(8, 2, serial_no="BCD-ROUND-1")],
        ),
    ),
    "C10": ("every price at the cap", "lint_cap_crowd", _run(5, _at_the_cap, seconds=3600)),
    "C11": (
        "every phone a yuan under the ceiling",
        "lint_ceiling_crowd",
        _run(5, lambda number: sale(number, product("phone", number, 599_900), at("09:00")), seconds=3600),
    ),
    "C12": (
        "a cashier claims for herself",
        "lint_own_staff",
        only(fridge(who=Claimant("p", "h", "staff1"))),
    ),
    "C13": ("a sale at three in the night", "lint_off_hours", only(fridge(clock="03:00"))),
    "C14": (
        "entered two days after the hold",
        "lint_redeemed_late",
        only(fridge(held_at=at("10:00") - timedelta(days=2), sold_on=DAY)),
    ),
    "C15": (
        "four sales filled in at night's end",
        "lint_back_filled",
        _run(
            4,
            lambda number: sale(number, product("phone", number), at("20:00"), held_at=at("10:00")),
            seconds=240,
        ),
    ),
    "C16": (
        "booked for a day that it was not",
        "lint_other_day",
        only(without(sale(1, FRIDGE, at("10:00", DAY - timedelta(1)), sold_on=DAY), "invoice")),
    ),
}


def codes(day: LintDay) -> set[str]:
    return {one.code for one in findings(day, CONTROLS)}


@pytest.mark.parametrize("case", PLANTED, ids=lambda case: f"{case} {PLANTED[case][0]}")
def test_what_was_planted_is_found_and_nothing_else(case):
    _what, code, day = PLANTED[case]
    assert codes(day) == {code}


def test_every_control_has_something_planted_for_it():
    assert {code for _what, code, _day in PLANTED.values()} == set(LIMITS)
    assert len(PLANTED) >= 40


def test_a_thousand_honest_days_raise_no_alarm():
    found = [
        (day.on, one.code, dict(one.seen))
        for day in days.clean_days(1_000, seed=20_261_120)
        for one in findings(day, CONTROLS)
    ]
    assert found == []


def test_the_honest_days_are_no_empty_days():
    sales = [one for day in days.clean_days(60, seed=1) for one in day.sales]
    assert len(sales) > 200 and sum(not one.stands for one in sales) >= 3
    assert {one.category for one in sales} == set(days._CLASSES)


@pytest.mark.parametrize("code", sorted(LIMITS))
def test_a_finding_says_what_was_seen_why_it_matters_and_what_to_do(code):
    found = [one for _what, own, day in PLANTED.values() if own == code for one in findings(day, CONTROLS)]
    seen = next(one for one in found if one.code == code)
    spoken = words.say(code, seen.seen)
    for sentence in (spoken.detail_zh, spoken.detail_en, spoken.next_step_zh, spoken.next_step_en):
        assert sentence and "?" not in sentence and "{" not in sentence
    zh, en = words.why(code)
    assert zh and en and not any("\u4e00" <= char <= "\u9fff" for char in en)


def test_a_control_outside_its_days_sees_nothing():
    old = [replace(one, last_day=DAY - timedelta(1)) for one in CONTROLS]
    assert findings(PLANTED["S1"][2], old) == []


def test_it_stops_as_the_pack_says():
    def stops(controls):
        return [one.stops for one in findings(PLANTED["C12"][2], controls)]

    assert stops(CONTROLS) == [False]
    assert stops([replace(one, stops=True) for one in CONTROLS]) == [True]


@pytest.mark.parametrize("case", ["C2", "C3", "C4", "C5", "C6", "C10", "C11", "C15"])
def test_as_many_as_the_pack_allows_are_nothing(case):
    _what, code, day = PLANTED[case]
    assert code not in codes(day_of(list(day.sales[:-1]), [one for one in day.near if one not in day.sales]))


def test_one_return_and_one_more_sale_are_a_customers_right():
    assert codes(day_of([fridge(9, who=Claimant("p"))], [_taken_back(7, 3, who=Claimant("p"))])) == set()


def test_a_filing_raised_long_ago_and_a_small_rise_are_nothing():
    for before, filed_on in ((380_000, DAY - timedelta(15)), (400_000, DAY - timedelta(3))):
        known = (Filing(DAY - timedelta(90), before), Filing(filed_on, 420_000))
        assert codes(day_of([fridge()], filings={FRIDGE.gtin: known})) == set()


def test_thresholds_are_the_packs():
    """One sale more than the pack allows, and exactly as many."""
    burst = PLANTED["C2"][2]
    looser = [
        replace(one, limits={**one.limits, "most": 6}) if one.code == "lint_cashier_burst" else one
        for one in CONTROLS
    ]
    assert codes(burst) == {"lint_cashier_burst"}
    assert "lint_cashier_burst" not in codes_with(burst, looser)


def codes_with(day: LintDay, controls: Any) -> set[str]:
    return {one.code for one in findings(day, controls)}


def test_a_finding_keeps_its_name_and_what_was_seen_is_part_of_it():
    first, again = (findings(PLANTED["I4"][2], CONTROLS)[0] for _ in range(2))
    other = findings(only(told(fridge(), "invoice", total_fen=420_002)), CONTROLS)[0]
    assert first.finding_id == again.finding_id != other.finding_id


def test_the_controls_say_how_far_back_they_look():
    assert window_days(CONTROLS) == 30
