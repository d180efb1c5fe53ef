"""One decision at a time: what is filed, what was used, what is said."""

from dataclasses import replace
from datetime import date

import pytest

from pos_subsidy.domain.decision import Reason
from pos_subsidy.domain.product import Product
from pos_subsidy.domain.requirements import is_met
from pos_subsidy.domain.rules import PACK_DEFAULT, Requirement
from pos_subsidy.domain.subsidy import (
    MAX_PRICE_FEN,
    Item,
    actionable_first,
    assess,
    preconditions,
    refuse,
)
from pos_subsidy.errors import Invalid, NotBuilt
from pos_subsidy.policy import load_rulebook

RULEBOOK = load_rulebook()
ON, ON_2025 = date(2026, 11, 20), date(2025, 6, 18)
FRIDGE = Product("6901234567892", "refrigerator", "x", "m", "n", 1, True, "7", 610_000, 600_000)
COOKER = Product("6923567890126", "rice_cooker", "x", "m", "n", None, False, "", 200_000, None)


def codes(reasons) -> list[str]:
    return [reason.code for reason in reasons]


def filed(price_fen=600_000, rating=None, product=FRIDGE, on=ON, **changes):
    product = replace(product, **changes)
    return assess(Item("refrigerator", price_fen, rating, filed=product), on=on, rulebook=RULEBOOK)


def test_the_filing_decides_the_rating_and_the_clerk_may_repeat_it():
    assert filed().subsidy_fen == filed(rating=1).subsidy_fen == 90_000
    assert codes(filed(rating=2).refusals) == ["rating_mismatch"]
    assert codes(filed(energy_rating=2).refusals) == ["rating_not_eligible"]
    assert codes(filed(rating=1, energy_rating=None).refusals) == ["rating_required"]


def test_goods_of_another_class_are_named():
    assert codes(filed(category="dishwasher").refusals) == ["category_mismatch"]


@pytest.mark.parametrize(("price_fen", "refusals"), [(610_000, []), (610_001, ["price_over_filed"])])
def test_the_filed_price_is_the_highest(price_fen, refusals):
    """AS-12"""
    assert codes(filed(price_fen).refusals) == refusals


@pytest.mark.parametrize(("mean_fen", "warned"), [(609_999, True), (610_000, False), (None, False)])
def test_a_filed_price_above_the_mean_is_worth_a_look(mean_fen, warned):
    outcome = filed(mean_price_30d_fen=mean_fen)
    assert outcome.eligible
    assert codes(outcome.warnings) == (["filed_price_above_mean"] if warned else [])


def test_goods_without_a_rating_system_are_so_by_their_filing_only():
    def cooker(**changes):
        item = Item("rice_cooker", 200_000, filed=replace(COOKER, **changes))
        return assess(item, on=ON_2025, rulebook=RULEBOOK)

    assert (cooker().subsidy_fen, cooker().steps[2].code) == (30_000, "rate_unrated")
    assert codes(cooker(has_rating_system=None).refusals) == ["rating_required"]
    assert codes(cooker(has_rating_system=True).refusals) == ["rating_required"]
    told = Item(
        "rice_cooker",
        200_000,
        attributes={"has_rating_system": False},
        filed=replace(COOKER, has_rating_system=None),
    )
    assert codes(assess(told, on=ON_2025, rulebook=RULEBOOK).refusals) == ["rating_required"]


def test_unrated_goods_are_refused_where_only_ratings_count():
    item = Item("refrigerator", 500_000, attributes={"has_rating_system": False})
    assert codes(assess(item, on=ON, rulebook=RULEBOOK).refusals) == ["rating_not_eligible"]
    item = Item("refrigerator", 500_000, attributes={"has_rating_system": True})
    assert codes(assess(item, on=ON, rulebook=RULEBOOK).refusals) == ["rating_required"]


def test_the_better_of_energy_and_water_rating_counts():
    item = Item("dishwasher", 300_000, 3, {"water_rating": 1})
    assert assess(item, on=ON_2025, rulebook=RULEBOOK).subsidy_fen == 60_000


