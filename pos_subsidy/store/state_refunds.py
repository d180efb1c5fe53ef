"""What entries change of the cash leg of reversals."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlite_utils import Database

from pos_subsidy.domain.journal import Entry
from pos_subsidy.domain.refunds import REFUND_STATES
from pos_subsidy.domain.voucher import next_state
from pos_subsidy.errors import Conflict
from pos_subsidy.store.db import insert, row

TABLES = ("refund",)

Body = Mapping[str, Any]


def owe(db: Database, body: Body) -> None:
    """Cash is given from the drawer at once; what a channel gives back, its bill has to show."""
    if body["payable_fen"] >= 0:
        return
    by_channel = row(
        db,
        "SELECT 1 FROM payment WHERE redemption_id = ? AND channel <> 'cash'",
        [body["redemption_id"]],
    )
    insert(
        db,
        "refund",
        {
            "reversal_id": body["reversal_id"],
            "redemption_id": body["redemption_id"],
            "amount_fen": -body["payable_fen"],
            "state": "due" if by_channel else "paid",
            "attempts": 1,
        },
    )


def _seen(db: Database, entry: Entry, body: Body) -> None:
    also = {name: body[name] for name in ("channel", "ref", "seen_at")}
    _move(db, body["reversal_id"], body["action"], also)


def _repeated(db: Database, entry: Entry, body: Body) -> None:
    action = "repeat_in_cash" if body["channel"] == "cash" else "repeat"
    _move(
        db,
        body["reversal_id"],
        action,
        {"attempts": body["attempt"], "channel": body["channel"], "ref": None},
    )


def _move(db: Database, reversal_id: str, action: str, also: Body) -> None:
    found = row(db, "SELECT state FROM refund WHERE reversal_id = ?", [reversal_id])
    if found is None:
        raise Conflict("reversal_unknown")
    new = next_state(REFUND_STATES, found["state"], action, conflict="refund_not_failed")
    sets = "".join(f", {name} = :{name}" for name in also)
    moved = db.execute(
        f"UPDATE refund SET state = :new{sets} WHERE reversal_id = :reversal_id AND state = :old",
        {"new": new, "old": found["state"], "reversal_id": reversal_id, **also},
    ).rowcount
    if moved != 1:
        raise Conflict("refund_not_failed", state=found["state"])


CHANGES: dict[str, Callable[[Database, Entry, Body], None]] = {
    "refund_seen": _seen,
    "refund_repeated": _repeated,
}
