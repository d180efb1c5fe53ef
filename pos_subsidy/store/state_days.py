"""What entries change of days: closed, reopened, and their differences decided."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlite_utils import Database

from pos_subsidy.domain.journal import Entry
from pos_subsidy.errors import Conflict
from pos_subsidy.store.db import insert

TABLES = ("batch", "difference_decision")

Body = Mapping[str, Any]
_BATCH = "batch_id business_date first_seq last_seq line_count price_fen subsidy_fen payable_fen lines_hash"
_DECISION = "business_date order_no kind source till_fen other_fen decision reason"


def _closed(db: Database, entry: Entry, body: Body) -> None:
    insert(db, "batch", {"closed_at": entry.at, **{name: body[name] for name in _BATCH.split()}})


def _reopened(db: Database, entry: Entry, body: Body) -> None:
    """The batch is no more; what it was stays in the journal."""
    gone = db.execute(
        "DELETE FROM batch WHERE batch_id = ? AND last_seq = ?", [body["batch_id"], body["last_seq"]]
    ).rowcount
    if gone != 1:
        raise Conflict("day_not_closed", business_date=body["business_date"])


def _decided(db: Database, entry: Entry, body: Body) -> None:
    db.execute(
        "DELETE FROM difference_decision WHERE business_date = ? AND order_no = ?",
        [body["business_date"], body["order_no"]],
    )
    values = {name: body[name] for name in _DECISION.split()}
    insert(
        db,
        "difference_decision",
        {
            **values,
            "needs_second": int(body["needs_second"]),
            "decided_by": body["cashier"],
            "decided_at": entry.at,
        },
    )


def _confirmed(db: Database, entry: Entry, body: Body) -> None:
    done = db.execute(
        "UPDATE difference_decision SET confirmed_by = ?, confirmed_at = ?"
        " WHERE business_date = ? AND order_no = ? AND confirmed_by IS NULL AND needs_second = 1",
        [body["cashier"], entry.at, body["business_date"], body["order_no"]],
    ).rowcount
    if done != 1:
        raise Conflict("decision_gone", order_no=body["order_no"])


CHANGES: dict[str, Callable[[Database, Entry, Body], None]] = {
    "day_closed": _closed,
    "day_reopened": _reopened,
    "difference_decided": _decided,
    "difference_confirmed": _confirmed,
}
