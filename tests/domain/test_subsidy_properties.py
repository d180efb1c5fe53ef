"""What holds for every item, day and price."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from pos_subsidy.domain import explanation
from pos_subsidy.domain.subsidy import Item, assess
from pos_subsidy.policy import load_rulebook

RULEBOOK = load_rulebook()
CODES = sorted(RULEBOOK.categories)
DAYS = st.integers(0, 1200).map(lambda offset: date(2024, 11, 1) + timedelta(offset))
PRICES = st.one_of(st.integers(1, 30_000_000), st.sampled_from((1, 599_999, 600_000, 600_001, 1_000_000)))
RATINGS = st.one_of(st.none(), st.integers(1, 5))


@st.composite
def items(draw) -> Item:
    code = draw(st.sampled_from(CODES))
    known = RULEBOOK.categories[code].attributes
    possible = {
        "has_rating_system": st.booleans(),
        "activated_on_site": st.booleans(),
        "old_bike_handed_in": st.booleans(),
        "scheme": st.sampled_from(("replacement", "scrappage")),
        "fuel": st.sampled_from(("nev", "ice")),
        "displacement_l": st.sampled_from((Decimal("1.5"), Decimal("2.0"), Decimal("2.1"))),
        "old_car_fuel": st.sampled_from(("petrol", "diesel", "nev")),
        "house_completed_on": DAYS,
    }
    chosen = {
        name: draw(values) for name, values in possible.items() if name in known and draw(st.booleans())
    }
    return Item(code, draw(PRICES), draw(RATINGS), chosen)


@given(items(), DAYS, st.one_of(st.none(), st.integers(0, 4)))
@settings(max_examples=400)
def test_nothing_is_granted_above_cap_and_every_refusal_says_why(item, on, units_used):
    outcome = assess(item, on=on, rulebook=RULEBOOK, units_used=units_used)
    rule = RULEBOOK.rule_in_force(item.category, on)
    assert outcome.subsidy_fen >= 0
    assert outcome.eligible == (not outcome.refusals)
    if rule is None:
        assert [reason.code for reason in outcome.refusals] == ["no_programme"]
    if not outcome.eligible:
        assert outcome.subsidy_fen == 0
        return
    assert rule is not None
    own = [
        grant
        for grant in rule.grants
        if all(item.attributes.get(name, value) == value for name, value in grant.when.items())
    ]
    caps = [grant.cap_fen for grant in own if grant.cap_fen is not None]
    bands = [
        band.amount_fen
        for grant in own
        for band in grant.bands
        if band.from_fen <= item.price_fen < (band.below_fen or item.price_fen + 1)
    ]
    assert outcome.subsidy_fen <= max(caps + bands)
    assert outcome.subsidy_fen <= item.price_fen
    assert outcome.steps and outcome.policy_version


@given(items(), DAYS, st.integers(1, 100_000))
@settings(max_examples=300)
def test_a_higher_price_never_gets_less_while_it_stays_eligible(item, on, more_fen):
    lower = assess(item, on=on, rulebook=RULEBOOK)
    higher = assess(replace(item, price_fen=item.price_fen + more_fen), on=on, rulebook=RULEBOOK)
    if lower.eligible and higher.eligible:
        assert higher.subsidy_fen >= lower.subsidy_fen


@given(items(), DAYS)
@settings(max_examples=200)
def test_the_same_question_has_the_same_answer_to_the_byte(item, on):
    first, second = (
        json.dumps(explanation.assessment_json(assess(item, on=on, rulebook=rulebook)), ensure_ascii=False)
        for rulebook in (RULEBOOK, load_rulebook())
    )
    assert first == second


@given(items(), DAYS)
@settings(max_examples=200)
def test_a_provisional_rule_changes_no_decision(item, on):
    """Without the provisional rules the amounts are the same, and a refusal stays one."""
    confirmed = replace(RULEBOOK, rules=tuple(rule for rule in RULEBOOK.rules if rule.status == "confirmed"))
    with_them = assess(item, on=on, rulebook=RULEBOOK)
    without = assess(item, on=on, rulebook=confirmed)
    assert (with_them.eligible, with_them.subsidy_fen) == (without.eligible, without.subsidy_fen)
