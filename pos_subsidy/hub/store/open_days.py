"""Published days, and the sales they are made from."""

import json
from typing import Any

from sqlalchemy import Connection, insert, select

from pos_subsidy.hub.store.schema import claim, outlet
from pos_subsidy.hub.store.schema_open import open_day


def sales_of(db: Connection, day: str) -> list[dict[str, Any]]:
    """Return the sales of a business day that have money: where, what, whose, at which shop, how much."""
    found = db.execute(
        select(
            claim.c.programme,
            outlet.c.region,
            claim.c.category,
            claim.c.person,
            claim.c.outlet,
            claim.c.price_fen,
            claim.c.net_subsidy_fen,
        )
        .join(outlet, outlet.c.outlet == claim.c.outlet)
        .where(
            claim.c.business_date == day,
            claim.c.verdict.not_in(("rejected", "clawed_back")),
            claim.c.net_subsidy_fen > 0,
        )
    )
    return [dict(one) for one in found.mappings()]


def find(db: Connection, day: str) -> dict[str, Any] | None:
    content = db.execute(select(open_day.c.content).where(open_day.c.day == day)).scalar()
    return dict(json.loads(content)) if content is not None else None


def keep(db: Connection, day: str, content: dict[str, Any], *, at: str) -> None:
    written = json.dumps(content, ensure_ascii=False, sort_keys=True)
    db.execute(insert(open_day).values(day=day, made_at=at, content=written))


def listing(db: Connection, *, limit: int = 400) -> list[str]:
    """Return the days that were published, newest first."""
    return list(db.execute(select(open_day.c.day).order_by(open_day.c.day.desc()).limit(limit)).scalars())
