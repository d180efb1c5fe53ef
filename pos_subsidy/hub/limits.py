"""What is limited for everybody together: pools of money and coupon batches, as holds meet them.

A person at her own limit is no business of this module: she is refused, the others are not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import forecast, moments
from pos_subsidy.domain.forecast import Forecast
from pos_subsidy.domain.rules import Batch, Rule
from pos_subsidy.hub import budget
from pos_subsidy.hub.city import City
from pos_subsidy.hub.store import figures, pools, units


@dataclass(frozen=True, slots=True)
class Limit:
    """One pool for everybody. Amounts are ``unit``: fen or pieces.

    ``gone`` is what claims used and live holds keep; ``by_day`` is what claims used on each day.
    """

    id: str
    name_zh: str
    name_en: str
    unit: str
    total: int
    gone: int
    first_day: date
    last_day: date
    forecast: Forecast
    by_day: Mapping[date, int] = field(default_factory=dict)
    warn_percent: int | None = None  # of a pool: from which share gone the shops are told
    is_low: bool = False  # so much is gone

    @property
    def left(self) -> int:
        """Return what a sale may still take."""
        return max(self.total - self.gone, 0)

    @property
    def is_used_up(self) -> bool:
        """Tell whether the next hold is refused for want of it."""
        return self.gone >= self.total

    @property
    def percent_gone(self) -> int:
        """Return the share that is gone, rounded down: 100 only when it is used up."""
        return min(self.gone * 100 // self.total, 100) if self.total else 100


def in_force(db: Connection, city: City, *, today: date, now: datetime) -> list[Limit]:
    """Return every pool of money and every coupon batch that a sale of today may draw on."""
    return [*of_pools(db, city, today=today), *of_batches(db, city, today=today, now=now)]


def of_pools(db: Connection, city: City, *, today: date) -> list[Limit]:
    """Return the pools of money whose days today is one of."""
    return [
        _of_pool(db, city, pool, today=today)
        for pool in pools.listing(db)
        if pool["first_day"] <= today.isoformat() <= pool["last_day"]
    ]


def _of_pool(db: Connection, city: City, pool: Mapping[str, Any], *, today: date) -> Limit:
    told = budget.named(city, pool)
    by_day = _days(figures.drawn_by_day(db, pool["pool_id"]))
    return Limit(
        id=pool["pool_id"],
        name_zh=f"{told['programme_zh']} · {told['where_zh']} · {pool['period']}",
        name_en=f"{told['programme_en']} · {told['where_en']} · {pool['period']}",
        unit="fen",
        total=pool["put_in_fen"],
        gone=pool["put_in_fen"] - pool["left_fen"],
        first_day=date.fromisoformat(pool["first_day"]),
        last_day=date.fromisoformat(pool["last_day"]),
        forecast=forecast.run_out(pool["left_fen"], by_day, today=today),
        by_day=by_day,
        warn_percent=pool["warn_percent"],
        is_low=budget.is_low(pool),
    )


def of_batches(db: Connection, city: City, *, today: date, now: datetime) -> list[Limit]:
    """Return every coupon batch of a rule in force on a day."""
    return [
        _of_batch(db, city, rule, category, batch, today=today, now=now)
        for rule, category, batch in _batches(city, today)
    ]


def _batches(city: City, today: date) -> Iterator[tuple[Rule, str, Batch]]:
    for rule in city.rulebook.rules_in_force(today):
        for batch in rule.batches:
            yield rule, min(rule.categories), batch


def _of_batch(
    db: Connection, city: City, rule: Rule, category: str, batch: Batch, *, today: date, now: datetime
) -> Limit:
    unit_class = rule.unit_class(city.rulebook.category(category), {"coupon_batch": batch.id})
    programme = rule.programme
    # The very count that refuses a hold: what is shown is what is enforced.
    gone = units.count_of_class(db, programme.id, unit_class, now=moments.text(now), but="")
    by_day = _days(figures.pieces_by_day(db, programme.id, unit_class))
    return Limit(
        id=f"{programme.id}/{batch.id}",
        name_zh=f"{programme.name_zh} · {batch.id}",
        name_en=f"{programme.name_en} · {batch.id}",
        unit="pieces",
        total=batch.number,
        gone=gone,
        first_day=batch.released_at.date(),
        last_day=batch.last_day,
        forecast=forecast.run_out(batch.number - gone, by_day, today=today),
        by_day=by_day,
    )


def _days(told: Mapping[str, int]) -> dict[date, int]:
    return {date.fromisoformat(day): amount for day, amount in told.items()}
