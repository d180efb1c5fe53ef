"""What entries about appeals change."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlite_utils import Database

from pos_subsidy.domain.journal import Entry
from pos_subsidy.errors import Conflict
from pos_subsidy.store.db import insert, row

TABLES = ("appeal",)

Body = Mapping[str, Any]


def _made(db: Database, entry: Entry, body: Body) -> None:
    known = row(
        db,
        "SELECT 1 FROM redemption WHERE redemption_id = :id"
        " UNION ALL SELECT 1 FROM claim WHERE claim_id = :id",
        {"id": body["redemption_id"]},
    )
    if known is None:
        raise Conflict("redemption_unknown")
    insert(
        db,
        "appeal",
        {
            "appeal_id": body["appeal_id"],
            "redemption_id": body["redemption_id"],
            "verdict": body["verdict"],
            "verdict_code": body["code"],
            "verdict_params": json.dumps(body["params"], ensure_ascii=False, sort_keys=True),
            "verdict_at": body["judged_at"],
            "words": body["words"],
            "files": json.dumps(body["files"], ensure_ascii=False, sort_keys=True),
            "made_at": entry.at,
            "journal_seq": entry.seq,
            "till": body["till"],
            "cashier": body["cashier"],
        },
    )


def decided(db: Database, params: Body) -> None:
    """Put the city's decision on the appeal that its verdict speaks of, once."""
    told = params.get("appeal")
    if told:
        db.execute(
            "UPDATE appeal SET outcome = ?, reason = ?, note = ?, decided_at = ?"
            " WHERE appeal_id = ? AND outcome IS NULL",
            [told["outcome"], told["reason"], told["note"], told["decided_at"], told["appeal_id"]],
        )


CHANGES: dict[str, Callable[[Database, Entry, Body], None]] = {"appeal_made": _made}
