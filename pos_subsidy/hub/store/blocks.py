"""The city's blocklist: entries, appended, found by the thing they speak of."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, CursorResult, and_, bindparam, exists, or_, select

from pos_subsidy.domain.block import IMEI, MERCHANT, OUTLET, PRODUCT, SERIAL, Block
from pos_subsidy.hub.store import bulk, chained
from pos_subsidy.hub.store.schema import outlet as outlet_table
from pos_subsidy.hub.store.schema_catalogue import block_entry

Thing = tuple[str, str]  # kind, number
Entries = dict[Thing, list[Block]]
_TOLD = ("block_no", "kind", "number", "reason", "since", "until", "lifts", "entered_at")
_ANY = select(exists().where(block_entry.c.block_no == 1))
_kind, _number = block_entry.c.kind, block_entry.c.number
_MERCHANT = select(outlet_table.c.merchant_uscc).where(outlet_table.c.outlet == bindparam("outlet"))
_SELLER = or_(
    and_(_kind == OUTLET, _number == bindparam("outlet")),
    and_(_kind == MERCHANT, _number == _MERCHANT.scalar_subquery()),
)
# What one sale is asked by. A crowd asks at the same moment, so the statement is built once.
ON_SALE = ("outlet", "gtin", "serial_no", "imei1", "imei2")
OF_SALE = or_(
    _SELLER,
    and_(_kind == PRODUCT, _number == bindparam("gtin")),
    and_(_kind == SERIAL, _number == bindparam("serial_no")),
    and_(_kind == IMEI, _number.in_([bindparam("imei1"), bindparam("imei2")])),
)
_ON_SALE = select(block_entry).where(OF_SALE)


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


def entries_of(db: Connection, things: Iterable[Thing]) -> Entries:
    """Return every entry on some things."""
    by_kind: dict[str, list[str]] = {}
    for kind, number in set(things):
        by_kind.setdefault(kind, []).append(number)
    of_kind = [
        and_(block_entry.c.kind == kind, bulk.among(db, block_entry.c.number, numbers))
        for kind, numbers in by_kind.items()
    ]
    return _entries(db.execute(select(block_entry).where(or_(*of_kind)))) if of_kind else {}


def on_sale(db: Connection, numbers: Mapping[str, Any]) -> Entries:
    """Return the entries on one sale's seller, product and piece; each of ``ON_SALE`` is named or None."""
    return _entries(db.execute(_ON_SALE, numbers))


def on_sales(db: Connection, outlet: str, things: Iterable[Thing]) -> Entries:
    """Return the entries on a shop and on the things of some of its sales."""
    if not db.execute(_ANY).scalar_one():
        return {}
    seller = db.execute(select(block_entry).where(_SELLER), {"outlet": outlet})
    return {**_entries(seller), **entries_of(db, things)}


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


def _entries(result: CursorResult[Any]) -> Entries:
    found: Entries = {}
    for one in result.mappings():
        found.setdefault((one["kind"], one["number"]), []).append(_block(one))
    return found


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
