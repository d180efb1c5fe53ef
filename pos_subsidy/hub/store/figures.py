"""Sums over claims for the live picture and its burn-down. Amounts are fen, net of reversals."""

from typing import Any

from sqlalchemy import Connection, and_, func, select

from pos_subsidy.hub.store.schema import claim
from pos_subsidy.hub.store.schema_pools import pool_draw


def by_group(
    db: Connection, *, first: str | None = None, last: str | None = None, shops: list[str] | None = None
) -> list[dict[str, Any]]:
    """Return count and net subsidy by shop, category and verdict, of claims of some days or shops."""
    keys = (claim.c.outlet, claim.c.category, claim.c.verdict)
    chosen = select(
        *keys, func.count().label("claims"), func.sum(claim.c.net_subsidy_fen).label("net_fen")
    ).group_by(*keys)
    if first is not None:
        chosen = chosen.where(claim.c.business_date >= first)
    if last is not None:
        chosen = chosen.where(claim.c.business_date <= last)
    if shops is not None:
        chosen = chosen.where(claim.c.outlet.in_(shops))
    return [{**one, "net_fen": int(one["net_fen"])} for one in db.execute(chosen).mappings()]


def pieces_by_day(db: Connection, programme: str, unit_class: str) -> dict[str, int]:
    """Return how many units of a class the claims that stand used on each business day."""
    found = db.execute(
        select(claim.c.business_date, func.count())
        .where(claim.c.programme == programme, claim.c.unit_class == unit_class, claim.c.unit_used.is_(True))
        .group_by(claim.c.business_date)
    )
    return {day: int(pieces) for day, pieces in found}


def drawn_by_day(db: Connection, pool_id: str) -> dict[str, int]:
    """Return how much (fen) of a pool the claims of each business day have used."""
    found = db.execute(
        select(claim.c.business_date, func.sum(pool_draw.c.used_fen))
        .join(claim, and_(claim.c.outlet == pool_draw.c.outlet, claim.c.hold_id == pool_draw.c.hold_id))
        .where(pool_draw.c.pool_id == pool_id, pool_draw.c.used_fen > 0)
        .group_by(claim.c.business_date)
    )
    return {day: int(fen) for day, fen in found}
