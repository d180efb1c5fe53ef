"""Packs of rules: proposed, and published under the next number."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from pos_subsidy.hub.store.schema import claim, row
from pos_subsidy.hub.store.schema_packs import pack_proposal, published_pack

_WAITING = "waiting"


def propose(db: Connection, **values: Any) -> int:
    """Keep a pack that waits for a second person and return its number."""
    number = (db.execute(select(func.max(pack_proposal.c.proposal_no))).scalar() or 0) + 1
    db.execute(insert(pack_proposal).values(proposal_no=number, status=_WAITING, **values))
    return number


def find_proposal(db: Connection, proposal_no: int) -> dict[str, Any] | None:
    chosen = select(pack_proposal).where(pack_proposal.c.proposal_no == proposal_no)
    found = db.execute(chosen).mappings().first()
    return dict(found) if found else None


def waiting(db: Connection) -> list[dict[str, Any]]:
    """Return the packs that wait, the oldest first."""
    chosen = select(pack_proposal).where(pack_proposal.c.status == _WAITING)
    return [dict(one) for one in db.execute(chosen.order_by(pack_proposal.c.proposal_no)).mappings()]


def end_proposal(db: Connection, proposal_no: int, status: str) -> bool:
    """End one that waits; say whether it still did."""
    moved = update(pack_proposal).where(
        pack_proposal.c.proposal_no == proposal_no, pack_proposal.c.status == _WAITING
    )
    return db.execute(moved.values(status=status)).rowcount == 1


def newest_no(db: Connection) -> int:
    return db.execute(select(func.max(published_pack.c.pack_no))).scalar() or 0


def add(db: Connection, **values: Any) -> None:
    db.execute(insert(published_pack).values(**values))


def published(db: Connection, *, after: int = 0, limit: int | None = None) -> list[dict[str, Any]]:
    """Return published packs in their order, each with what was proposed."""
    both = published_pack.join(pack_proposal, published_pack.c.proposal_no == pack_proposal.c.proposal_no)
    proposed = [column for column in pack_proposal.c if column.name != "proposal_no"]
    chosen = select(published_pack, *proposed).select_from(both).where(published_pack.c.pack_no > after)
    return [
        dict(one) for one in db.execute(chosen.order_by(published_pack.c.pack_no).limit(limit)).mappings()
    ]


def claims_with_rows(db: Connection, *, first: str, last: str) -> Iterator[dict[str, Any]]:
    """Yield the claims of some business days that stand, each with the body of its shop's row."""
    chosen = (
        select(claim, row.c.body)
        .join(row, (row.c.outlet == claim.c.outlet) & (row.c.seq == claim.c.seq))
        .where(
            claim.c.business_date.between(first, last), claim.c.verdict.not_in(("rejected", "clawed_back"))
        )
        .order_by(claim.c.business_date.desc(), claim.c.outlet.desc(), claim.c.seq.desc())
    )
    for one in db.execute(chosen.execution_options(yield_per=500)).mappings():
        yield {**one, "body": json.loads(one["body"])}
