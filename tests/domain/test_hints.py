"""What a refusal says would be granted, which classes are open, what is left afterwards."""

import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pos_subsidy.domain import ratings, words
from pos_subsidy.domain.reckoning import best_fen
from pos_subsidy.domain.rules import Band, Grant
from pos_subsidy.domain.subsidy import Item, assess, preconditions
from pos_subsidy.errors import Invalid
from pos_subsidy.policy import PACKS_DIR, load_rulebook
from tests.domain.test_coupons import BATCHES

RULES = load_rulebook()
ON, ON_2025 = date(2026, 11, 20), date(2025, 6, 18)


def refusal(item, on=ON, **more):
    (found,) = assess(item, on=on, rulebook=RULES, **more).refusals
    return found


def steps(item, on=ON_2025, **more):
    return {step.code: step.params for step in assess(item, on=on, rulebook=RULES, **more).steps}


@pytest.mark.parametrize(
    ("price_fen", "would_fen"), [(300_000, 45_000), (1_000_000, 150_000), (2_000_000, 150_000)]
)
def test_another_rating_is_told_with_what_it_would_earn(price_fen, would_fen):
    found = refusal(Item("computer", price_fen, 2))
    assert (found.code, found.params["best_rating"], found.params["would_fen"]) == (
        "rating_not_eligible",
        1,
        would_fen,
    )
    assert refusal(Item("computer", price_fen)).params["would_fen"] == would_fen


def test_the_ceiling_and_the_lowest_band_are_told_with_what_they_earn():
    assert refusal(Item("phone", 610_000)).params["would_fen"] == 50_000
    car = Item("car", 100, attributes={"scheme": "replacement", "fuel": "ice"})
    found = refusal(car, ON_2025)
    assert (found.params["minimum_fen"], found.params["would_fen"]) == (5_000_000, 800_000)


def test_the_best_of_a_rule_is_over_all_its_ways():
    rule = RULES.rule_in_force("car", ON_2025)
    assert best_fen(rule, 100) == 100, "a fixed amount is never more than the price"
    assert best_fen(rule, 4_999_999) == 2_000_000
    bands = (Band(1_000, 2_000, 300), Band(2_000, None, 500))
    banded = replace(rule, grants=(Grant({}, {}, None, None, None, bands, None),))
    at = {999: 0, 1_000: 300, 1_999: 300, 2_000: 500, 9_000: 500}
    assert {price_fen: best_fen(banded, price_fen) for price_fen in at} == at
    falling = Grant({}, {}, None, None, None, (Band(1_000, 2_000, 300), Band(2_000, None, 100)), None)
    assert best_fen(replace(rule, grants=(falling,)), 2_000) == 100
    rated = Grant({}, {2: Decimal("0.1")}, Decimal("0.2"), None, None, (), 150)
    assert best_fen(replace(rule, grants=(rated,)), 500) == 100
    assert best_fen(replace(rule, grants=(rated,)), 1_000) == 150
    assert best_fen(replace(rule, grants=()), 1_000) == 0


def test_a_ceiling_above_bands_is_refused_with_their_best():
    rule = RULES.rule_in_force("car", ON_2025)
    limited = replace(rule, price_ceiling_fen=10_000_000, price_minimum_fen=6_000_000)
    book = replace(RULES, rules=(limited,))
    car = Item("car", 10_000_001, attributes={"scheme": "replacement", "fuel": "nev"})
    (found,) = assess(car, on=ON_2025, rulebook=book).refusals
    assert (found.code, found.params["would_fen"]) == ("price_over_ceiling", 2_000_000)
    (found,) = assess(replace(car, price_fen=5_999_999), on=ON_2025, rulebook=book).refusals
    assert (found.code, found.params["would_fen"]) == ("price_under_minimum", 2_000_000)


def test_the_open_classes_of_the_same_kind_are_named_and_no_others():
    found = refusal(Item("dishwasher", 300_000, 1))
    assert found.params["open_en"].split(", ")[0] == "Refrigerator or freezer"
    assert len(found.params["open_zh"].split("、")) == 6 and "手机" not in found.params["open_zh"]
    none = refusal(Item("sofa", 300_000))
    assert (none.params["open_zh"], none.params["open_en"]) == ("无", "none")
    open_2025 = {one.code for one in RULES.categories_open("appliance", ON_2025)}
    assert len(open_2025) == 12 and "fan" not in open_2025, "a provisional class is not open"
    assert RULES.categories_open("appliance", date(2024, 1, 1)) == []


