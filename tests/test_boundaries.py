"""For every rule of every pack there are cases on both sides of each of its boundaries.

What a rule needs is read off the rule itself; a new rule without its cases fails here.
"""

import math
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pos_subsidy.domain.money import share_of
from pos_subsidy.domain.requirements import is_met
from pos_subsidy.domain.rules import Grant, Requirement, Rule
from pos_subsidy.policy import load_rulebook
from pos_subsidy.policy.cases import Case, read_cases

CASES = read_cases([Path(__file__).parent / "policy_cases"])
RULES = load_rulebook().rules
FUELS = {"petrol", "diesel", "nev"}
Need = tuple[str, Callable[[Case], bool]]


def needs(rule: Rule) -> Iterator[Need]:
    """Yield every kind of case that must exist for a rule, with the test that knows one."""
    if rule.status == "provisional":
        for code in sorted(rule.categories):
            yield (
                f"{code} grants nothing",
                lambda case, code=code: case.category == code and "provisional_rule" in case.refuses,
            )
        return
    one_day = timedelta(1)
    for name, day in (
        ("day before", rule.first_day - one_day),
        ("first day", rule.first_day),
        ("last day", rule.last_day),
        ("day after", rule.last_day + one_day),
    ):
        yield name, lambda case, day=day: case.on == day
    for grant in rule.grants:
        yield from _of_grant(rule, grant)
    yield from _of_amounts(rule)
    yield from _of_units(rule)
    if rule.by_rating:
        for rating in (1, 2, 3, 4, 5, None):
            yield f"rating {rating}", lambda case, rating=rating: within(rule, case) and case.rating == rating
        yield "no rating system", lambda case: case.attributes.get("has_rating_system") is False
    for requirement in rule.requirements:
        yield from _of_requirement(rule, requirement)


def _of_grant(rule: Rule, grant: Grant) -> Iterator[Need]:
    way = " ".join(grant.when.values())

    def fits(case: Case) -> bool:
        return within(rule, case) and all(case.attributes.get(k) == v for k, v in grant.when.items())

    rates = {*grant.rates.values(), grant.rate, grant.rate_unrated, grant.rate_otherwise} - {None}
    for rate in rates:
        assert rate is not None and grant.cap_fen is not None
        reached = math.ceil(grant.cap_fen / rate)  # the lowest price that reaches the cap
        if rule.price_ceiling_fen is not None and reached > rule.price_ceiling_fen:
            continue
        for name, price_fen in (("under", reached - 1), ("at", reached), ("over", reached + 1)):
            granted = min(share_of(price_fen, rate), grant.cap_fen)
            yield (
                f"{way} {rate} {name} the cap",
                lambda case, price_fen=price_fen, granted=granted: (
                    fits(case) and (case.price_fen, case.grants_fen) == (price_fen, granted)
                ),
            )
    for band in grant.bands:
        around = (-1, 0, 1) if band.from_fen > 1 else (0,)
        for price_fen in (band.from_fen + step for step in around):
            yield (
                f"{way} band at {price_fen}",
                lambda case, price_fen=price_fen: fits(case) and case.price_fen == price_fen,
            )


def _of_amounts(rule: Rule) -> Iterator[Need]:
    for name, bound in (("ceiling", rule.price_ceiling_fen), ("minimum", rule.price_minimum_fen)):
        if bound is not None:
            for price_fen in (bound - 1, bound, bound + 1):
                yield (
                    f"{name} {price_fen}",
                    lambda case, price_fen=price_fen: within(rule, case) and case.price_fen == price_fen,
                )
    cap = rule.person_cap_fen
    if cap is not None:
        yield "under the person's cap", lambda case: case.granted_fen + case.grants_fen == cap - 1
        yield (
            "at the person's cap",
            lambda case: 0 < case.granted_fen < cap and case.granted_fen + case.grants_fen == cap,
        )
        yield "one fen left", lambda case: case.granted_fen == cap - 1 and case.grants_fen == 1
        yield "nothing left", lambda case: case.granted_fen == cap and "units_exhausted" in case.refuses


def _of_units(rule: Rule) -> Iterator[Need]:
    most = rule.units_max
    if most is not None:
        yield (
            "last unit",
            lambda case: within(rule, case) and case.units_used == most - 1 and not case.refuses,
        )
        yield (
            "one more",
            lambda case: within(rule, case) and case.units_used == most and "units_exhausted" in case.refuses,
        )
    if rule.exclusive:
        yield "the other scheme", lambda case: within(rule, case) and "scheme_conflict" in case.refuses


def _of_requirement(rule: Rule, one: Requirement) -> Iterator[Need]:
    def applies(case: Case) -> bool:
        return within(rule, case) and all(case.attributes.get(k) == v for k, v in one.when.items())

    def told(case: Case) -> object:
        return case.attributes.get(one.attribute)

    name = f"{one.attribute} {one.kind} {one.limit} {dict(one.when)}"
    yield (
        f"{name}: missing",
        lambda case: (
            applies(case) and told(case) is None and ("attribute_required" in case.refuses) == one.decides
        ),
    )
    yield (
        f"{name}: right",
        lambda case: (
            applies(case) and told(case) is not None and is_met(one, told(case)) and not case.refuses
        ),
    )
    if one.kind == "one_of" and set(one.limit) == FUELS:
        return  # it only has to be told: no answer is wrong
    yield (
        f"{name}: wrong",
        lambda case: (
            applies(case)
            and told(case) is not None
            and not is_met(one, told(case))
            and one.refusal in case.refuses
        ),
    )
    edge = {"from": -1, "to": 1, "before": 0}.get(one.kind)
    if edge is not None:
        yield (
            f"{name}: the first wrong day",
            lambda case: (
                applies(case) and told(case) == one.limit + timedelta(edge) and one.refusal in case.refuses
            ),
        )


def within(rule: Rule, case: Case) -> bool:
    return rule.first_day <= case.on <= rule.last_day


def missing(rule: Rule, cases: list[Case]) -> list[str]:
    own = [case for case in cases if case.category in rule.categories]
    return [name for name, knows in needs(rule) if not any(knows(case) for case in own)]


def test_every_rule_of_every_pack_is_here():
    assert {rule.programme.id for rule in RULES} == {programme.id for programme in load_rulebook().programmes}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.programme.id} {sorted(rule.categories)[0]}")
def test_every_boundary_of_the_rule_has_its_cases(rule):
    assert missing(rule, CASES) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.programme.id} {sorted(rule.categories)[0]}")
def test_each_kind_of_case_is_missed_when_it_is_gone(rule):
    own = [case for case in CASES if case.category in rule.categories]
    for name, knows in needs(rule):
        assert name in missing(rule, [case for case in own if not knows(case)])
