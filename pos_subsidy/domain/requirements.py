"""Judges what attributes must say: at once where they are given, by papers later where not."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

from pos_subsidy.domain.decision import Reason
from pos_subsidy.domain.rules import Requirement, Rule

KINDS = ("is_true", "one_of", "starts_with", "from", "to", "before", "at_most")


def judge_requirements(
    rule: Rule, attributes: Mapping[str, object], refusals: list[Reason], warnings: list[Reason]
) -> None:
    """Add a refusal for what is given and wrong, and a warning for what is still to be proven.

    Where what a requirement hangs on is not known, a value is wrong if it is so whatever that
    may turn out to be.
    """
    asked: set[str] = set()
    for requirement in rule.requirements:
        told = attributes.get(requirement.attribute)
        open_names = _open(requirement, attributes)
        if open_names is None:
            continue
        if told is not None:
            if not open_names and not is_met(requirement, told):
                refusals.append(_refusal(requirement, told))
            continue
        # What chooses the sum is asked for first: without it nothing else is.
        if requirement.attribute in asked or open_names & set(rule.choices):
            continue
        if requirement.decides and open_names:
            continue
        asked.add(requirement.attribute)
        code, found = ("attribute_required", refusals) if requirement.decides else ("to_be_proven", warnings)
        found.append(Reason(code, _params(requirement), requirement.source.cited))
    refusals += _wrong_whatever(rule, attributes)


def is_met(requirement: Requirement, told: Any) -> bool:
    """Say whether a given attribute is what the requirement wants."""
    limit = requirement.limit
    match requirement.kind:
        case "is_true":
            return told is True
        case "one_of":
            return told in limit
        case "starts_with":
            return str(told).startswith(limit)
        case "from":
            return bool(told >= limit)
        case "to" | "at_most":
            return bool(told <= limit)
        case "before":
            return bool(told < limit)
        case _:
            raise ValueError(f"no such kind of requirement: {requirement.kind}")


def _open(requirement: Requirement, attributes: Mapping[str, object]) -> set[str] | None:
    """Return what is not known yet of when a requirement applies; None where it does not."""
    if any(attributes.get(name, value) != value for name, value in requirement.when.items()):
        return None
    return {name for name in requirement.when if name not in attributes}


def _wrong_whatever(rule: Rule, attributes: Mapping[str, object]) -> Iterator[Reason]:
    """Yield a refusal for each value that no answer to what is still open would make right."""
    for attribute in dict.fromkeys(one.attribute for one in rule.requirements):
        told = attributes.get(attribute)
        own = [one for one in rule.requirements if one.attribute == attribute]
        open_names = sorted(set().union(*(_open(one, attributes) or () for one in own)))
        if told is None or not open_names:
            continue
        failing = []
        for answers in product(*(_answers(rule, name, attributes) for name in open_names)):
            world = {**attributes, **dict(zip(open_names, answers, strict=True))}
            wrong = [one for one in own if _open(one, world) == set() and not is_met(one, told)]
            if not wrong:
                break
            failing.append(wrong[0])
        else:
            # One that is wrong already was refused; where no answer is known none is ruled out.
            if failing and not any(_open(one, attributes) == set() for one in failing):
                yield _refusal(_mildest(failing), told)


def _answers(rule: Rule, name: str, attributes: Mapping[str, object]) -> list[str]:
    """Return what an attribute may turn out to be: one the rule accepts."""
    listed = [
        value
        for one in rule.requirements
        if one.attribute == name and one.kind == "one_of" and _open(one, attributes) is not None
        for value in one.limit
    ]
    return list(dict.fromkeys(listed)) or sorted(
        {grant.when[name] for grant in rule.grants if name in grant.when}
    )


def _mildest(wrong: list[Requirement]) -> Requirement:
    """Return the requirement that is nearest to being met, of one kind each."""
    same = [one for one in wrong if one.kind == wrong[0].kind]
    if wrong[0].kind in ("to", "before", "at_most"):
        return max(same, key=lambda one: one.limit)
    return min(same, key=lambda one: one.limit) if wrong[0].kind == "from" else wrong[0]


def _refusal(requirement: Requirement, told: Any) -> Reason:
    params = {**_params(requirement), "found": _shown(told), "variant": requirement.kind}
    if requirement.kind == "one_of":
        params |= {"told": _shown(told), "choices": _shown(requirement.limit)}
    return Reason(requirement.refusal, params, requirement.source.cited)


def _params(requirement: Requirement) -> dict[str, str]:
    return {"attribute": requirement.attribute, "limit": _shown(requirement.limit)}


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value)
    if isinstance(value, date | Decimal | str | int):
        return str(value)
    return ""