def test_every_step_is_named_where_it_acted():
    def steps(code, price_fen, rating=None, on=ON, **more):
        outcome = assess(Item(code, price_fen, rating), on=on, rulebook=RULEBOOK, **more)
        return [step.code for step in outcome.steps]

    assert steps("refrigerator", 610_000, 1) == ["base", "left_out", "rate_of_rating", "share"]
    assert steps("refrigerator", 610_001, 1) == ["base", "left_out", "rate_of_rating", "share", "rounded"]
    assert steps("refrigerator", 1_000_001, 1) == ["base", "left_out", "rate_of_rating", "share", "capped"]
    assert steps("phone", 300_000, units_used=0) == ["base", "left_out", "rate", "share", "units"]
    assert steps("sofa", 300_000, on=ON_2025) == ["base", "left_out", "rate_otherwise", "share"]
    assert steps("smart_toilet", 300_000, 1, on=ON_2025) == ["base", "left_out", "rate_of_rating", "share"]
    assert steps("phone", 300_000) == ["base", "left_out", "rate", "share"]


def test_the_units_left_are_counted_down():
    item = Item("air_conditioner", 800_000, 1)
    for used, left in ((0, 2), (1, 1), (2, 0)):
        last = assess(item, on=ON_2025, rulebook=RULEBOOK, units_used=used).steps[-1]
        assert (last.code, last.params["left"]) == ("units", left)


@pytest.mark.parametrize(
    ("granted_fen", "subsidy_fen"), [(0, 90_000), (1_910_000, 90_000), (1_910_001, 89_999), (1_999_999, 1)]
)
def test_a_persons_cap_pays_exactly_what_is_left(granted_fen, subsidy_fen):
    item = Item("ageing_adaptation", 300_000)
    outcome = assess(item, on=ON_2025, rulebook=RULEBOOK, granted_fen=granted_fen)
    assert outcome.subsidy_fen == subsidy_fen
    assert ("person_capped" in [step.code for step in outcome.steps]) == (subsidy_fen < 90_000)


def test_a_person_who_had_nothing_gets_the_whole_cap():
    assert (
        assess(Item("ageing_adaptation", 6_666_667), on=ON_2025, rulebook=RULEBOOK).subsidy_fen == 2_000_000
    )


def test_a_fixed_amount_is_never_more_than_the_price():
    car = {"scheme": "scrappage", "fuel": "nev"}
    for price_fen, subsidy_fen in ((1_999_999, 1_999_999), (2_000_000, 2_000_000), (2_000_001, 2_000_000)):
        outcome = assess(Item("car", price_fen, attributes=car), on=ON_2025, rulebook=RULEBOOK)
        assert (outcome.subsidy_fen, outcome.payable_fen) == (subsidy_fen, price_fen)
        assert outcome.steps[-1].code == "paid_afterwards" and "浙江省2025年" in outcome.steps[-1].clause
        assert ("not_above_price" in [step.code for step in outcome.steps]) == (price_fen < 2_000_000)


def test_a_price_minimum_and_ceiling_are_inclusive():
    rule = replace(RULEBOOK.rule_in_force("phone", ON), price_minimum_fen=100_000)
    bounded = replace(RULEBOOK, rules=(rule,))

    def refusals(price_fen):
        return codes(assess(Item("phone", price_fen), on=ON, rulebook=bounded).refusals)

    assert refusals(99_999) == ["price_under_minimum"]
    assert refusals(100_000) == refusals(600_000) == []
    assert refusals(600_001) == ["price_over_ceiling"]


@pytest.mark.parametrize(
    ("price_fen", "good"),
    [(0, False), (-1, False), (1, True), (MAX_PRICE_FEN, True), (MAX_PRICE_FEN + 1, False)],
)
def test_a_price_has_bounds(price_fen, good):
    item = Item("sofa", price_fen)
    if good:
        assert assess(item, on=ON_2025, rulebook=RULEBOOK).eligible
    else:
        with pytest.raises(Invalid, match="price_invalid"):
            assess(item, on=ON_2025, rulebook=RULEBOOK)
    assert MAX_PRICE_FEN == 100_000_000 * 100


