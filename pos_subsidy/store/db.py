"""Opens the till's SQLite file and brackets its transactions."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from pos_subsidy.errors import Unavailable

Row = dict[str, Any]
Parameters = Sequence[Any] | dict[str, Any]

# Older libraries can corrupt a WAL database under concurrent writers (fixed in 3.51.3).
SAFE_SQLITE = (3, 51, 3)

# One line of writers per file: waiting in line is fairer than SQLite's busy handler.
_writers: dict[str, threading.RLock] = {}
_writers_guard = threading.Lock()


def sqlite_is_safe() -> bool:
    """Say whether the loaded SQLite may have several writers."""
    return tuple(int(part) for part in sqlite3.sqlite_version.split(".")) >= SAFE_SQLITE


class TillDatabase(Database):
    """A connection to one till's file, with that file's line of writers."""

    write_lock: threading.RLock


def open_database(path: str | Path) -> TillDatabase:
    """Open the file with the settings every connection needs, and read them back.

    Raises:
        Unavailable: the file does not take these settings.
    """
    conn = sqlite3.connect(str(path), timeout=10.0, check_same_thread=False, isolation_level=None)
    db = TillDatabase(conn)
    with _writers_guard:
        db.write_lock = _writers.setdefault(str(Path(path).resolve()), threading.RLock())
    db.execute("PRAGMA busy_timeout = 10000")
    mode = db.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA foreign_keys = ON")
    level = db.execute("PRAGMA synchronous").fetchone()[0]
    if (mode, level) != ("wal", 2):
        raise Unavailable("database_settings", journal_mode=mode, synchronous=level)
    return db


@contextmanager
def write_transaction(db: TillDatabase) -> Iterator[None]:
    """Take the write lock first, so that a read inside cannot go stale before the write.

    A transaction that is already open on this connection is joined, not nested: the
    outermost one commits.

    Raises:
        Unavailable: the disk refuses (``storage_failed``) or another process holds the
            write lock for too long (``storage_busy``); nothing was changed.
    """
    if db.conn.in_transaction:
        yield
        return
    with db.write_lock:
        try:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield
                db.execute("COMMIT")
            except BaseException:
                if db.conn.in_transaction:
                    db.execute("ROLLBACK")
                raise
        except sqlite3.OperationalError as error:
            busy = getattr(error, "sqlite_errorcode", None) in (5, 6)
            raise Unavailable("storage_busy" if busy else "storage_failed") from error


@contextmanager
def read_transaction(db: TillDatabase) -> Iterator[None]:
    """Let every read inside see one state of the database."""
    if db.conn.in_transaction:
        yield
        return
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("ROLLBACK")


def rows(db: Database, sql: str, parameters: Parameters = ()) -> list[Row]:
    """Return every row of a query as a dict."""
    cursor = db.execute(sql, parameters)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def row(db: Database, sql: str, parameters: Parameters = ()) -> Row | None:
    """Return the first row of a query as a dict, or None."""
    cursor = db.execute(sql, parameters)
    values = cursor.fetchone()
    return values and {column[0]: value for column, value in zip(cursor.description, values, strict=True)}


def value(db: Database, sql: str, parameters: Parameters = ()) -> Any:
    """Return the first value of the first row, or None."""
    first = db.execute(sql, parameters).fetchone()
    return first[0] if first else None


def insert(db: Database, table: str, values: Mapping[str, Any]) -> None:
    """Insert one row into a table that exists.

    ``Table.insert`` would create a mistyped table silently; this fails instead.
    """
    names = ", ".join(values)
    marks = ", ".join("?" * len(values))
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))
