"""Batches under review, their claims, and what reviewers did."""

from typing import Any

from sqlalchemy import Connection, delete, exists, func, insert, or_, select, update

from pos_subsidy.hub.store.schema import claim
from pos_subsidy.hub.store.schema_review import outlet_standing, review_batch, review_step


def add_batch(db: Connection, **values: Any) -> None:
    db.execute(insert(review_batch).values(**values))


def drop_open_batch(db: Connection, outlet: str, batch_id: str) -> None:
    """Forget a batch whose close the shop has undone; an approved one stays."""
    db.execute(
        delete(review_batch).where(
            review_batch.c.outlet == outlet,
            review_batch.c.batch_id == batch_id,
            review_batch.c.approved_at.is_(None),
        )
    )


def find_batch(db: Connection, outlet: str, batch_id: str) -> dict[str, Any] | None:
    chosen = select(review_batch).where(review_batch.c.outlet == outlet, review_batch.c.batch_id == batch_id)
    found = db.execute(chosen).mappings().first()
    return dict(found) if found else None


def open_batches(db: Connection) -> list[dict[str, Any]]:
    """Return the batches nobody has approved, and those with a line that waits again since."""
    waits = exists().where(
        claim.c.outlet == review_batch.c.outlet,
        claim.c.seq.between(review_batch.c.first_seq, review_batch.c.last_seq),
        claim.c.verdict == "waiting",
    )
    chosen = select(review_batch).where(or_(review_batch.c.approved_at.is_(None), waits))
    found = db.execute(chosen.order_by(review_batch.c.business_date, review_batch.c.outlet))
    return [dict(one) for one in found.mappings()]


def approve(db: Connection, outlet: str, batch_id: str, *, by: str, at: str) -> None:
    db.execute(
        update(review_batch)
        .where(review_batch.c.outlet == outlet, review_batch.c.batch_id == batch_id)
        .values(approved_by=by, approved_at=at)
    )


def claims_of(db: Connection, batch: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the claims of a batch, in the shop's order."""
    found = db.execute(
        select(claim)
        .where(
            claim.c.outlet == batch["outlet"],
            claim.c.seq.between(batch["first_seq"], batch["last_seq"]),
        )
        .order_by(claim.c.seq)
    )
    return [dict(one) for one in found.mappings()]


def steps_of(db: Connection, redemption_id: str) -> list[dict[str, Any]]:
    """Return what reviewers did about a claim, in order."""
    chosen = select(review_step).where(review_step.c.redemption_id == redemption_id)
    return [dict(one) for one in db.execute(chosen.order_by(review_step.c.step_no)).mappings()]


def looked_at(db: Connection, redemption_ids: list[str]) -> set[str]:
    """Return those of the claims that a reviewer has looked at."""
    chosen = select(review_step.c.redemption_id).where(review_step.c.redemption_id.in_(redemption_ids))
    return set(db.execute(chosen).scalars())


def add_step(db: Connection, redemption_id: str, **values: Any) -> None:
    chosen = select(func.count()).where(review_step.c.redemption_id == redemption_id)
    number = db.execute(chosen).scalar_one() + 1
    db.execute(insert(review_step).values(redemption_id=redemption_id, step_no=number, **values))


def by_reviewer(db: Connection) -> list[dict[str, Any]]:
    """Return how often each reviewer did what."""
    found = db.execute(
        select(review_step.c.by, review_step.c.what, func.count().label("count"))
        .group_by(review_step.c.by, review_step.c.what)
        .order_by(review_step.c.by, review_step.c.what)
    )
    return [dict(one) for one in found.mappings()]


def set_standing(db: Connection, outlet: str, status: str, *, since: str) -> None:
    """Note a change of standing; a second one in the same moment counts instead."""
    db.execute(
        delete(outlet_standing).where(outlet_standing.c.outlet == outlet, outlet_standing.c.since == since)
    )
    db.execute(insert(outlet_standing).values(outlet=outlet, since=since, status=status))


def has_standings(db: Connection, outlet: str) -> bool:
    """Say whether a shop's standing ever changed."""
    return (
        db.execute(select(outlet_standing.c.since).where(outlet_standing.c.outlet == outlet)).first()
        is not None
    )


def standing_at(db: Connection, outlet: str, at: str) -> dict[str, Any] | None:
    """Return a shop's standing at a moment, with its beginning; None where it never changed."""
    found = db.execute(
        select(outlet_standing)
        .where(outlet_standing.c.outlet == outlet, outlet_standing.c.since <= at)
        .order_by(outlet_standing.c.since.desc())
        .limit(1)
    )
    first = found.mappings().first()
    return dict(first) if first else None


def standings(db: Connection, outlet: str) -> list[dict[str, Any]]:
    """Return every change of a shop's standing, the newest first."""
    chosen = select(outlet_standing).where(outlet_standing.c.outlet == outlet)
    found = db.execute(chosen.order_by(outlet_standing.c.since.desc()))
    return [dict(one) for one in found.mappings()]


def batch_of(db: Connection, outlet: str, seq: int) -> dict[str, Any] | None:
    """Return the batch that holds a row of a shop, or None while its day is open."""
    chosen = select(review_batch).where(
        review_batch.c.outlet == outlet, review_batch.c.first_seq <= seq, review_batch.c.last_seq >= seq
    )
    found = db.execute(chosen.order_by(review_batch.c.first_seq.desc()).limit(1)).mappings().first()
    return dict(found) if found else None
