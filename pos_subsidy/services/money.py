"""What the shop advanced and what became of it: one number per question, to the fen.

Claims after purchase are not here: there the state pays the consumer, the shop advances nothing.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pos_subsidy.domain import positions
from pos_subsidy.domain.positions import REJECTED, SUSPENDED, Position, Sums, age_step
from pos_subsidy.domain.subsidy import Reason
from pos_subsidy.services.offline import ACKNOWLEDGED_SEQ
from pos_subsidy.services.shop import Shop
from pos_subsidy.store import positions as store
from pos_subsidy.store import settings
from pos_subsidy.store.db import TillDatabase, read_transaction

__all__ = ["Cause", "Group", "Money", "Position", "Sums", "age_step", "view"]


@dataclass(frozen=True, slots=True)
class Group:
    """The sums of one class, or of one day."""

    name: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class Cause:
    """Why the city rejects or suspends: how many sales, how much. The sentence is the newest one's."""

    state: str
    reason: Reason
    sales: int
    net_fen: int


@dataclass(frozen=True, slots=True)
class Money:
    """Every sale's position, and the sums that answer questions."""

    today: date
    positions: tuple[Position, ...]
    sums: Sums
    ageing_fen: Sequence[int]
    by_class: tuple[Group, ...]
    by_day: tuple[Group, ...]  # newest day first
    causes: tuple[Cause, ...]  # the dearest first

    @property
    def outstanding(self) -> tuple[Position, ...]:
        """The sales that the city still has to pay, oldest first."""
        return tuple(one for one in self.positions if one.outstanding_fen)


def view(db: TillDatabase, shop: Shop, *, now: datetime) -> Money:
    """Return the whole picture as one state of the database."""
    today = shop.today(now)
    with read_transaction(db):
        acknowledged = int(settings.get(db, ACKNOWLEDGED_SEQ) or 0)
        found = tuple(positions.position(one, acknowledged_seq=acknowledged) for one in store.sold(db))
    days = _grouped(found, lambda one: one.sold.sold_on.isoformat())
    return Money(
        today=today,
        positions=found,
        sums=positions.total(found),
        ageing_fen=positions.by_age(found, today=today),
        by_class=tuple(sorted(_grouped(found, lambda one: one.sold.category), key=lambda one: one.name)),
        by_day=tuple(sorted(days, key=lambda one: one.name, reverse=True)),
        causes=tuple(_causes(found)),
    )


def _grouped(found: Iterable[Position], name_of: Callable[[Position], str]) -> list[Group]:
    groups: dict[str, list[Position]] = {}
    for one in found:
        groups.setdefault(name_of(one), []).append(one)
    return [Group(name, positions.total(inside)) for name, inside in groups.items()]


def _causes(found: Iterable[Position]) -> list[Cause]:
    groups: dict[tuple[str, str], list[Position]] = {}
    for one in found:
        if one.state in (REJECTED, SUSPENDED) and one.sold.verdict_code:
            groups.setdefault((one.state, one.sold.verdict_code), []).append(one)
    causes = [
        Cause(
            state=state,
            reason=Reason(code, json.loads(inside[-1].sold.verdict_params or "{}"), ""),
            sales=len(inside),
            net_fen=sum(one.net_fen for one in inside),
        )
        for (state, code), inside in groups.items()
    ]
    return sorted(causes, key=lambda one: (-one.net_fen, one.reason.code))
