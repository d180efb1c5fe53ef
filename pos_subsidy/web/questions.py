"""What a page has to ask about an item of a class: read off the rule, so that no page knows a policy."""

from dataclasses import dataclass

from pos_subsidy.domain import words
from pos_subsidy.domain.rules import Rule

_KINDS = {"is_true": "yes_no", "from": "date", "to": "date", "before": "date", "at_most": "number"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a list."""

    value: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Question:
    """One attribute to ask for. ``kind`` is choice, yes_no, date, number or text."""

    name: str
    label_zh: str
    label_en: str
    kind: str
    choices: tuple[Choice, ...]
    decides: bool


def questions(rule: Rule) -> list[Question]:
    """Return what the rule wants to know: first what decides the sum, then what papers prove."""
    found = {name: _choice(name, _values(rule, name), decides=True) for name in rule.choices}
    if rule.batches:
        ids = tuple(batch.id for batch in rule.batches)
        found["coupon_batch"] = _choice("coupon_batch", ids, decides=True)
    for one in rule.requirements:
        if one.attribute in found:
            continue
        if one.kind == "one_of":
            listed = {
                value
                for other in rule.requirements
                if other.attribute == one.attribute
                for value in other.limit
            }
            found[one.attribute] = _choice(one.attribute, tuple(sorted(listed)), decides=one.decides)
        else:
            zh, en = words.term(one.attribute)
            kind = _KINDS.get(one.kind, "text")
            found[one.attribute] = Question(one.attribute, zh, en, kind, (), one.decides)
    return sorted(found.values(), key=lambda question: not question.decides)


def _values(rule: Rule, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(grant.when[name] for grant in rule.grants if name in grant.when))


def _choice(name: str, values: tuple[str, ...], *, decides: bool) -> Question:
    zh, en = words.term(name)
    return Question(name, zh, en, "choice", tuple(Choice(one, *words.term(one)) for one in values), decides)
