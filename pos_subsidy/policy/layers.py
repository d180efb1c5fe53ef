"""Puts the levels together: nation > province > city > county.

A higher level says what it leaves open: other classes of a family, or how a right is
handled. A lower one speaks of that and of nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from pos_subsidy.domain.rules import Category, Programme, Rule, Source
from pos_subsidy.policy import terms
from pos_subsidy.policy.shape import Table

LEVELS = ("nation", "province", "city", "county")


@dataclass(frozen=True, slots=True)
class Pack:
    """A programme, its rules, and the file they stand in."""

    file: Table
    programme: Programme
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Filling:
    """Terms that a lower level gives to a programme of a higher one, on its own days."""

    file: Table
    of: str
    version: str
    level: str
    first_day: date
    last_day: date
    source: Source
    terms: Mapping[str, Any]


def must_agree(packs: Sequence[Pack], categories: Mapping[str, Category]) -> None:
    """Pass if no two packs speak of one class on one day, and none of what is not left to it.

    Raises:
        Invalid: ``policy_invalid``, naming the pack that has to give way.
    """
    for place, one in enumerate(packs):
        for other in packs[:place]:
            _must_be_two(one, other)
            below = LEVELS.index(one.programme.level) - LEVELS.index(other.programme.level)
            lower, higher = (one, other) if below >= 0 else (other, one)
            if below:
                _must_be_left_open(lower, higher, categories)
            _must_not_overlap(lower.file, lower.rules, higher.rules)
        for position, rule in enumerate(one.rules):
            _must_not_overlap(one.file, [rule], one.rules[:position])


def fill(packs: Sequence[Pack], fillings: Sequence[Filling]) -> list[Rule]:
    """Return every rule, with the terms that lower levels gave it on their days.

    Raises:
        Invalid: ``policy_invalid``: a term that is not left open, or is filled twice.
    """
    rules = [rule for pack in packs for rule in pack.rules]
    for place, filling in enumerate(fillings):
        _must_be_allowed(filling, packs)
        for other in fillings[:place]:
            both = sorted(filling.terms.keys() & other.terms.keys() - {"sources"})
            if filling.of == other.of and both and _meet(filling, other):
                raise filling.file.table("terms").wrong(both[0], "filled twice", "one filling on a day")
        rules = [part for rule in rules for part in _filled(rule, filling)]
    return rules


def _must_be_two(one: Pack, other: Pack) -> None:
    own, old = one.programme, other.programme
    if own.id != old.id:
        return
    entry = one.file.table("programme")
    if own.version == old.version:
        raise entry.wrong("id", own.id, "an id and version no other pack has")
    if _meet(own, old):
        raise entry.wrong("first_day", own.first_day, f"days that version {old.version} does not have")


def _must_not_overlap(file: Table, rules: Sequence[Rule], others: Sequence[Rule]) -> None:
    for rule in rules:
        for other in others:
            shared = sorted(rule.categories & other.categories)
            if shared and _meet(rule, other):
                found = f"{shared[0]} also in {other.programme.id}"
                raise file.wrong("rule", found, "one rule for a category on a day", near=shared[0])


def _must_be_left_open(lower: Pack, higher: Pack, categories: Mapping[str, Category]) -> None:
    above = higher.programme
    closed = set(above.families) - set(above.leaves_open)
    for rule in lower.rules:
        for code in sorted(rule.categories):
            if categories[code].family in closed and _meet(rule, above):
                allowed = (
                    f"what {above.id} ({above.level}) leaves open: {', '.join(above.leaves_open) or '—'}"
                )
                raise lower.file.wrong("categories", code, allowed, near=code)


def _must_be_allowed(filling: Filling, packs: Sequence[Pack]) -> None:
    entry = filling.file.table("filling")
    found = [pack.programme for pack in packs if pack.programme.id == filling.of]
    if not any(_meet(one, filling) for one in found):
        raise entry.wrong("of", filling.of, "a programme that is open on these days")
    for one in found:
        if LEVELS.index(filling.level) <= LEVELS.index(one.level):
            raise entry.wrong("level", filling.level, f"a level below {one.level}")
        for name in filling.terms.keys() - {"sources"}:
            if name not in one.leaves_open_terms:
                allowed = ", ".join(one.leaves_open_terms) or "nothing: it leaves none open"
                raise filling.file.table("terms").wrong(name, name, allowed)


def _filled(rule: Rule, filling: Filling) -> list[Rule]:
    if rule.programme.id != filling.of or not _meet(rule, filling):
        return [rule]
    first, last = max(rule.first_day, filling.first_day), min(rule.last_day, filling.last_day)
    cited = {name: filling.source for name in filling.terms} | dict(filling.terms["sources"])
    changed = {**filling.terms, "sources": {**rule.terms.sources, **cited}}
    filled = replace(
        rule,
        first_day=first,
        last_day=last,
        terms=replace(rule.terms, **changed),
        policy_version=f"{rule.policy_version}~{filling.version}",
    )
    before = [replace(rule, last_day=first - timedelta(1))] if rule.first_day < first else []
    after = [replace(rule, first_day=last + timedelta(1))] if last < rule.last_day else []
    return [*before, filled, *after]


def _meet(one: Any, other: Any) -> bool:
    """Say whether two spans of days have a day in common."""
    return bool(one.first_day <= other.last_day and other.first_day <= one.last_day)


def read_filling(pack: Table, fingerprint: str, sources: Mapping[str, Source]) -> Filling:
    """Read a pack that fills what a programme of a higher level leaves open."""
    pack.only(("filling", "source", "terms", "term_source"))
    entry = pack.table("filling")
    entry.only(("id", "version", "of", "zh", "en", "level", "first_day", "last_day", "source"))
    for name in ("zh", "en"):
        entry.text_of(name)
    first, last = entry.days()
    given = pack.table("terms").values
    if not given:
        raise pack.wrong("terms", "nothing", "at least one term")
    return Filling(
        file=pack,
        of=entry.text_of("of"),
        version=f"{entry.text_of('id')}@{entry.whole('version', least=1, required=True)}+{fingerprint}",
        level=entry.one_of("level", LEVELS),
        first_day=first,
        last_day=last,
        source=sources[entry.one_of("source", sources)],
        terms=terms.read(pack, sources, [name for name in terms.NAMES if name in given]),
    )
