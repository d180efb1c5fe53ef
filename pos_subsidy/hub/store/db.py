"""Opens the hub's database, SQLite or PostgreSQL, and runs its transactions."""

import os
import random
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from pysqlite3 import dbapi2
from sqlalchemy import Connection, Engine, PoolProxiedConnection, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError, SQLAlchemyError

from pos_subsidy.errors import Invalid, Unavailable
from pos_subsidy.hub.store.lines import Line, take_place

try:
    import fcntl
except ModuleNotFoundError:  # Windows
    fcntl = None  # type: ignore[assignment]

_DRIVER = "postgresql+psycopg"
_SPELLINGS = ("postgresql", "postgres", _DRIVER)
# One for every thread of a hub's process.
_CONNECTIONS = 16
_ATTEMPTS = 12
_SOON = 4  # in line there is nobody to get out of the way of
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.002, 0.2
_SERIALIZATION_FAILURE, _DEADLOCK, _UNIQUE_VIOLATION = "40001", "40P01", "23505"
_WAITED_TOO_LONG = ("55P03", "57014")  # for a lock, or for a statement's end
_ONLY_READS = "only_reads"
# A batch changes some 15 MB of pages; written into the file after each, as SQLite would, many are written
# again a moment later. Whoever fills the log writes it back in his turn, and everybody waits for that;
# so what brings much does it before, when it has let the others by.
_LOG_WORTH_WRITING_PAGES, _LOG_FULL_PAGES = 12_000, 32_000
# SQLite before it could spoil a database whose log was written back by one and written by another.
_WRITES_BACK_BESIDE_WRITERS = (3, 51, 3)

Result = TypeVar("Result")


def open_engine(database: Path | str) -> Engine:
    """Return an engine on a SQLite file or on a PostgreSQL URL.

    Raises:
        Invalid: ``database_invalid``, the URL is none of PostgreSQL's.
        Unavailable: ``driver_missing``.
    """
    return _sqlite(database) if isinstance(database, Path) else _postgresql(read_url(database))


def read_url(written: str) -> URL:
    """Return the URL of a PostgreSQL database, with the one driver we know.

    Raises:
        Invalid: ``database_invalid``; the text is not repeated, it may hold a password.
    """
    try:
        url = make_url(written)
    except (ArgumentError, ValueError):
        raise Invalid("database_invalid") from None
    if url.drivername not in _SPELLINGS or not url.database:
        raise Invalid("database_invalid")
    return url.set(drivername=_DRIVER)


def run(
    engine: Engine,
    work: Callable[[Connection], Result],
    *,
    instead: Callable[[Connection], Result] | None = None,
    line: Line | None = None,
) -> Result:
    """Do ``work`` in one transaction, everything or nothing, and return what it returned.

    PostgreSQL may undo a transaction for the sake of another, and a connection may be lost before
    the commit was sent; then ``work`` is done again from its beginning, so it may change nothing
    but the database. ``line`` is where it waits for its turn first. ``instead`` is done after ``work``
    was undone or met a key that somebody else had taken: for work that stands on what was read before it.

    Raises:
        Unavailable: the database does not answer, is too busy, or was lost with the commit under way;
            what was sent may be sent again.
    """
    for attempt in range(_ATTEMPTS):
        if attempt and not (line is Line.HOLDS and attempt <= _SOON):
            longest = min(_PAUSE_SECONDS * 2**attempt, _LONGEST_PAUSE_SECONDS)
            time.sleep(random.uniform(0, longest))
        try:
            return _once(engine, _in_turn(work, line, attempt) if line else work)
        except _Undone as undone:
            # The till that asked goes by its offline rules meanwhile; it asks again by itself.
            if undone.waited_too_long and line is Line.HOLDS:
                break
            work, instead = instead or work, None
        except IntegrityError:
            if instead is None:
                raise
            work, instead = instead, None
    raise Unavailable("unavailable")


