"""Reading appeals, and which of their files the city has."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from pos_subsidy.domain import moments
from pos_subsidy.store.db import insert, row, rows

_COLUMNS = (
    "appeal_id, redemption_id, verdict, verdict_code, verdict_params, verdict_at, words, files, made_at,"
    " till, cashier, outcome, reason, note, decided_at"
)


@dataclass(frozen=True, slots=True)
class Appeal:
    """One appeal: against which word, what was said and handed in, and what became of it."""

    appeal_id: str
    redemption_id: str
    verdict: str
    verdict_code: str | None
    verdict_params: dict[str, Any]
    verdict_at: str
    words: str
    files: tuple[dict[str, str], ...]  # sha256, name, media
    made_at: str
    till: str
    cashier: str
    outcome: str | None
    reason: str | None
    note: str | None
    decided_at: str | None


def of_sale(db: Database, redemption_id: str) -> list[Appeal]:
    """Return the appeals about a redemption or claim, the oldest first."""
    found = rows(
        db, f"SELECT {_COLUMNS} FROM appeal WHERE redemption_id = ? ORDER BY journal_seq", [redemption_id]
    )
    return [_appeal(one) for one in found]


def everything(db: Database) -> list[Appeal]:
    """Return every appeal, the newest first."""
    return [_appeal(one) for one in rows(db, f"SELECT {_COLUMNS} FROM appeal ORDER BY journal_seq DESC")]


def files_to_send(db: Database, *, up_to_seq: int) -> list[tuple[str, str]]:
    """Return (appeal, SHA-256) of files the city has not got, of appeals whose rows it has."""
    found = rows(
        db,
        "SELECT appeal_id, file.value ->> '$.sha256' AS sha256 FROM appeal, json_each(appeal.files) AS file"
        " WHERE journal_seq <= ? AND NOT EXISTS (SELECT 1 FROM appeal_file_sent AS sent"
        " WHERE sent.appeal_id = appeal.appeal_id AND sent.sha256 = file.value ->> '$.sha256')"
        " ORDER BY journal_seq",
        [up_to_seq],
    )
    return [(one["appeal_id"], one["sha256"]) for one in found]


def mark_sent(db: Database, appeal_id: str, sha256: str, *, now: datetime) -> None:
    insert(db, "appeal_file_sent", {"appeal_id": appeal_id, "sha256": sha256, "sent_at": moments.text(now)})


def words_of_city(db: Database, redemption_id: str) -> list[dict[str, Any]]:
    """Return every word of the city on a sale as the entries keep them, the first one first."""
    found = rows(
        db,
        "SELECT at, body FROM journal WHERE kind = 'verdict_applied' AND body ->> '$.redemption_id' = ?"
        " ORDER BY seq",
        [redemption_id],
    )
    return [{"applied_at": one["at"], **json.loads(one["body"])} for one in found]


def own_record(db: Database, redemption_id: str) -> dict[str, Any] | None:
    """Return where the shop's own signed entry of a sale stands: seq, at, hash, kid, signature."""
    return row(
        db,
        "SELECT seq, at, hash, kid, signature FROM journal WHERE kind IN ('redeemed', 'claim_submitted')"
        " AND coalesce(body ->> '$.redemption_id', body ->> '$.claim_id') = ? ORDER BY seq LIMIT 1",
        [redemption_id],
    )


def _appeal(found: dict[str, Any]) -> Appeal:
    read = {"verdict_params": json.loads(found["verdict_params"]), "files": tuple(json.loads(found["files"]))}
    return Appeal(**{**found, **read})
