"""Days that cannot be: still to come, or before what must precede them."""

from datetime import date, timedelta

import pytest

from pos_subsidy.domain import words
from pos_subsidy.domain.happened import impossible_days

SOLD, TODAY = date(2026, 11, 21), date(2026, 11, 25)
GOOD = {
    "old_car_first_registered_on": date(2013, 6, 30),
    "old_car_held_since": date(2015, 1, 1),
    "old_car_disposed_on": date(2026, 11, 1),
    "registered_on": date(2026, 11, 23),
}
ONE = timedelta(1)


def found(**changes):
    told = {name: day for name, day in {**GOOD, **changes}.items() if day is not None}
    return [(one.code, one.params["attribute"]) for one in impossible_days(told, sold_on=SOLD, today=TODAY)]


def test_a_life_of_cars_that_can_be():
    assert found() == [] and impossible_days({}, sold_on=SOLD, today=TODAY) == []
    assert found(registered_on=SOLD) == found(registered_on=TODAY) == [], "the same day can be"
    same = date(2026, 11, 1)
    assert found(old_car_first_registered_on=same, old_car_held_since=same) == []


@pytest.mark.parametrize("name", sorted(GOOD))
def test_what_has_happened_is_not_to_come(name):
    assert ("day_in_future", name) not in found(**{name: TODAY})
    assert ("day_in_future", name) in found(**{name: TODAY + ONE})


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"registered_on": SOLD - ONE}, "registered_on"),
        ({"old_car_held_since": date(2013, 6, 29)}, "old_car_held_since"),
        ({"old_car_disposed_on": date(2014, 12, 31)}, "old_car_disposed_on"),
        (
            {"old_car_held_since": None, "old_car_disposed_on": date(2013, 6, 29)},
            "old_car_disposed_on",
        ),
    ],
)
def test_one_thing_comes_after_another(changes, name):
    assert found(**changes) == [("days_out_of_order", name)]


def test_the_sentences_name_both_days():
    told = {"registered_on": date(2026, 11, 20), "old_car_disposed_on": date(2030, 1, 1)}
    said = {
        one.code: words.say(one.code, one.params) for one in impossible_days(told, sold_on=SOLD, today=TODAY)
    }
    assert said["days_out_of_order"].detail_zh == "「新车登记日期」2026-11-20 早于「购买日期」2026-11-21。"
    assert "2030-01-01" in said["day_in_future"].detail_en and "2026-11-25" in said["day_in_future"].detail_en
