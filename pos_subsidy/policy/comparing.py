"""What changes between two rulebooks: class by class, from which day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from pos_subsidy.domain.rules import Grant, Rule, Rulebook


@dataclass(frozen=True, slots=True)
class Change:
    """One value of one class that differs on the days from ``first_day`` to ``last_day``."""

    category: str
    first_day: date
    last_day: date
    what: str
    old: str
    new: str


def compare(old: Rulebook, new: Rulebook) -> list[Change]:
    """Return every change, by class and day. Spans of days are as long as they can be."""
    codes = sorted(old.categories.keys() | new.categories.keys())
    return [change for code in codes for change in _changes(code, old, new)]


def edits_in_force(old: Rulebook, new: Rulebook, *, on: date) -> list[Change]:
    """Return the changes that would rewrite rules which have begun by a day.

    A rule in force is never edited: what is new has days of its own. A class that had no rule
    may get one, and a provisional rule may be confirmed.
    """
    return [
        change
        for change in compare(old, new)
        if change.first_day <= on
        and change.old != "—"
        and not (change.what == "status" and change.old == "provisional")
        and not _was_provisional(old, change)
    ]


def _was_provisional(old: Rulebook, change: Change) -> bool:
    rule = _rule(old, change.category, change.first_day)
    return rule is not None and rule.status == "provisional"


def _changes(code: str, old: Rulebook, new: Rulebook) -> Iterator[Change]:
    for first, last in _spans(code, old, new):
        before, after = _values(_rule(old, code, first)), _values(_rule(new, code, first))
        for what in sorted(before.keys() | after.keys()):
            was, is_now = before.get(what, "—"), after.get(what, "—")
            if was != is_now:
                yield Change(code, first, last, what, was, is_now)


def _spans(code: str, old: Rulebook, new: Rulebook) -> list[tuple[date, date]]:
    """Cut time at every first and last day of a rule for the class."""
    rules = [rule for book in (old, new) for rule in book.rules if code in rule.categories]
    begins = {rule.first_day for rule in rules}
    ends = {rule.last_day + timedelta(1) for rule in rules if rule.last_day < date.max}
    cuts = sorted(begins | ends)
    return [(first, after - timedelta(1)) for first, after in zip(cuts, cuts[1:], strict=False)]


def _rule(book: Rulebook, code: str, on: date) -> Rule | None:
    return book.rule_in_force(code, on) if code in book.categories else None


def _values(rule: Rule | None) -> dict[str, str]:
    if rule is None:
        return {}
    values = {
        "programme": rule.programme.id,
        "status": rule.status,
        "units_max": str(rule.units_max),
        "units_per": str(rule.units_per),
        "exclusive": str(rule.exclusive),
        "price_ceiling_fen": str(rule.price_ceiling_fen),
        "price_minimum_fen": str(rule.price_minimum_fen),
        "person_cap_fen": str(rule.person_cap_fen),
        "right_after_full_reversal": rule.terms.right_after_full_reversal,
        "serial_after_full_reversal": rule.terms.serial_after_full_reversal,
        "serial_at": rule.terms.serial_at,
        "voucher_minutes": str(rule.terms.voucher_minutes),
        "hold_minutes": str(rule.terms.hold_minutes),
    }
    for grant in rule.grants:
        values |= _grant(grant)
    for batch in rule.batches:
        amounts = f"{batch.face_fen} of {batch.minimum_fen}, {batch.number}, {batch.per_person} per person"
        values[f"coupon {batch.id}"] = f"{amounts}, {batch.released_at.isoformat()} – {batch.last_day}"
    for one in rule.requirements:
        when = "".join(f" [{name}={value}]" for name, value in sorted(one.when.items()))
        values[f"{one.attribute} {one.kind}{when}"] = f"{one.limit} → {one.refusal}"
    return values


def _grant(grant: Grant) -> dict[str, str]:
    when = "".join(f"{value} " for _, value in sorted(grant.when.items()))
    values = {f"{when}rate {rating}": str(rate) for rating, rate in grant.rates.items()}
    values |= {f"{when}from {band.from_fen}": str(band.amount_fen) for band in grant.bands}
    named = {
        "rate": grant.rate,
        "rate_unrated": grant.rate_unrated,
        "rate_otherwise": grant.rate_otherwise,
        "cap_fen": grant.cap_fen,
    }
    return values | {f"{when}{name}": str(value) for name, value in named.items() if value is not None}
