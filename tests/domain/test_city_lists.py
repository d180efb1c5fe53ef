"""Which filing and which block count on a day: the day before, the first, the last, the day after."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from pos_subsidy.domain import block, city_filing
from pos_subsidy.domain.block import Block
from pos_subsidy.domain.city_filing import IN_FORCE, WITHDRAWN, CityFiling
from pos_subsidy.domain.product import Product
from pos_subsidy.errors import Invalid

DAY, ONE = date(2026, 11, 20), timedelta(1)
FRIDGE = Product("6901234567892", "refrigerator", "", "", "", 1, True, "", 600_000, None)


def filing(number, since, status=IN_FORCE, **about):
    return CityFiling(number, since, status, replace(FRIDGE, **about), "2026-11-01T00:00:00.000Z")


def entry(number=1, since=DAY, until=None, lifts=None, kind="serial", reason="stolen"):
    return Block(number, kind, "SN-1", reason, since, until, lifts, "2026-11-01T00:00:00.000Z")


@pytest.mark.parametrize(
    ("on", "number"), [(DAY - ONE, None), (DAY, 3), (DAY + ONE, 3), (DAY + 2 * ONE, 1), (DAY + 9 * ONE, 1)]
)
def test_the_filing_that_began_last_counts_and_of_one_day_the_later(on, number):
    filings = [filing(1, DAY + 2 * ONE), filing(2, DAY), filing(3, DAY)]
    found = city_filing.in_force(filings, on)
    assert (found.filing_no if found else None) == number


def test_what_the_city_does_not_say_stands_as_the_shop_has_it():
    own = replace(FRIDGE, brand="样例甲", filed_price_fen=1, mean_price_30d_fen=590_000, energy_rating=2)
    both = city_filing.completed(replace(FRIDGE, brand=""), own)
    assert (both.brand, both.mean_price_30d_fen) == ("样例甲", 590_000)
    assert (both.filed_price_fen, both.energy_rating) == (600_000, 1), "price and rating are the city's"
    assert city_filing.completed(FRIDGE, None) == FRIDGE


@pytest.mark.parametrize(
    ("filed", "sale", "code"),
    [
        (filing(1, DAY), {}, None),
        (filing(1, DAY), {"price_fen": 600_001}, "price_over_filed"),
        (filing(1, DAY), {"energy_rating": 2}, "rating_mismatch"),
        (filing(1, DAY), {"energy_rating": None}, None),
        (filing(1, DAY, energy_rating=None), {"energy_rating": 2}, None),
        (filing(1, DAY), {"category": "phone"}, "category_mismatch"),
        (filing(1, DAY, WITHDRAWN), {}, "not_in_catalogue"),
    ],
)
def test_what_a_filing_says_against_a_sale(filed, sale, code):
    told = {"category": "refrigerator", "energy_rating": 1, "price_fen": 600_000, **sale}
    found = city_filing.against(filed, **told)
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    ("on", "blocked"), [(DAY - ONE, False), (DAY, True), (DAY + ONE, True), (DAY + 2 * ONE, False)]
)
def test_a_block_counts_from_its_first_to_its_last_day(on, blocked):
    assert (block.in_force([entry(until=DAY + ONE)], on) is not None) == blocked
    assert (block.in_force([entry(), entry(2, DAY + 2 * ONE, lifts=1)], on) is not None) == blocked


def test_an_entry_that_was_taken_back_leaves_the_others():
    entries = [entry(1), entry(2, DAY, lifts=1), entry(3, DAY)]
    found = block.in_force(entries, DAY)
    assert found is not None and found.block_no == 3
    assert block.in_force(entries[:2], DAY) is None, "it never counted where it was taken back the same day"


@pytest.mark.parametrize(
    ("kind", "reason", "code"),
    [
        ("serial", "stolen", "piece_blocked"),
        ("imei", "stolen", "piece_blocked"),
        ("serial", "paid_elsewhere", "serial_used"),
        ("imei", "paid_elsewhere", "imei_used"),
        ("product", "recalled", "not_in_catalogue"),
        ("merchant", "barred", "merchant_suspended"),
        ("outlet", "investigated", "merchant_suspended"),
    ],
)
def test_each_kind_is_refused_with_its_own_code(kind, reason, code):
    assert reason in block.REASONS[kind]
    assert block.refusal(entry(kind=kind, reason=reason)).code == code


def test_a_number_is_kept_in_its_one_form():
    assert block.checked("serial", "ｓｎ-1234") == "SN-1234"
    with pytest.raises(Invalid, match="block_kind_unknown"):
        block.checked("person", "330402189901010015")
