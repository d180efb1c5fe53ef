"""Packs that a city published, each in force from a day on: what was decided before stays as it was."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from pos_subsidy.domain.rules import Rule, Rulebook
from pos_subsidy.policy.loading import load_rulebook
from pos_subsidy.policy.pack_files import PackText


@dataclass(frozen=True, slots=True)
class PublishedPack:
    """One pack as it was published. ``from_day`` is the first business date it decides."""

    pack_no: int
    pack: PackText
    from_day: date


def with_published(directory: Path | None, published: Sequence[PublishedPack]) -> Rulebook:
    """Return the rules of a folder with every published pack in force from its day on.

    Raises:
        Invalid: ``policy_invalid``.
    """
    book = load_rulebook(directory)
    for day in sorted({one.from_day for one in published}):
        begun = sorted((one for one in published if one.from_day <= day), key=lambda one: one.pack_no)
        book = splice(book, load_rulebook(directory, others=[one.pack for one in begun]), on=day)
    return book


def splice(before: Rulebook, after: Rulebook, *, on: date) -> Rulebook:
    """Return a rulebook that decides like ``before`` until the day ``on``, and from then like ``after``."""
    both = [rule for rule in before.rules if rule in after.rules]
    old = [_cut(rule, last=on - timedelta(1)) for rule in before.rules if rule not in both]
    new = [_cut(rule, first=on) for rule in after.rules if rule not in both]
    programmes = [one for one in before.programmes if one.id not in {other.id for other in after.programmes}]
    return replace(
        after,
        categories={**before.categories, **after.categories},
        rules=(*both, *(rule for rule in [*old, *new] if rule is not None)),
        programmes=(*after.programmes, *programmes),
    )


def _cut(rule: Rule, *, first: date = date.min, last: date = date.max) -> Rule | None:
    first, last = max(rule.first_day, first), min(rule.last_day, last)
    return replace(rule, first_day=first, last_day=last) if first <= last else None
