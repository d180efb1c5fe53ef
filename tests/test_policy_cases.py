"""The policy by example, as the city would read it."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pos_subsidy.domain import explanation
from pos_subsidy.domain.attributes import read_attributes
from pos_subsidy.domain.money import fen
from pos_subsidy.domain.rules import Rulebook
from pos_subsidy.domain.subsidy import Item, assess
from pos_subsidy.policy import load_rulebook

CASES = [
    case
    for path in sorted((Path(__file__).parent / "policy_cases").glob("*.toml"))
    for case in tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)["case"]
]


USED = ("units_used", "granted_fen", "used_as", "coupons_used")


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook()


def outcome_of(case, rulebook):
    item = Item(
        category=case["category"],
        price_fen=fen(case["price"]),
        energy_rating=case.get("rating"),
        attributes=read_attributes(case.get("attributes", {})),
    )
    used = {name: case[name] for name in USED if name in case}
    return assess(item, on=case["on"], rulebook=rulebook, **used)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_policy_case(case, rulebook):
    outcome = outcome_of(case, rulebook)
    assert outcome.subsidy_fen == case.get("grants_fen", 0)
    assert [reason.code for reason in outcome.refusals] == case.get("refuses", [])
    deducted_fen = 0 if case["category"] in ("car", "renovation") else outcome.subsidy_fen
    assert outcome.payable_fen == fen(case["price"]) - deducted_fen


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_every_step_and_reason_is_told_in_both_languages_with_its_clause(case, rulebook):
    told = explanation.assessment_json(outcome_of(case, rulebook))
    for step in told["steps"]:
        assert step["text_zh"] and step["text_en"] and step["clause"]
    for reason in told["refusals"] + told["warnings"]:
        assert all(reason.values()), reason
    assert "?" not in str(told["steps"]) + str(told["refusals"])


def test_every_programme_has_its_days_and_caps_in_cases(rulebook):
    """First and last day; one fen under a cap or a band's end, and at it; last unit and one more."""
    for rule in rulebook.rules:
        own = [case for case in CASES if case["category"] in rule.categories]
        days = {case["on"] for case in own}
        if rule.status == "provisional":
            assert any(case.get("refuses") for case in own) or not rule.grants or len(own) == 0
            continue
        name = f"{rule.programme.id} {sorted(rule.categories)[0]}"
        assert any(rule.programme.is_open(day) for day in days), name
        granted = {case.get("grants_fen", 0) for case in own if rule.programme.is_open(case["on"])}
        for grant in rule.grants:
            if grant.cap_fen is not None:
                assert grant.cap_fen in granted, f"{name}: the cap"
            for band in grant.bands:
                assert band.amount_fen in granted, f"{name}: band from {band.from_fen}"
        for requirement in rule.requirements:
            refused = {code for case in own for code in case.get("refuses", [])}
            assert requirement.refusal in refused, f"{name}: {requirement.refusal}"


def test_what_is_proven_later_warns_and_what_decides_is_asked_for(rulebook):
    """AS-07"""
    on = date(2025, 6, 18)
    silent = assess(Item("ebike", 299_900), on=on, rulebook=rulebook)
    assert "to_be_proven" in [reason.code for reason in silent.warnings]
    refused = assess(
        Item("ebike", 299_900, attributes={"old_bike_handed_in": False}), on=on, rulebook=rulebook
    )
    assert [reason.code for reason in refused.refusals] == ["trade_in_required"]
    car = assess(Item("car", 10_000_000, attributes={"fuel": "nev"}), on=on, rulebook=rulebook)
    assert [(one.code, one.params["attribute"]) for one in car.refusals] == [("attribute_required", "scheme")]


def test_the_last_purchase_under_a_persons_cap_is_paid_in_part(rulebook):
    """AS-10"""
    item = Item("ageing_adaptation", 300_000)
    outcome = assess(item, on=date(2025, 6, 18), rulebook=rulebook, granted_fen=1_990_000)
    assert outcome.subsidy_fen == 10_000
    assert "person_capped" in [step.code for step in outcome.steps]


def test_the_step_that_caps_is_shown_only_where_it_acted(rulebook):
    """AS-03"""
    granted, capped = [], []
    for price_fen in (999_999, 1_000_000, 1_000_001):
        item = Item("computer", price_fen, energy_rating=1)
        outcome = assess(item, on=date(2026, 11, 20), rulebook=rulebook)
        granted.append(outcome.subsidy_fen)
        capped.append("capped" in [step.code for step in outcome.steps])
    assert granted == [149_999, 150_000, 150_000]
    assert capped == [False, False, True]