def test_a_right_is_judged_before_any_item_is_known():
    def found(code, on=ON, **more):
        return preconditions(code, on=on, rulebook=RULEBOOK, **{"units_used": 0, **more})

    assert found("phone") == []
    assert codes(found("phone", units_used=1)) == ["units_exhausted"]
    assert codes(found("dishwasher")) == ["no_programme"]
    assert codes(found("fan", ON_2025)) == ["provisional_rule"]
    assert codes(found("ageing_adaptation", ON_2025, granted_fen=2_000_000)) == ["units_exhausted"]
    assert found("ageing_adaptation", ON_2025) == []
    own = Reason("person_invalid", {}, "")
    assert codes(found("phone", units_used=1, findings=[own])) == ["person_invalid", "units_exhausted"]


def test_a_class_that_is_not_named_cites_the_programme_that_does_not_name_it():
    outcome = assess(Item("dishwasher", 1), on=ON, rulebook=RULEBOOK)
    assert outcome.refusals[0].clause == "发改环资〔2025〕1745号 家电以旧换新"
    outcome = assess(Item("sofa", 1), on=ON, rulebook=RULEBOOK)
    assert outcome.refusals[0].clause == PACK_DEFAULT.cited


def test_two_different_reasons_of_one_code_are_both_said():
    both = [Reason("identifier_invalid", {"kind": kind}, "") for kind in ("imei", "serial_no")]
    outcome = assess(Item("phone", 1000), on=ON, rulebook=RULEBOOK, findings=both)
    assert [reason.params["kind"] for reason in outcome.refusals] == ["imei", "serial_no"]
    own = Reason("serial_used", {}, "its own clause")
    assert refuse(1, [own]).refusals[0].clause == "its own clause"


def test_a_family_without_any_pack_says_so():
    digital = tuple(one for one in RULEBOOK.programmes if one.id == "digital-2026")
    for programmes in ((), digital):
        without = replace(RULEBOOK, rules=(), programmes=programmes)
        with pytest.raises(NotBuilt, match="programme_not_built"):
            assess(Item("sofa", 1), on=ON, rulebook=without)


def test_nothing_known_is_refused_with_what_was_found():
    outcome = refuse(100, [Reason("not_in_catalogue", {"gtin": "1"}, "")])
    assert (outcome.eligible, outcome.subsidy_fen, outcome.price_fen) == (False, 0, 100)
    assert outcome.refusals[0].clause == PACK_DEFAULT.cited


def test_the_same_reason_is_said_once_and_the_mendable_first():
    serial = Reason("serial_used", {"number": "1"}, "")
    number = Reason("identifier_invalid", {"kind": "imei"}, "")
    unknown = Reason("brand_new_code", {}, "")
    assert codes(actionable_first([unknown, serial, number])) == [
        "identifier_invalid",
        "serial_used",
        "brand_new_code",
    ]
    outcome = assess(Item("phone", 600_001), on=ON, rulebook=RULEBOOK, findings=[serial, serial, number])
    assert codes(outcome.refusals) == ["identifier_invalid", "price_over_ceiling", "serial_used"]
    assert all(reason.clause for reason in outcome.refusals)
    assert outcome.refusals[2].clause == "商办流通函〔2025〕469号 数码和智能产品购新"


@pytest.mark.parametrize(
    ("kind", "limit", "met", "not_met"),
    [
        ("is_true", True, True, False),
        ("one_of", ("a", "b"), "b", "c"),
        ("starts_with", "33", "330402", "310000"),
        ("from", date(2025, 1, 1), date(2025, 1, 1), date(2024, 12, 31)),
        ("to", date(2025, 1, 1), date(2025, 1, 1), date(2025, 1, 2)),
        ("before", date(2025, 1, 1), date(2024, 12, 31), date(2025, 1, 1)),
        ("at_most", 2, 2, 3),
    ],
)
def test_a_requirement_is_met_up_to_its_limit(kind, limit, met, not_met):
    requirement = Requirement("x", kind, limit, "refused", PACK_DEFAULT)
    assert is_met(requirement, met) and not is_met(requirement, not_met)


def test_an_unknown_kind_of_requirement_is_a_bug():
    with pytest.raises(ValueError, match="no such kind"):
        is_met(Requirement("x", "sometimes", 1, "refused", PACK_DEFAULT), 1)
