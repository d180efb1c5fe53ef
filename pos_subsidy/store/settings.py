"""Single facts that are no part of the journal, e.g. what was last heard from the city."""

from sqlite_utils import Database

from pos_subsidy.store.db import row, rows


def get(db: Database, name: str) -> str | None:
    found = row(db, "SELECT value FROM setting WHERE name = ?", [name])
    return found["value"] if found else None


def put(db: Database, name: str, value: str) -> None:
    db.execute(
        "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [name, value],
    )


def remove(db: Database, name: str) -> None:
    db.execute("DELETE FROM setting WHERE name = ?", [name])


def beginning(db: Database, prefix: str) -> dict[str, str]:
    """Return every fact whose name begins so."""
    found = rows(db, "SELECT name, value FROM setting WHERE substr(name, 1, ?) = ?", [len(prefix), prefix])
    return {one["name"]: one["value"] for one in found}
