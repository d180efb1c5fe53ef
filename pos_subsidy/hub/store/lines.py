"""Whom a transaction waits for before it looks at anything, on PostgreSQL; SQLite has one line for all.

Transactions are SERIALIZABLE: of two that were in each other's way one is undone, and a batch of
hundreds of rows is in everybody's way. So batches go one at a time, and between two of them the tills
that waited are answered. A place is the lock of an empty table: LOCK TABLE as the first statement comes
before the transaction's picture of the data (an advisory lock is a query and would come after it),
places are given in the order they were asked for, and a place ends with its transaction.
"""

from enum import Enum

from sqlalchemy import Connection, Engine

from pos_subsidy.hub.store.schema_lines import intake_line
from pos_subsidy.hub.store.schema_pools import hold_line

# Who holds a place and says nothing for so long is cut off by the server: its process hangs or is gone.
_SILENCE = "5s"
_STATEMENT = "10s"
_HOLD_WAITS = "2s"
_BATCH_WAITS_FOR_BATCHES = "20s"
# A batch that waits keeps the tills behind it waiting. It steps aside when a hold or a row is not
# given free soon, and comes back.
_BATCH_WAITS_FOR_HOLDS = "300ms"
# Holds go beside each other; one that was undone goes alone among those that were; undone
# again and again it goes alone.
_BESIDE, _IN_TURN, _ALONE = "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE ROW EXCLUSIVE"
_TURNS = 3
_ROWS_A_TURN = 250


class Line(Enum):
    """What a transaction is to others: a till's question about holds, or a batch of rows."""

    HOLDS = "holds"
    INTAKE = "intake"


def take_place(db: Connection, line: Line, *, attempt: int) -> None:
    """Wait for a transaction's turn; ``attempt`` counts how often it was undone."""
    if db.dialect.name == "postgresql":
        db.exec_driver_sql("; ".join(_statements(line, attempt)))


def turns(engine: Engine, first_seq: int, last_seq: int) -> list[int]:
    """Return up to which row each transaction of a batch goes: no till waits for a whole one."""
    if engine.dialect.name != "postgresql":
        return [last_seq]
    return [*range(first_seq + _ROWS_A_TURN - 1, last_seq, _ROWS_A_TURN), last_seq]


def _statements(line: Line, attempt: int) -> list[str]:
    limits = [
        _limit("idle_in_transaction_session_timeout", _SILENCE),
        # Of a table that grew since it was last looked over the planner knows too little: it would
        # read all of it for a few rows, and under SERIALIZABLE lock it whole.
        _limit("enable_seqscan", "off"),
        # Older servers reckon such a plan so dear that they would compile it.
        _limit("jit", "off"),
    ]
    if line is Line.HOLDS:
        mode = _BESIDE if attempt == 0 else _IN_TURN if attempt < _TURNS else _ALONE
        return [
            *limits,
            _limit("statement_timeout", _STATEMENT),
            _limit("lock_timeout", _HOLD_WAITS),
            f"LOCK TABLE {hold_line.name} IN {mode} MODE",
        ]
    return [
        *limits,
        _limit("lock_timeout", _BATCH_WAITS_FOR_BATCHES),
        # In a line of their own, so that never two batches stand before a till.
        f"LOCK TABLE {intake_line.name} IN EXCLUSIVE MODE",
        _limit("statement_timeout", _STATEMENT),
        _limit("lock_timeout", _BATCH_WAITS_FOR_HOLDS),
        f"LOCK TABLE {hold_line.name} IN {_ALONE} MODE",
    ]


def _limit(setting: str, value: str) -> str:
    return f"SET LOCAL {setting} = '{value}'"
