"""Does the database take writes, and is it the one this program knows?"""

import os

from sqlalchemy import Connection, insert, text, update

from pos_subsidy.errors import Unavailable
from pos_subsidy.hub.store.schema_operations import heartbeat

# Several processes do not wait for each other's row.
_SLOTS = 64


def must_accept_writes(db: Connection) -> None:
    """Pass if a write may begin; costs no write, for it is asked every moment.

    On SQLite the transaction has taken the write lock by now.

    Raises:
        Unavailable: ``database_read_only``, a stand-by or one that was made read-only.
    """
    if db.dialect.name == "postgresql":
        asked = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'"
        if db.execute(text(asked)).scalar_one():
            raise Unavailable("database_read_only")


def beat(db: Connection, *, at: str) -> None:
    """Write one row; with its transaction it is as durable as a sale."""
    slot = os.getpid() % _SLOTS
    done = db.execute(update(heartbeat).where(heartbeat.c.slot == slot).values(at=at))
    if done.rowcount == 0:
        db.execute(insert(heartbeat).values(slot=slot, at=at))
