"""What real claims would come to under a pack that waits: how many otherwise, by how many fen, which."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import subsidy
from pos_subsidy.domain.rules import Rulebook
from pos_subsidy.domain.subsidy import Item
from pos_subsidy.errors import SubsidyError
from pos_subsidy.hub import packs
from pos_subsidy.hub.city import City
from pos_subsidy.hub.store import packs as store
from pos_subsidy.hub.store.db import read

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Otherwise:
    """A claim that would be decided otherwise: fen and codes under the rules as they are and the new."""

    claim: Mapping[str, Any]
    was_fen: int
    was: tuple[str, ...]
    would_be_fen: int
    would_be: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """All claims of some days worked twice; ``lines`` are the first of those that differ, newest first."""

    claims: int
    otherwise: int
    was_fen: int
    would_be_fen: int
    lines: tuple[Otherwise, ...]


def try_out(city: City, proposal_no: int, *, first: date, last: date) -> Tried:
    """Work the standing claims of some business days under both rulebooks, as sold on the pack's first day.

    Both times alone, without what the person had before; so only the pack makes a difference.

    Raises:
        NotFound: ``pack_unknown``.
    """
    old, new = packs.books(city, proposal_no)
    on = date.fromisoformat(packs.proposal(city, proposal_no).pack["from_day"])

    def work(db: Connection) -> Tried:
        counted = otherwise = was_sum = would_be_sum = 0
        lines: list[Otherwise] = []
        for one in store.claims_with_rows(db, first=first.isoformat(), last=last.isoformat()):
            was, would_be = _worked(one, old, on), _worked(one, new, on)
            counted, was_sum, would_be_sum = counted + 1, was_sum + was[0], would_be_sum + would_be[0]
            if was != would_be:
                otherwise += 1
                if len(lines) < SHOWN:
                    del one["body"]
                    lines.append(Otherwise(one, *was, *would_be))
        return Tried(counted, otherwise, was_sum, would_be_sum, tuple(lines))

    return read(city.engine, work)


def _worked(claim: Mapping[str, Any], book: Rulebook, on: date) -> tuple[int, tuple[str, ...]]:
    """Return what a claim comes to (fen) and why it is refused, if it is."""
    body = claim["body"]
    rule = book.rule_in_force(claim["category"], on)
    attributes: dict[str, Any] = dict(body.get("attributes") or {})
    if rule is not None:
        attributes |= rule.told_by(claim["unit_class"])
        if rule.by_rating and body.get("energy_rating") is None:
            attributes["has_rating_system"] = False
    item = Item(claim["category"], int(claim["price_fen"]), body.get("energy_rating"), attributes)
    try:
        outcome = subsidy.assess(item, on=on, rulebook=book)
    except SubsidyError as error:
        return 0, (error.code,)
    return outcome.subsidy_fen, tuple(one.code for one in outcome.refusals)
