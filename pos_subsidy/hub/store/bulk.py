"""Writes many rows at once and asks for many values at once, by the short way of each database.

SQLAlchemy's own way costs several times what the database does for a row; a hub takes in millions.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Table,
    Text,
    any_,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.exc import DBAPIError


def put(db: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that name the same columns; defaults of the other columns must be the database's.

    Each value is of its column's type and within its range.
    """
    if not rows:
        return
    names = tuple(rows[0])
    values = map(itemgetter(*names), rows)
    if db.dialect.name == "postgresql":
        _copy_in(db, table, names, values)
    else:
        db.exec_driver_sql(_insert(table, names, db.dialect), list(values))


def among(db: Connection, column: Column[Any], values: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that a text column has one of many values: one parameter, however many."""
    # No database keeps a text with a NUL, and PostgreSQL does not even let it be asked for.
    told = json.dumps([one for one in values if "\0" not in one])
    if db.dialect.name == "postgresql":
        # As an array the driver would write each value by itself.
        each = func.json_array_elements_text(cast(literal(told, Text), JSON)).column_valued()
        return column == any_(func.array(select(each).scalar_subquery()))
    listed = func.json_each(told).table_valued("value")
    return column.in_(select(listed.c.value))


def _copy_in(db: Connection, table: Table, names: tuple[str, ...], values: Iterable[tuple[Any, ...]]) -> None:
    driver = db.connection.driver_connection
    assert driver is not None
    statement, types = _copy(table, names, db.dialect)
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as into:
            into.set_types(types)
            for one in values:
                into.write_row(one)
    except db.dialect.loaded_dbapi.Error as error:
        # SQLAlchemy does not know of COPY. That a connection is lost it notices when it rolls back.
        kind = db.dialect.loaded_dbapi.Error
        raise DBAPIError.instance(
            statement, None, error, kind, hide_parameters=True, dialect=db.dialect
        ) from error


@lru_cache
def _copy(table: Table, names: tuple[str, ...], dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    # In binary: as text every quotation mark within a row would have to be escaped.
    types = tuple(table.c[name].type.compile(dialect).lower() for name in names)
    return f"COPY {_columns(table, names, dialect)} FROM STDIN (FORMAT BINARY)", types


@lru_cache
def _insert(table: Table, names: tuple[str, ...], dialect: Dialect) -> str:
    return f"INSERT INTO {_columns(table, names, dialect)} VALUES ({', '.join('?' * len(names))})"


def _columns(table: Table, names: tuple[str, ...], dialect: Dialect) -> str:
    quoted = dialect.identifier_preparer
    return (
        f"{quoted.format_table(table)} ({', '.join(quoted.format_column(table.c[name]) for name in names)})"
    )
