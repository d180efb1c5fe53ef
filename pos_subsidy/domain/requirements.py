"""Judges what attributes must say: at once where they are given, by papers later where not."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pos_subsidy.domain.decision import Reason
from pos_subsidy.domain.rules import Requirement, Rule

KINDS = ("is_true", "one_of", "starts_with", "from", "to", "before", "at_most")


def judge_requirements(
    rule: Rule, attributes: Mapping[str, object], refusals: list[Reason], warnings: list[Reason]
) -> None:
    """Add a refusal for what is given and wrong, and a warning for what is still to be proven."""
    asked: set[str] = set()
    for requirement in rule.requirements:
        if not _applies(requirement, attributes):
            continue
        told = attributes.get(requirement.attribute)
        clause = requirement.source.cited
        params = {"attribute": requirement.attribute, "limit": _shown(requirement.limit)}
        if told is None:
            if requirement.attribute in asked:
                continue
            asked.add(requirement.attribute)
            if requirement.decides:
                refusals.append(Reason("attribute_required", params, clause))
            else:
                warnings.append(Reason("to_be_proven", params, clause))
        elif not is_met(requirement, told):
            refusals.append(Reason(requirement.refusal, {**params, "found": _shown(told)}, clause))


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


def _applies(requirement: Requirement, attributes: Mapping[str, object]) -> bool:
    """Say whether a requirement applies; one whose condition is not known yet does not."""
    return all(attributes.get(name) == value for name, value in requirement.when.items())


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value)
    if isinstance(value, date | Decimal | str | int):
        return str(value)
    return ""
