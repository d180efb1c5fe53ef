"""What entries about evidence change."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlite_utils import Database

from pos_subsidy.domain.journal import Entry
from pos_subsidy.errors import Conflict
from pos_subsidy.store.db import insert, row

TABLES = ("evidence", "evidence_postponed")

Body = Mapping[str, Any]


def _given(db: Database, entry: Entry, body: Body) -> None:
    if row(db, "SELECT 1 FROM redemption WHERE redemption_id = ?", [body["redemption_id"]]) is None:
        raise Conflict("redemption_unknown")
    for part in body["parts"]:
        content = part["content"]
        db.execute(
            "UPDATE evidence SET replaced_at = ?"
            " WHERE redemption_id = ? AND part = ? AND replaced_at IS NULL",
            [entry.at, body["redemption_id"], part["part"]],
        )
        insert(
            db,
            "evidence",
            {
                "redemption_id": body["redemption_id"],
                "part": part["part"],
                "journal_seq": entry.seq,
                "content": json.dumps(content, ensure_ascii=False, sort_keys=True),
                "invoice_no": f"{content['code']}{content['number']}" if part["part"] == "invoice" else None,
                "sha256": content.get("sha256"),
                "dhash": content.get("dhash"),
                "given_at": entry.at,
                "till": body["till"],
                "cashier": body["cashier"],
            },
        )


def _postponed(db: Database, entry: Entry, body: Body) -> None:
    _resumed(db, entry, body)
    insert(
        db,
        "evidence_postponed",
        {
            "redemption_id": body["redemption_id"],
            "until": body["until"],
            "reason": body["reason"],
            "postponed_at": entry.at,
            "cashier": body["cashier"],
        },
    )


def _resumed(db: Database, entry: Entry, body: Body) -> None:
    db.execute("DELETE FROM evidence_postponed WHERE redemption_id = ?", [body["redemption_id"]])


CHANGES: dict[str, Callable[[Database, Entry, Body], None]] = {
    "evidence_given": _given,
    "evidence_postponed": _postponed,
    "evidence_resumed": _resumed,
}
