"""What entries about findings change."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlite_utils import Database

from pos_subsidy.domain.journal import Entry
from pos_subsidy.errors import Conflict
from pos_subsidy.store.db import insert, row

TABLES = ("finding_explained",)

Body = Mapping[str, Any]


def _explained(db: Database, entry: Entry, body: Body) -> None:
    if row(db, "SELECT 1 FROM redemption WHERE redemption_id = ?", [body["redemption_id"]]) is None:
        raise Conflict("redemption_unknown")
    insert(
        db,
        "finding_explained",
        {
            "redemption_id": body["redemption_id"],
            "finding_id": body["finding_id"],
            "journal_seq": entry.seq,
            "code": body["code"],
            "seen": json.dumps(body["seen"], ensure_ascii=False, sort_keys=True),
            "reason": body["reason"],
            "explained_at": entry.at,
            "till": body["till"],
            "cashier": body["cashier"],
        },
    )


CHANGES: dict[str, Callable[[Database, Entry, Body], None]] = {"finding_explained": _explained}
