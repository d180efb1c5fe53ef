"""Lists that only grow: each row carries a hash over itself and the row before; none can go unseen."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Column, Connection, Table, func, select

from pos_subsidy.domain import journal
from pos_subsidy.hub.store import bulk

BEGINNING = "0" * 64


def newest_no(db: Connection, number: Column[Any]) -> int:
    """Return the number of the newest row, 0 for none."""
    return int(db.execute(select(func.max(number))).scalar() or 0)


def append(db: Connection, table: Table, number: Column[Any], rows: Iterable[Mapping[str, Any]]) -> int:
    """Append rows under the next numbers; return the newest. A row names every other column."""
    last = newest_no(db, number)
    before = select(table.c.hash).where(number == last)
    digest = db.execute(before).scalar_one() if last else BEGINNING
    chained = []
    for row in rows:
        last += 1
        numbered = {number.name: last, **row}
        digest = link(digest, numbered)
        chained.append({**numbered, "hash": digest})
    bulk.put(db, table, chained)
    return last


def link(before: str, row: Mapping[str, Any]) -> str:
    """Return the hash of a row that follows another; ``row`` is without its own."""
    return hashlib.sha256(before.encode() + journal.canonical(dict(row))).hexdigest()
