"""Writes many rows at once and asks for many values at once, by the short way of each database.

SQLAlchemy's own way costs several times what the database does for a row; a hub takes in millions.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Dialect, Table, Text, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY


def put(db: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that name the same columns; defaults of the other columns must be the database's."""
    if not rows:
        return
    names = tuple(rows[0])
    values = list(map(itemgetter(*names), rows))
    if db.dialect.name == "postgresql":
        # One statement with an array a column; a row at a time would be a message each.
        db.exec_driver_sql(_insert(table, names, db.dialect), tuple(map(list, zip(*values, strict=True))))
    else:
        db.exec_driver_sql(_insert(table, names, db.dialect), values)


def among(db: Connection, column: Column[Any], values: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that a text column has one of many values: one parameter, however many."""
    if db.dialect.name == "postgresql":
        return column == any_(literal(list(values), ARRAY(Text)))
    listed = func.json_each(json.dumps(list(values))).table_valued("value")
    return column.in_(select(listed.c.value))


@lru_cache
def _insert(table: Table, names: tuple[str, ...], dialect: Dialect) -> str:
    quoted = dialect.identifier_preparer
    columns = ", ".join(quoted.format_column(table.c[name]) for name in names)
    into = f"INSERT INTO {quoted.format_table(table)} ({columns})"
    if dialect.name == "postgresql":
        # In binary: as text every quotation mark within a row would have to be escaped.
        arrays = ", ".join(f"%b::{table.c[name].type.compile(dialect)}[]" for name in names)
        return f"{into} SELECT * FROM unnest({arrays})"
    return f"{into} VALUES ({', '.join('?' * len(names))})"
