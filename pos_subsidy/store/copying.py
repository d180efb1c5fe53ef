"""A consistent copy of a till's file while it is in use."""

from pathlib import Path

from pos_subsidy.store.db import TillDatabase, open_database, sqlite3


def copy_into(db: TillDatabase, target: Path) -> None:
    """Copy everything that is committed now into a new file."""
    copy = sqlite3.connect(str(target))
    try:
        db.conn.backup(copy)
    finally:
        copy.close()
    # The copy stands alone: no second file beside it that could be forgotten.
    opened = open_database(target)
    opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    opened.close()
