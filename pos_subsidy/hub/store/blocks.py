"""The city's blocklist: entries, appended, found by the thing they speak of."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, exists, or_, select

from pos_subsidy.domain.block import MERCHANT, OUTLET, Block
from pos_subsidy.hub.store import bulk, chained
from pos_subsidy.hub.store.schema_catalogue import block_entry

Thing = tuple[str, str]  # kind, number
_TOLD = ("block_no", "kind", "number", "reason", "since", "until", "lifts", "entered_at")
_ANY = select(exists().where(block_entry.c.block_no == 1))


def newest_no(db: Connection) -> int:
    return chained.newest_no(db, block_entry.c.block_no)


def add(db: Connection, **entry: Any) -> int:
    """Append an entry and return its number."""
    return chained.append(db, block_entry, block_entry.c.block_no, [entry])


def find(db: Connection, block_no: int) -> dict[str, Any] | None:
    found = db.execute(select(block_entry).where(block_entry.c.block_no == block_no)).mappings().first()
    return dict(found) if found else None


def lifted_by(db: Connection, block_no: int) -> int | None:
    """Return the entry that takes an entry back, if one does."""
    return db.execute(select(block_entry.c.block_no).where(block_entry.c.lifts == block_no)).scalar()


def entries_of(db: Connection, things: Collection[Thing]) -> dict[Thing, list[Block]]:
    """Return every entry on some things."""
    if not things or not db.execute(_ANY).scalar_one():
        return {}
    by_kind: dict[str, list[str]] = {}
    for kind, number in things:
        by_kind.setdefault(kind, []).append(number)
    of_kind = [
        and_(block_entry.c.kind == kind, bulk.among(db, block_entry.c.number, numbers))
        for kind, numbers in by_kind.items()
    ]
    found: dict[Thing, list[Block]] = {}
    for one in db.execute(select(block_entry).where(or_(*of_kind))).mappings():
        found.setdefault((one["kind"], one["number"]), []).append(_block(one))
    return found


def after(
    db: Connection, block_no: int, *, outlet: str, uscc: str, limit: int
) -> tuple[int, list[dict[str, Any]]]:
    """Return the entries after a number that concern a shop, and the last number that was looked at.

    Of merchants and shops a shop is told what is said of itself.
    """
    columns = [block_entry.c[name] for name in _TOLD]
    chosen = select(*columns).where(block_entry.c.block_no > block_no)
    found = list(db.execute(chosen.order_by(block_entry.c.block_no).limit(limit)).mappings())
    own = {MERCHANT: uscc, OUTLET: outlet}
    told = [dict(one) for one in found if own.get(one["kind"], one["number"]) == one["number"]]
    return (found[-1]["block_no"] if found else block_no), told


def listing(db: Connection, *, wanted: str, limit: int, before: int | None = None) -> list[dict[str, Any]]:
    """Return entries, the newest first; ``lifted_by`` and ``lifted_since`` where one was taken back."""
    lift = block_entry.alias()
    chosen = select(
        block_entry, lift.c.block_no.label("lifted_by"), lift.c.since.label("lifted_since")
    ).outerjoin(lift, lift.c.lifts == block_entry.c.block_no)
    if wanted:
        chosen = chosen.where(block_entry.c.number == wanted)
    if before is not None:
        chosen = chosen.where(block_entry.c.block_no < before)
    found = db.execute(chosen.order_by(block_entry.c.block_no.desc()).limit(limit))
    return [dict(one) for one in found.mappings()]


def _block(found: Mapping[Any, Any]) -> Block:
    return Block(
        found["block_no"],
        found["kind"],
        found["number"],
        found["reason"],
        date.fromisoformat(found["since"]),
        date.fromisoformat(found["until"]) if found["until"] else None,
        found["lifts"],
        found["entered_at"],
    )
