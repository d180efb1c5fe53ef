"""Opens the hub's database and brackets its transactions."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pysqlite3 import dbapi2
from sqlalchemy import Connection, Engine, create_engine, event

from pos_subsidy.hub.store.schema import metadata


def open_engine(path: Path) -> Engine:
    """Return an engine on a SQLite file; the safe library, durable, one writer in line."""
    engine = create_engine(f"sqlite:///{path}", module=dbapi2, connect_args={"timeout": 15.0})

    @event.listens_for(engine, "connect")
    def _settings(connection, _record) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection) -> None:
        # Takes the write lock first, so that what is read inside cannot go stale before the write.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def create_tables(engine: Engine) -> None:
    metadata.create_all(engine)


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction: everything inside, or nothing."""
    with engine.begin() as connection:
        yield connection
