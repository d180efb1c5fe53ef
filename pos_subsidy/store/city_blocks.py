"""The city's blocklist as it was fed down."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlite_utils import Database

from pos_subsidy.domain.block import Block
from pos_subsidy.store import settings
from pos_subsidy.store.db import insert, rows, value

_COLUMNS = ("block_no", "kind", "number", "reason", "since", "until", "lifts", "entered_at")
_UPTO = "city_blocks_upto"


def upto(db: Database) -> int:
    """Return up to which number the list was fetched; not every entry concerns this shop."""
    return int(settings.get(db, _UPTO) or 0)


def add(db: Database, entries: Iterable[Mapping[str, Any]], *, upto: int) -> None:
    """Keep entries as the city tells them, and how far the list was fetched with them."""
    for one in entries:
        insert(db, "city_block", {name: one[name] for name in _COLUMNS})
    settings.put(db, _UPTO, str(upto))


def entries_of(db: Database, kind: str, number: str) -> list[Block]:
    """Return every entry on a thing."""
    found = rows(db, "SELECT * FROM city_block WHERE kind = ? AND number = ?", [kind, number])
    return [_block(one) for one in found]


def count(db: Database) -> int:
    return int(value(db, "SELECT count(*) FROM city_block WHERE lifts IS NULL"))


def _block(found: Mapping[str, Any]) -> Block:
    days = {name: date.fromisoformat(found[name]) for name in ("since", "until") if found[name]}
    told = {name: found[name] for name in ("block_no", "kind", "number", "reason", "lifts", "entered_at")}
    return Block(**told, since=days["since"], until=days.get("until"))