def read(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    """Return what ``work`` reads, which changes nothing, on one state of the database.

    It stands in nobody's way: a page may take its time while tills are answered.

    Raises:
        Unavailable: as ``run``.
    """
    return run(_reading(engine), work)


def write_back(engine: Engine) -> None:
    """Write what SQLite's log holds into the file, if it is much, while others go on; else do nothing."""
    if engine.dialect.name != "sqlite" or dbapi2.sqlite_version_info < _WRITES_BACK_BESIDE_WRITERS:
        return
    # What cannot be written back now stays in the log, which is durable.
    with suppress(dbapi2.Error, SQLAlchemyError), closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        _busy, logged, written = cursor.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()
        if logged - written > _LOG_WORTH_WRITING_PAGES:
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")


@lru_cache(maxsize=8)
def _reading(engine: Engine) -> Engine:
    return engine.execution_options(**{_ONLY_READS: True}, postgresql_readonly=True)


def must_run_again(error: DBAPIError) -> bool:
    """Say whether an error undid the whole transaction, whatever was being done in it."""
    undone = (_SERIALIZATION_FAILURE, _DEADLOCK, *_WAITED_TOO_LONG)
    return error.connection_invalidated or _sqlstate(error) in undone


def _in_turn(
    work: Callable[[Connection], Result], line: Line, attempt: int
) -> Callable[[Connection], Result]:
    def waiting(db: Connection) -> Result:
        take_place(db, line, attempt=attempt)
        return work(db)

    return waiting


class _Undone(Exception):
    """The transaction left no trace and may be run again."""

    def __init__(self, *, waited_too_long: bool) -> None:
        self.waited_too_long = waited_too_long


def _once(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    sent = False
    try:
        with _line(engine), engine.connect() as connection:
            connection.info[_ONLY_READS] = _only_reads(engine)
            with connection.begin() as transaction:
                result = work(connection)
                sent = True
                transaction.commit()
        return result
    except DBAPIError as error:
        lost = error.connection_invalidated or _never_connected(engine, error)
        if lost and sent:
            raise Unavailable("unavailable") from error
        # Another transaction may take a key between our look and our insert; the second look finds it.
        if lost or must_run_again(error) or _sqlstate(error) == _UNIQUE_VIOLATION:
            raise _Undone(waited_too_long=_sqlstate(error) in _WAITED_TOO_LONG) from error
        raise


def _line(engine: Engine) -> AbstractContextManager[object]:
    """Return what writers of a file wait in; who waits for SQLite's own lock polls for it."""
    waits = engine.dialect.name == "sqlite" and not _only_reads(engine)
    return _line_of(str(engine.url.database)) if waits else nullcontext()


def _only_reads(engine: Engine) -> bool:
    return bool(engine.get_execution_options().get(_ONLY_READS))


@lru_cache
def _line_of(database: str) -> AbstractContextManager[object]:
    return _Turn(Path(f"{database}-line"))


class _Turn:
    """A place in the line of all writers of one file: threads here, and processes where the system has locks
    that wake whoever waits. Without them SQLite's own lock still holds, and is polled for."""

    _file: int | None = None

    def __init__(self, path: Path) -> None:
        self._threads, self._depth = threading.RLock(), 0
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600) if fcntl else None

    def __del__(self) -> None:
        if self._file is not None:
            os.close(self._file)

    def __enter__(self) -> "_Turn":
        self._threads.acquire()
        self._depth += 1
        if self._depth == 1 and self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_EX)
        return self

    def __exit__(self, *_error: object) -> None:
        self._depth -= 1
        if self._depth == 0 and self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self._threads.release()


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _never_connected(engine: Engine, error: DBAPIError) -> bool:
    return (
        engine.dialect.name == "postgresql"
        and isinstance(error, OperationalError)
        and _sqlstate(error) is None
    )


def _postgresql(url: URL) -> Engine:
    # Every rule of the hub is "look, then write": a unit is free, a piece is free, a batch has some left.
    # SERIALIZABLE makes that as true for many processes as for one after the other.
    try:
        return create_engine(
            url,
            isolation_level="SERIALIZABLE",
            pool_pre_ping=True,
            pool_size=_CONNECTIONS,
            hide_parameters=True,
            connect_args={"connect_timeout": 5, "application_name": "pos-subsidy-hub"},
        )
    except ModuleNotFoundError:
        raise Unavailable("driver_missing") from None


def _sqlite(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", module=dbapi2, connect_args={"timeout": 15.0})

    @event.listens_for(engine, "connect")
    def _settings(connection, _record) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA cache_size = -16384")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_FULL_PAGES}")

    # By the driver, and not as an event of SQLAlchemy's, which would cost every statement a third more.
    engine.dialect.do_begin = _begin  # type: ignore[assignment,method-assign]
    return engine


def _begin(dbapi_connection: PoolProxiedConnection) -> None:
    # Takes the write lock first, so that what is read inside cannot go stale before the write.
    reads = dbapi_connection.info.pop(_ONLY_READS, False)
    driver = dbapi_connection.driver_connection
    driver.execute("BEGIN" if reads else "BEGIN IMMEDIATE")  # type: ignore[union-attr]
