"""Day batches, and the statement files that were handed in for a day."""

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from pos_subsidy.domain import moments
from pos_subsidy.store.db import row, rows


@dataclass(frozen=True, slots=True)
class Batch:
    """The frozen lines of one closed day: a closed range of journal entries."""

    batch_id: str
    business_date: str
    first_seq: int
    last_seq: int
    line_count: int
    price_fen: int
    subsidy_fen: int
    payable_fen: int
    lines_hash: str
    closed_at: str


@dataclass(frozen=True, slots=True)
class StatementFile:
    kind: str
    filename: str
    content: bytes
    file_hash: str


def of_day(db: Database, business_date: str) -> Batch | None:
    found = row(db, "SELECT * FROM batch WHERE business_date = ?", [business_date])
    return Batch(**found) if found else None


def last(db: Database) -> Batch | None:
    found = row(db, "SELECT * FROM batch ORDER BY last_seq DESC LIMIT 1")
    return Batch(**found) if found else None


def keep_statement(db: Database, *, business_date: str, file: StatementFile, now: datetime) -> bool:
    """Keep a statement file of a day; False if this very file was there already."""
    added = db.execute(
        "INSERT INTO statement_file VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [business_date, file.file_hash, file.filename, file.kind, file.content, moments.text(now)],
    )
    return added.rowcount == 1


def statements_of(db: Database, business_date: str) -> list[StatementFile]:
    """Return the newest file of each kind that was handed in for a day."""
    found = rows(
        db,
        "SELECT kind, filename, content, file_hash FROM statement_file AS one"
        " WHERE business_date = ? AND rowid = (SELECT rowid FROM statement_file AS other"
        " WHERE other.business_date = one.business_date AND other.kind = one.kind"
        " ORDER BY uploaded_at DESC, rowid DESC LIMIT 1) ORDER BY kind",
        [business_date],
    )
    return [StatementFile(one["kind"], one["filename"], one["content"], one["file_hash"]) for one in found]
