"""Rows lie by the month they tell of, on PostgreSQL: a month that is over is a table that can be taken off.

``at`` is what a row says of itself and never changes; the month is known before it is stored. Every
unique key of a partitioned table contains the column it is partitioned by, so that the database alone no
longer proves that a shop's number is stored once: a batch advances its shop's ``last_seq`` in the same
transaction and stores only what is beyond, and the audit goes along the whole chain.
"""

from datetime import date
from typing import Any

from sqlalchemy import Connection, text

_PREFIX = "rows_of_"
_REST = f"{_PREFIX}no_month"
_FIRST = date(2025, 1, 1)
MONTHS_AHEAD = 24
# Of all processes that start at once, one makes the months.
_LOCK = 7_205_902_512


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
    make_ahead(db, today=today)
    db.execute(text('INSERT INTO "row" SELECT * FROM row_before'))
    db.execute(text("DROP TABLE row_before"))


def make_ahead(db: Connection, *, today: date) -> list[str]:
    """Make the months that are missing until two years from today; return their names.

    A row of a month that nobody made is stored all the same, with those that tell of no month; such a
    month is not made afterwards.
    """
    if db.dialect.name != "postgresql":
        return []
    missing = _missing(db, today)
    if not missing:
        return []
    db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    made = []
    for first in _missing(db, today):
        after = _next(first)
        bounds: dict[str, Any] = {"first": f"{first:%Y-%m}", "after": f"{after:%Y-%m}"}
        taken = text(f"SELECT 1 FROM {_REST} WHERE at >= :first AND at < :after LIMIT 1")
        if db.execute(taken, bounds).first() is None:
            values = f"FROM ('{bounds['first']}') TO ('{bounds['after']}')"
            db.execute(text(f'CREATE TABLE {_name(first)} PARTITION OF "row" FOR VALUES {values}'))
            made.append(_name(first))
    return made


def _missing(db: Connection, today: date) -> list[date]:
    found = db.execute(
        text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = '\"row\"'::regclass")
    )
    known, months, month = set(found.scalars()), [], _FIRST
    last = today.year * 12 + today.month + MONTHS_AHEAD
    while month.year * 12 + month.month <= last:
        if _name(month) not in known:
            months.append(month)
        month = _next(month)
    return months


def _name(month: date) -> str:
    return f"{_PREFIX}{month:%Y_%m}"


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
