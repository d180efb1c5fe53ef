"""Rows lie by the month they tell of, on PostgreSQL: a month that is over is a table that can be taken off.

``at`` is what a row says of itself and never changes; the month is known before it is stored. Every
unique key of a partitioned table contains the column it is partitioned by, so that the database alone no
longer proves that a shop's number is stored once: a batch advances its shop's ``last_seq`` in the same
transaction, guarded by the number it was, and the audit counts (``rows.stored_twice``).
"""

import logging
from collections.abc import Iterator
from datetime import date
from functools import lru_cache, partial

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from pos_subsidy.errors import Unavailable
from pos_subsidy.hub.store.db import run

log = logging.getLogger(__name__)

_PREFIX = "rows_of_"
_REST = f"{_PREFIX}no_month"
_FIRST = date(2025, 1, 1)
# Every month costs those who look for a row without knowing its month; a quarter is time enough.
MONTHS_AHEAD = 3
# Of all processes that want to make months at once, one does.
_LOCK = 7_205_902_512
# Whoever wants to read rows queues behind the wait for the table.
_WAITS = "200ms"


def is_month(name: str) -> bool:
    """Say whether a table is a month of rows."""
    return name.startswith(_PREFIX)


def partition(db: Connection, *, today: date) -> None:
    """Turn the table of rows into one by month, every row kept; on SQLite it stays in one piece."""
    if db.dialect.name != "postgresql":
        return
    for statement in (
        'ALTER TABLE "row" RENAME TO row_before',
        "ALTER TABLE row_before RENAME CONSTRAINT row_pkey TO row_before_pkey",
        'CREATE TABLE "row" (LIKE row_before INCLUDING DEFAULTS) PARTITION BY RANGE (at)',
        'ALTER TABLE "row" ADD CONSTRAINT row_pkey PRIMARY KEY (outlet, seq, at)',
        'ALTER TABLE "row" ADD CONSTRAINT row_outlet_fkey FOREIGN KEY (outlet) REFERENCES outlet (outlet)',
        f'CREATE TABLE {_REST} PARTITION OF "row" DEFAULT',
    ):
        db.execute(text(statement))
    _make(db, first=_FIRST, today=today)
    db.execute(text('INSERT INTO "row" SELECT * FROM row_before'))
    db.execute(text("DROP TABLE row_before"))


@lru_cache(maxsize=16)
def look_after(engine: Engine, today: date) -> None:
    """Make the months ahead, once a day and process; what cannot be made is logged and waits a day.

    No batch is refused for it: its rows are stored all the same.
    """
    if engine.dialect.name != "postgresql":
        return
    # After the wait for the lock it must see what the one before it made.
    by_itself = engine.execution_options(isolation_level="READ COMMITTED")
    try:
        made = run(by_itself, partial(make_ahead, today=today))
    except (Unavailable, DBAPIError):
        log.warning("no months of rows made ahead", exc_info=True)
    else:
        if made:
            log.info("months of rows made ahead: %s", ", ".join(made))


def make_ahead(db: Connection, *, today: date) -> list[str]:
    """Make the months missing from today's to a quarter ahead, in READ COMMITTED; return their names.

    A row of a month that nobody made is stored all the same, with those that tell of no month; such a
    month is not made afterwards. Neither is one that is over: it may have been taken off.
    """
    return _make(db, first=today.replace(day=1), today=today)


def _make(db: Connection, *, first: date, today: date) -> list[str]:
    if not _missing(db, first, today):
        return []
    db.execute(text(f"SET LOCAL lock_timeout = '{_WAITS}'"))
    db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    made = []
    for month in _missing(db, first, today):
        bounds = {"month": f"{month:%Y-%m}", "after": f"{_next(month):%Y-%m}"}
        taken = text(f"SELECT 1 FROM {_REST} WHERE at >= :month AND at < :after LIMIT 1")
        if db.execute(taken, bounds).first() is None:
            values = f"FROM ('{bounds['month']}') TO ('{bounds['after']}')"
            db.execute(text(f'CREATE TABLE {_name(month)} PARTITION OF "row" FOR VALUES {values}'))
            made.append(_name(month))
    return made


def _missing(db: Connection, first: date, today: date) -> list[date]:
    found = db.execute(
        text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = '\"row\"'::regclass")
    )
    known = set(found.scalars())
    return [month for month in _months(first, today) if _name(month) not in known]


def _months(first: date, today: date) -> Iterator[date]:
    last = today.year * 12 + today.month + MONTHS_AHEAD
    while first.year * 12 + first.month <= last:
        yield first
        first = _next(first)


def _name(month: date) -> str:
    return f"{_PREFIX}{month:%Y_%m}"


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
