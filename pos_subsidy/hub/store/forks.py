"""Journals that forked: what a shop showed against the past it had signed before."""

from typing import Any

from sqlalchemy import Connection, select

from pos_subsidy.hub.store.schema import fork


def listing(db: Connection, *, outlet: str | None = None) -> list[dict[str, Any]]:
    """Return every fork, the latest first."""
    chosen = select(fork).order_by(fork.c.seen_at.desc(), fork.c.id.desc())
    if outlet is not None:
        chosen = chosen.where(fork.c.outlet == outlet)
    return [dict(one) for one in db.execute(chosen).mappings()]


def find(db: Connection, fork_id: int) -> dict[str, Any] | None:
    found = db.execute(select(fork).where(fork.c.id == fork_id)).mappings().first()
    return dict(found) if found else None
