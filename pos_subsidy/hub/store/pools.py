"""Pools of money, decisions about them, and what each sale has drawn."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, literal, or_, select, update

from pos_subsidy.hub.store import bulk
from pos_subsidy.hub.store.schema_pools import pool, pool_decision, pool_draw


def find(db: Connection, pool_id: str) -> dict[str, Any] | None:
    found = db.execute(select(pool).where(pool.c.pool_id == pool_id)).mappings().first()
    return dict(found) if found else None


def listing(db: Connection, *, programme: str | None = None) -> list[dict[str, Any]]:
    chosen = select(pool).order_by(pool.c.programme, pool.c.first_day, pool.c.region, pool.c.pool_id)
    if programme is not None:
        chosen = chosen.where(pool.c.programme == programme)
    return [dict(one) for one in db.execute(chosen).mappings()]


def add(db: Connection, **values: Any) -> None:
    """Open an empty pool; money comes by a decision."""
    db.execute(insert(pool).values(**values, put_in_fen=0, left_fen=0))


def is_metered(db: Connection, programme: str) -> bool:
    """Say whether a programme's money comes from pools at all."""
    chosen = select(pool.c.pool_id).where(pool.c.programme == programme).limit(1)
    return db.execute(chosen).first() is not None


def covering(db: Connection, programme: str | None, *, region: str, on: str) -> list[dict[str, Any]]:
    """Return the pools a sale in a region on a day draws on, in one order for everybody."""
    chosen = select(pool).where(
        pool.c.first_day <= on, pool.c.last_day >= on, literal(region).startswith(pool.c.region)
    )
    if programme is not None:
        chosen = chosen.where(pool.c.programme == programme)
    return [dict(one) for one in db.execute(chosen.order_by(pool.c.pool_id)).mappings()]


def take(db: Connection, pool_id: str, fen: int) -> bool:
    """Take so much out of what is left (fen below zero: give back); say whether there was enough."""
    done = db.execute(
        update(pool)
        .where(pool.c.pool_id == pool_id, pool.c.left_fen >= fen)
        .values(left_fen=pool.c.left_fen - fen)
    )
    return done.rowcount == 1


def put_in(db: Connection, pool_id: str, fen: int) -> bool:
    """Put so much in (fen below zero: carry it off); say whether there was enough left."""
    done = db.execute(
        update(pool)
        .where(pool.c.pool_id == pool_id, pool.c.left_fen >= -fen)
        .values(put_in_fen=pool.c.put_in_fen + fen, left_fen=pool.c.left_fen + fen)
    )
    return done.rowcount == 1


def set_warning(db: Connection, pool_id: str, percent: int | None) -> None:
    db.execute(update(pool).where(pool.c.pool_id == pool_id).values(warn_percent=percent))


def drawn_fen(db: Connection) -> dict[str, tuple[int, int]]:
    """Return what all sales together hold and have used of each pool, fen."""
    held, used = func.sum(pool_draw.c.held_fen), func.sum(pool_draw.c.used_fen)
    found = db.execute(select(pool_draw.c.pool_id, held, used).group_by(pool_draw.c.pool_id))
    return {pool_id: (int(held_fen), int(used_fen)) for pool_id, held_fen, used_fen in found}


def draws_of(db: Connection, outlet: str, hold_id: str) -> list[dict[str, Any]]:
    """Return what a sale has of each pool, in the order in which pools are touched."""
    chosen = select(pool_draw).where(pool_draw.c.outlet == outlet, pool_draw.c.hold_id == hold_id)
    return [dict(one) for one in db.execute(chosen.order_by(pool_draw.c.pool_id)).mappings()]


def draws_among(db: Connection, outlet: str, hold_ids: Sequence[str]) -> list[tuple[str, int, int]]:
    """Return (hold, held, used) of what some of a shop's sales have of pools, fen."""
    if not hold_ids:
        return []
    chosen = select(pool_draw.c.hold_id, pool_draw.c.held_fen, pool_draw.c.used_fen)
    mine = (pool_draw.c.outlet == outlet, bulk.among(db, pool_draw.c.hold_id, hold_ids))
    return [(hold_id, held_fen, used_fen) for hold_id, held_fen, used_fen in db.execute(chosen.where(*mine))]


def use_held(db: Connection, outlet: str, hold_ids: Sequence[str]) -> None:
    """Let what some of a shop's sales hold become used."""
    if hold_ids:
        mine = (pool_draw.c.outlet == outlet, bulk.among(db, pool_draw.c.hold_id, hold_ids))
        spent = {"used_fen": pool_draw.c.used_fen + pool_draw.c.held_fen, "held_fen": 0}
        db.execute(update(pool_draw).where(*mine).values(spent))


def set_draw(
    db: Connection, outlet: str, hold_id: str, pool_id: str, *, held_fen: int, used_fen: int
) -> None:
    key = {"outlet": outlet, "hold_id": hold_id, "pool_id": pool_id}
    where = [pool_draw.c[name] == value for name, value in key.items()]
    now = {"held_fen": held_fen, "used_fen": used_fen}
    if db.execute(update(pool_draw).where(*where).values(**now)).rowcount == 0:
        db.execute(insert(pool_draw).values(**key, **now))


def decide(db: Connection, **values: Any) -> int:
    """Append a decision and return its number."""
    number = (db.execute(select(func.max(pool_decision.c.decision_no))).scalar() or 0) + 1
    db.execute(insert(pool_decision).values(decision_no=number, **values))
    return number


def decisions(db: Connection, pool_id: str | None = None) -> list[dict[str, Any]]:
    """Return every decision, or those that touch a pool, oldest first."""
    chosen = select(pool_decision).order_by(pool_decision.c.decision_no)
    if pool_id is not None:
        chosen = chosen.where(or_(pool_decision.c.from_pool == pool_id, pool_decision.c.to_pool == pool_id))
    return [dict(one) for one in db.execute(chosen).mappings()]


def everything_drawn(db: Connection) -> list[dict[str, Any]]:
    """Return every draw, for the audit."""
    chosen = select(pool_draw).order_by(pool_draw.c.pool_id, pool_draw.c.outlet, pool_draw.c.hold_id)
    return [dict(one) for one in db.execute(chosen).mappings()]
