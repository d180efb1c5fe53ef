"""What claims come to by their rows alone: the part of judging them that needs no database.

It is done before a batch waits for its turn, by as many processes as there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pos_subsidy.domain import goods_numbers, moments
from pos_subsidy.domain.journal import Entry
from pos_subsidy.domain.rules import Rule
from pos_subsidy.errors import SubsidyError
from pos_subsidy.hub import judging, live
from pos_subsidy.hub.city import ZONE, City
from pos_subsidy.hub.judgement import Judgement, for_review
from pos_subsidy.hub.withholding import is_looked_at

KIND = "redeemed"
_MALFORMED = (SubsidyError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError)
_WORDS = (
    *("redemption_id", "hold_id", "order_no", "category", "programme", "unit_class"),
    *("commitment", "business_date", "held_at"),
)
_FEN = ("price_fen", "subsidy_fen")
# What the amount of a plain claim hangs on, besides its rating.
_ASKED = ("category", "business_date", "programme", "unit_class", *_FEN)
_AMOUNTS_KEPT = 50_000
_NUMBERS = ("serial_no", "imei1", "imei2")


@dataclass(frozen=True, slots=True)
class Draft:
    """What a claim comes to by its row alone, if nothing that the city knows speaks against it."""

    entry: Entry
    hold_id: str
    judged: Judgement | None  # none: it has to be looked at by itself
    pieces: tuple[tuple[str, str], ...]


def drafts(city: City, entries: Sequence[Entry], *, now: datetime) -> dict[int, Draft]:
    """Return the drafts of the well-formed claims among some rows, by number; needs no database."""
    return {
        entry.seq: _draft(city, entry, now=now)
        for entry in entries
        if entry.kind == KIND and _is_well_formed(entry.body)
    }


def _draft(city: City, entry: Entry, *, now: datetime) -> Draft:
    body = entry.body
    return Draft(entry, body["hold_id"], _by_itself(city, body, now=now), tuple(live.pieces_of(body)))


def _by_itself(city: City, body: Mapping[str, Any], *, now: datetime) -> Judgement | None:
    if goods_numbers.irregular(body) is not None:
        return None
    # True and 1.0 are other ratings than 1, none is another than no word of it; they would be taken for one.
    if type(body.get("energy_rating", "")) not in (int, type(None)):
        return _reckoned(city, body, now=now)
    alike = (*map(body.get, _ASKED), body["energy_rating"], *_moment(body, now))
    if alike in city.amounts:
        found: Judgement | None = city.amounts.get(alike)
        return found
    if len(city.amounts) >= _AMOUNTS_KEPT:
        city.amounts.clear()
    return city.amounts.setdefault(alike, _reckoned(city, body, now=now))


def _moment(body: Mapping[str, Any], now: datetime) -> tuple[Any, ...]:
    """Return what may withhold it: how it was sold, and the day it arrives."""
    return body.get("authorisation") == "offline", moments.business_date(now, ZONE)


def _reckoned(city: City, body: Mapping[str, Any], *, now: datetime) -> Judgement | None:
    try:
        rule = city.rulebook.rule_in_force(body["category"], date.fromisoformat(body["business_date"]))
        if rule is None or not _is_plain(rule) or is_looked_at(city, body, rule, now=now):
            return None
        return for_review(judging.by_amount(city, rule, body, 0), is_reviewed=city.is_reviewed)
    except _MALFORMED:
        return None


def _is_plain(rule: Rule) -> bool:
    # Where what one claim gets depends on what others got, each is judged after the other.
    return not rule.batches and rule.person_cap_fen is None


def _is_well_formed(body: Mapping[str, Any]) -> bool:
    get = body.get
    # PostgreSQL keeps no NUL: such a row is looked at by itself and put aside.
    if any("\0" in one for one in map(get, (*_WORDS, *_NUMBERS, "gtin")) if type(one) is str):
        return False
    return (
        set(map(type, map(get, _WORDS))) == {str}
        and set(map(type, map(get, _FEN))) == {int}
        and {str, type(None)}.issuperset(map(type, map(get, _NUMBERS)))
    )