def test_what_decides_is_asked_for_with_its_answers():
    missing = assess(Item("car", 10_000_000), on=ON, rulebook=RULES).refusals
    assert {one.params["attribute"]: one.params["limit"] for one in missing} == {
        "scheme": "replacement, scrappage",
        "fuel": "ice, nev",
    }


def test_what_is_left_of_a_persons_sum_is_told():
    item = Item("ageing_adaptation", 300_000)
    assert steps(item, units_used=1, granted_fen=100_000)["person_left"] == {
        "left_fen": 1_810_000,
        "person_cap_fen": 2_000_000,
        "granted_fen": 100_000,
    }
    assert "person_left" not in steps(item), "where nobody is known nothing is left or used"
    assert "person_left" not in steps(Item("sofa", 300_000), units_used=0)


def test_an_imported_number_warns_and_a_good_one_does_not():
    def warned(number):
        item = Item("car", 10_000_000, attributes={"scheme": "replacement", "fuel": "nev", "vin": number})
        found = assess(item, on=ON, rulebook=RULES).warnings
        return [one.params for one in found if one.code == "vin_check_digit"]

    assert warned("WVWZZZ1JZXW000001") == [{"number": "WVWZZZ1JZXW000001"}]
    assert warned("1M8GDM9AXKP042788") == []


def test_before_any_item_is_known_a_batchs_own_number_counts(tmp_path):
    packs = shutil.copytree(PACKS_DIR, tmp_path / "packs")
    path = packs / "coupon-2025.toml"
    text = path.read_text("utf-8").replace('status = "provisional"', 'status = "confirmed"')
    path.write_text(text + BATCHES, "utf-8")
    book = load_rulebook(packs)

    def against(units, told):
        found = preconditions(
            "consumption_coupon", on=date(2025, 5, 2), rulebook=book, units_used=units, attributes=told
        )
        return [one.code for one in found]

    assert against(1, {"coupon_batch": "may-200"}) == ["units_exhausted"]
    assert against(1, {"coupon_batch": "may-50"}) == []
    assert against(9, None) == [], "without a batch there is no number to count against"


def test_a_name_of_units_tells_its_attribute_and_only_then():
    car = RULES.rule_in_force("car", ON_2025)
    assert car.told_by("car:scrappage") == {"scheme": "scrappage"}
    assert car.told_by("car") == {}
    assert RULES.rule_in_force("phone", ON).told_by("phone:x") == {}
    assert car.unit_class(RULES.category("car"), {}) == "car"


@pytest.mark.parametrize(
    ("written", "rating"),
    [
        *zip("一二三四五", range(1, 6), strict=True),
        *zip(("I", "II", "III", "IV", "V"), range(1, 6), strict=True),
    ]
    + [*((str(one), one) for one in range(1, 6)), ("２级", 2), (" 3级能效 ", 3), ("Ⅳ級", 4)],
)
def test_ratings_are_read_as_people_write_them(written, rating):
    assert ratings.read(written) == rating


@pytest.mark.parametrize("written", ["", "0", "6", "1.5匹", "六级", "VI", "级", "A"])
def test_what_is_no_rating_is_refused_with_what_was_written(written):
    with pytest.raises(Invalid, match="rating_invalid") as error:
        ratings.read(written)
    assert error.value.params["rating"] == written


@pytest.mark.parametrize(
    ("item", "on", "more", "codes"),
    [
        (Item("fan", 30_000), ON_2025, {}, ["rating_required", "provisional_rule"]),
        (Item("phone", 700_000), ON, {"units_used": 1}, ["price_over_ceiling", "units_exhausted"]),
        (Item("computer", 700_000, 2), ON, {"units_used": 1}, ["rating_not_eligible", "units_exhausted"]),
        (
            Item("computer", 700_000, attributes={"has_rating_system": False}),
            *(ON, {"units_used": 1}, ["rating_not_eligible", "units_exhausted"]),
        ),
    ],
)
def test_nothing_is_promised_where_another_reason_would_remain(item, on, more, codes):
    refusals = assess(item, on=on, rulebook=RULES, **more).refusals
    assert [one.code for one in refusals] == codes
    assert "would_fen" not in refusals[0].params
    told = words.say(refusals[0].code, refusals[0].params)
    assert "其余各项" in told.next_step_zh and "other reasons" in told.next_step_en
    assert "?" not in told.detail_zh + told.detail_en


def test_a_share_is_told_to_the_last_digit_before_it_is_rounded():
    shares = assess(Item("phone", 399_999 - 100_000), on=ON_2025, rulebook=RULES).steps
    told = [words.step(step.code, step.params)[0] for step in shares if step.code in ("share", "rounded")]
    assert told == ["2999.99 元 × 15% = 449.9985 元", "不足一分的部分舍去，得 449.99 元"]
