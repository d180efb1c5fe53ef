"""The policy by example, as the city would read it."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pos_subsidy.domain import explanation
from pos_subsidy.domain.money import fen
from pos_subsidy.domain.rules import Rulebook
from pos_subsidy.domain.subsidy import Item, assess
from pos_subsidy.policy import load_rulebook

CASES = [
    case
    for path in sorted((Path(__file__).parent / "policy_cases").glob("*.toml"))
    for case in tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)["case"]
]


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_policy_case(case, rulebook):
    item = Item(
        category=case["category"],
        price_fen=fen(case["price"]),
        energy_rating=case.get("rating"),
        attributes=case.get("attributes", {}),
    )

    outcome = assess(item, on=case["on"], rulebook=rulebook, units_used=case.get("units_used"))

    assert outcome.subsidy_fen == case.get("grants_fen", 0)
    assert [reason.code for reason in outcome.refusals] == case.get("refuses", [])
    assert outcome.payable_fen == item.price_fen - outcome.subsidy_fen


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_every_step_and_reason_is_told_in_both_languages_with_its_clause(case, rulebook):
    item = Item(
        category=case["category"],
        price_fen=fen(case["price"]),
        energy_rating=case.get("rating"),
        attributes=case.get("attributes", {}),
    )
    told = explanation.assessment_json(
        assess(item, on=case["on"], rulebook=rulebook, units_used=case.get("units_used"))
    )
    for step in told["steps"]:
        assert step["text_zh"] and step["text_en"] and step["clause"]
    for reason in told["refusals"] + told["warnings"]:
        assert all(reason.values()), reason
    assert "?" not in str(told["steps"]) + str(told["refusals"])


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
