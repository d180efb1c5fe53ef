"""One at a time over all processes of a till; the lock dies with its process."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pysqlite3 import dbapi2

from pos_subsidy.errors import Conflict


@contextmanager
def only_one(path: Path, code: str) -> Iterator[None]:
    """Hold a lock while the block runs; ``path`` is a file of its own.

    Raises:
        Conflict: ``code``, somebody else holds it.
    """
    # A file of SQLite's own is locked alike on every system, and the system lets go of it by itself.
    connection = dbapi2.connect(path, timeout=0, isolation_level=None)
    try:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except dbapi2.OperationalError:
            raise Conflict(code) from None
        yield
    finally:
        connection.close()
