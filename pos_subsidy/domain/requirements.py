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
            if _is_wrong(requirement, attributes):
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


def _is_wrong(requirement: Requirement, attributes: Mapping[str, object]) -> bool:
    """Say whether a requirement that is known to apply is not met."""
    applies = _open(requirement, attributes) == set()
    return applies and not is_met(requirement, attributes[requirement.attribute])


def _wrong_whatever(rule: Rule, attributes: Mapping[str, object]) -> Iterator[Reason]:
    """Yield a refusal for each value that no answer to what is still open would make right."""
    for attribute in dict.fromkeys(one.attribute for one in rule.requirements):
        own = [one for one in rule.requirements if one.attribute == attribute]
        if attribute not in attributes or any(_is_wrong(one, attributes) for one in own):
            continue
        open_names = sorted(set().union(*(_open(one, attributes) or () for one in own)))
        worlds = [
            {**attributes, **dict(zip(open_names, answers, strict=True))}
            for answers in product(*(_answers(rule, name, attributes) for name in open_names))
        ]
        wrong = [next((one for one in own if _is_wrong(one, world)), None) for world in worlds]
        failing = [one for one in wrong if one is not None]
        # Where no answer is known there is no world, and nothing is ruled out.
        if worlds and len(failing) == len(worlds):
            yield _refusal(_mildest(failing), attributes[attribute])


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


def _mildest(failing: list[Requirement]) -> Requirement:
    """Return the requirement that the limits of all others would meet; the first where there is none."""
    others = {one.limit for one in failing}
    return next(
        (one for one in failing if all(is_met(one, limit) for limit in others - {one.limit})),
        failing[0],
    )


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
