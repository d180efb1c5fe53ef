"""The schema: strict, append-only where it must be, and the same by both roads."""

from pos_subsidy import bundled
from pos_subsidy.store import migrations
from pos_subsidy.store.db import open_database


def _tables(db) -> dict[str, str]:
    found = db.execute(
        "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE '\\_sqlite%' ESCAPE '\\'"
    )
    return dict(found.fetchall())


def test_both_roads_lead_to_the_same_schema(tmp_path):
    schema = bundled("schema.sql").read_text("utf-8")
    fresh, upgraded = open_database(tmp_path / "a.db"), open_database(tmp_path / "b.db")
    migrations.create(fresh, schema)
    upgraded.executescript(schema)
    migrations.upgrade(upgraded)
    assert _tables(fresh) == _tables(upgraded)
    fresh.close()
    upgraded.close()


def test_every_table_is_strict(db):
    own = [sql for name, sql in _tables(db).items() if sql.startswith("CREATE TABLE")]
    assert own and all(sql.rstrip().endswith("STRICT") for sql in own)


def test_nothing_in_the_schema_destroys(tmp_path):
    schema = bundled("schema.sql").read_text("utf-8").upper()
    assert "DROP" not in schema and "DELETE ON JOURNAL" in schema


def test_a_connection_is_durable_and_keeps_its_references(db):
    settings = {name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")}
    assert settings == {"journal_mode": "wal", "synchronous": 2}
    assert db.execute("PRAGMA foreign_keys").fetchone()[0] == 1
