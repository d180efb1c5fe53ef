"""What attributes must say: by kind, in words, and where what it hangs on is not known yet."""

from dataclasses import replace
from datetime import date

import pytest

from pos_subsidy.domain import words
from pos_subsidy.domain.requirements import judge_requirements
from pos_subsidy.domain.rules import Requirement
from pos_subsidy.domain.subsidy import Item, assess
from pos_subsidy.policy import load_rulebook

BOOK = load_rulebook()
SCRAPPED = {"scheme": "scrappage", "fuel": "nev"}
REPLACED = {"scheme": "replacement", "fuel": "nev"}


def asked(attributes, on=date(2026, 11, 20)):
    return assess(Item("car", 15_000_000, attributes=attributes), on=on, rulebook=BOOK)


def to_prove(attributes):
    return [one.params["attribute"] for one in asked(attributes).warnings if one.code == "to_be_proven"]


def refusals(attributes):
    return [(one.code, one.params.get("attribute")) for one in asked(attributes).refusals]


def test_first_registration_is_to_be_proven_though_the_old_cars_fuel_is_not_known():
    assert to_prove(SCRAPPED) == ["old_car_fuel", "old_car_first_registered_on"]
    assert to_prove({**SCRAPPED, "old_car_fuel": "petrol"}) == ["old_car_first_registered_on"]
    assert "old_car_first_registered_on" not in to_prove(REPLACED)
    assert to_prove({"fuel": "nev"}) == [], "the scheme is asked for first"


@pytest.mark.parametrize(
    ("attributes", "limit"),
    [
        ({**SCRAPPED}, "2019-12-31"),
        ({**SCRAPPED, "fuel": "ice", "displacement_l": 1}, "2015-06-30"),
        ({**SCRAPPED, "old_car_fuel": "petrol"}, "2013-06-30"),
    ],
)
def test_what_no_answer_would_make_right_is_refused_with_the_mildest_limit(attributes, limit):
    (wrong,) = asked({**attributes, "old_car_first_registered_on": date(2025, 1, 1)}).refusals
    assert (wrong.code, wrong.params["limit"]) == ("old_car_not_eligible", limit)
    assert asked({**attributes, "old_car_first_registered_on": date(2013, 6, 30)}).eligible


def test_what_one_answer_would_make_right_is_not_refused():
    assert asked({**SCRAPPED, "old_car_first_registered_on": date(2019, 12, 31)}).eligible
    open_scheme = {"fuel": "nev", "old_car_held_since": date(2025, 6, 1)}
    assert refusals(open_scheme) == [("attribute_required", "scheme")], "scrappage does not ask for it"
    late = {"fuel": "nev", "old_car_first_registered_on": date(2025, 1, 1)}
    assert refusals(late) == [("attribute_required", "scheme")], "replacement does not ask for it"


def test_what_both_schemes_refuse_is_refused_before_the_scheme_is_known():
    told = {"fuel": "ice", "displacement_l": 3}
    assert refusals(told) == [("attribute_required", "scheme"), ("displacement_over_limit", "displacement_l")]


@pytest.mark.parametrize(
    ("attributes", "on", "zh", "en"),
    [
        ({**REPLACED, "old_car_held_since": date(2025, 1, 8)}, 2026, "早于 2025-01-08", "before 2025-01-08"),
        (
            {**SCRAPPED, "old_car_fuel": "petrol", "old_car_first_registered_on": date(2013, 7, 1)},
            *(2026, "不晚于 2013-06-30", "2013-06-30 or earlier"),
        ),
        (
            {**REPLACED, "old_car_disposed_on": date(2024, 12, 31)},
            *(2025, "不早于 2025-01-01", "2025-01-01 or later"),
        ),
        (
            {"scheme": "scrappage", "fuel": "ice", "displacement_l": 1, "old_car_fuel": "nev"},
            *(2026, "是新能源，要求是汽油或柴油", "is new energy; it must be petrol or diesel"),
        ),
    ],
)
def test_a_refusal_says_on_which_side_of_the_limit_it_must_be(attributes, on, zh, en):
    (wrong,) = asked(attributes, date(on, 6, 18)).refusals
    said = words.say(wrong.code, wrong.params)
    assert zh in said.detail_zh and en in said.detail_en


def test_an_old_cars_number_is_looked_at_like_a_new_ones():
    warned = asked({**REPLACED, "old_car_vin": "WVWZZZ1JZXW000001"}).warnings
    assert [one.params["number"] for one in warned if one.code == "vin_check_digit"] == ["WVWZZZ1JZXW000001"]
    good = asked({**REPLACED, "old_car_vin": "1M8GDM9AXKP042788"}).warnings
    assert "vin_check_digit" not in [one.code for one in good]


def judged(told, *limits, kind, fuels=("petrol", "nev")):
    """Judge a day under a rule with one limit for each fuel of the old car, which is not known."""
    rule = BOOK.rule_in_force("car", date(2026, 11, 20))
    source = rule.requirements[0].source
    known = Requirement("old_car_fuel", "one_of", tuple(fuels), "old_car_not_eligible", source, False, {})
    each = [
        Requirement("day", kind, limit, "old_car_not_eligible", source, False, {"old_car_fuel": fuel})
        for fuel, limit in zip(("petrol", "nev"), limits, strict=True)
    ]
    found: list = []
    judge_requirements(replace(rule, requirements=(known, *each)), {"day": told}, found, [])
    return [one.params["limit"] for one in found]


EARLY, LATE = date(2013, 6, 30), date(2019, 12, 31)


@pytest.mark.parametrize("limits", [(EARLY, LATE), (LATE, EARLY)])
@pytest.mark.parametrize(
    ("kind", "good", "bad", "mildest"),
    [
        ("to", LATE, date(2020, 1, 1), LATE),
        ("before", date(2019, 12, 30), LATE, LATE),
        ("from", EARLY, date(2013, 6, 29), EARLY),
    ],
)
def test_the_mildest_limit_is_named_whatever_its_kind_and_place(limits, kind, good, bad, mildest):
    assert judged(bad, *limits, kind=kind) == [str(mildest)]
    assert judged(good, *limits, kind=kind) == [], "one answer would make it right"


def test_where_no_answer_is_known_nothing_is_ruled_out():
    assert judged(LATE, EARLY, EARLY, kind="to", fuels=()) == []


def test_one_and_the_same_limit_for_every_answer_is_named_once():
    assert judged(LATE, EARLY, EARLY, kind="to") == [str(EARLY)]


def test_of_limits_that_do_not_compare_the_first_is_named():
    assert judged("B", ("A",), ("C",), kind="one_of") == ["A"]
