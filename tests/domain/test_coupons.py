"""Consumption coupons by batch: face value, minimum spend, number, release, last day, stacking."""

import shutil
from datetime import UTC, date, datetime

import pytest

from pos_subsidy.domain.subsidy import Item, assess
from pos_subsidy.errors import Invalid
from pos_subsidy.policy import PACKS_DIR, load_rulebook

BATCHES = """
[[rule.batch]]
id = "may-200"
face_yuan = 200
minimum_yuan = 2000
number = 1000
released_at = 2025-05-01T10:00:00+08:00
last_day = 2025-05-07
per_person = 1
stacks_with = ["appliance-2025"]
source = "jiaxing-6"

[[rule.batch]]
id = "may-50"
face_yuan = 50
minimum_yuan = 50
number = 2
released_at = 2025-05-01T10:00:00+08:00
last_day = 2025-05-31
per_person = 2
stacks_with = []
source = "jiaxing-6"
"""


@pytest.fixture
def packs(tmp_path):
    packs = shutil.copytree(PACKS_DIR, tmp_path / "packs")
    path = packs / "coupon-2025.toml"
    text = path.read_text("utf-8").replace('status = "provisional"', 'status = "confirmed"')
    path.write_text(text + BATCHES, "utf-8")
    return packs


@pytest.fixture
def coupon(packs):
    rules = load_rulebook(packs)

    def ask(price_fen=200_000, batch="may-200", *, on=date(2025, 5, 2), stacked=None, **more):
        told = {"coupon_batch": batch, "stacked_with": stacked}
        attributes = {name: value for name, value in told.items() if value is not None}
        return assess(
            Item("consumption_coupon", price_fen, attributes=attributes), on=on, rulebook=rules, **more
        )

    return ask


def codes(outcome):
    return [reason.code for reason in outcome.refusals]


@pytest.mark.parametrize(
    ("price_fen", "batch", "granted"),
    [
        (199_999, "may-200", None),
        (200_000, "may-200", 20_000),
        (900_000, "may-200", 20_000),
        (5_000, "may-50", 5_000),
    ],
)
def test_the_face_value_is_off_a_minimum_spend(coupon, price_fen, batch, granted):
    outcome = coupon(price_fen, batch)
    assert outcome.subsidy_fen == (granted or 0)
    assert codes(outcome) == ([] if granted else ["price_under_minimum"])
    if granted:
        assert "coupon" in [step.code for step in outcome.steps]


@pytest.mark.parametrize(
    ("day", "open_then"),
    [
        (date(2025, 4, 30), False),
        (date(2025, 5, 1), True),
        (date(2025, 5, 7), True),
        (date(2025, 5, 8), False),
    ],
)
def test_a_batch_is_good_from_its_release_to_its_last_day(coupon, day, open_then):
    assert codes(coupon(on=day)) == ([] if open_then else ["coupon_not_open"])


def test_it_is_released_at_a_moment(coupon):
    day = date(2025, 5, 1)
    assert codes(coupon(on=day, at=datetime(2025, 5, 1, 1, 59, 59, tzinfo=UTC))) == ["coupon_not_open"]
    assert codes(coupon(on=day, at=datetime(2025, 5, 1, 2, 0, 0, tzinfo=UTC))) == []


def test_the_number_is_all_there_is(coupon):
    assert codes(coupon(coupons_used=999)) == []
    assert codes(coupon(coupons_used=1000)) == ["budget_exhausted"]


def test_a_person_has_as_many_as_her_batch_says(coupon):
    assert codes(coupon(units_used=0)) == []
    assert codes(coupon(units_used=1)) == ["units_exhausted"]
    assert codes(coupon(batch="may-50", units_used=1)) == []
    assert codes(coupon(batch="may-50", units_used=2)) == ["units_exhausted"]


def test_it_stacks_only_with_what_the_batch_names(coupon):
    assert codes(coupon(stacked="appliance-2025")) == []
    assert codes(coupon(stacked="digital-2025")) == ["not_stackable"]
    assert codes(coupon(batch="may-50", stacked="appliance-2025")) == ["not_stackable"]


def test_a_batch_has_to_be_named_and_known(coupon):
    missing = coupon(batch=None).refusals
    assert [(one.code, one.params["attribute"]) for one in missing] == [
        ("attribute_required", "coupon_batch")
    ]
    assert codes(coupon(batch="june-1")) == ["coupon_unknown"]


def test_units_are_counted_by_batch(packs):
    rules = load_rulebook(packs)
    rule = rules.rule_in_force("consumption_coupon", date(2025, 5, 2))
    told = {"coupon_batch": "may-50"}
    assert rule.unit_class(rules.category("consumption_coupon"), told) == "consumption_coupon:may-50"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("minimum_yuan = 2000", "minimum_yuan = 199.99", "minimum_yuan"),
        ("face_yuan = 200", "", "face_yuan"),
        ("number = 1000", "number = 0", "number"),
        ("2025-05-01T10:00:00+08:00", "2025-05-01T10:00:00", "released_at"),
        ("last_day = 2025-05-07", "last_day = 2025-04-30", "last_day"),
        ('id = "may-50"', 'id = "may-200"', "id"),
        ('stacks_with = ["appliance-2025"]', "", "stacks_with"),
        ("per_person = 1", "per_person = 1\ncolour = 3", "colour"),
    ],
)
def test_a_wrong_batch_is_named(packs, old, new, key):
    path = packs / "coupon-2025.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(Invalid, match="policy_invalid") as error:
        load_rulebook(packs)
    assert error.value.params["where"].endswith(f".{key}")


def test_until_batches_are_published_nothing_is_granted():
    outcome = assess(Item("consumption_coupon", 100_000), on=date(2025, 5, 2), rulebook=load_rulebook())
    assert codes(outcome) == ["provisional_rule"]
