"""How a deployed till's file reaches the current schema.

``schema.sql`` shows where this road ends; a test builds a database both ways and compares.
"""

from sqlite_utils import Database, Migrations

from pos_subsidy.store.db import TillDatabase, value

migrations = Migrations("till")


def create(db: TillDatabase, schema: str) -> None:
    """Create every table in an empty file and mark all migrations as done."""
    db.executescript(schema)
    migrations.apply(db)


def is_created(db: Database) -> bool:
    return bool(value(db, "SELECT count(*) FROM sqlite_master WHERE name = 'journal'"))


def upgrade(db: TillDatabase) -> None:
    """Carry out the migrations this file has not seen."""
    migrations.apply(db)
