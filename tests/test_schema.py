"""The schema: strict, append-only where it must be, and the same by both roads."""

from pathlib import Path

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


def test_a_file_of_the_first_release_is_brought_to_the_same_schema(tmp_path):
    before = (Path(__file__).parent / "store/schema-0.1.0.sql").read_text("utf-8")
    old, fresh = open_database(tmp_path / "old.db"), open_database(tmp_path / "fresh.db")
    old.executescript(before)
    old.execute("INSERT INTO setting VALUES ('kept', 'yes')")
    migrations.upgrade(old)
    migrations.upgrade(old)
    migrations.create(fresh, bundled("schema.sql").read_text("utf-8"))
    assert _columns(old) == _columns(fresh)
    assert _indexes(old) == _indexes(fresh)
    assert old.execute("SELECT value FROM setting WHERE name = 'kept'").fetchone() == ("yes",)
    old.close()
    fresh.close()


def test_staff_of_an_older_file_are_kept_when_their_table_is_rebuilt_for_new_roles(tmp_path):
    old, fresh = open_database(tmp_path / "old.db"), open_database(tmp_path / "fresh.db")
    old.executescript((Path(__file__).parent / "store/schema-0.1.0.sql").read_text("utf-8"))
    columns = "username, display_name, role, password_hash, till, active"
    old.execute(f"INSERT INTO staff ({columns}) VALUES ('m', '店长', 'manager', 'h', 'T1', 1)")
    migrations.upgrade(old)
    migrations.create(fresh, bundled("schema.sql").read_text("utf-8"))
    assert _tables(old)["staff"] == _tables(fresh)["staff"]
    found = old.execute(f"SELECT {columns}, pin_hash FROM staff").fetchall()
    assert found == [("m", "店长", "manager", "h", "T1", 1, None)]
    old.execute("UPDATE staff SET role = 'finance'")
    old.close()
    fresh.close()


def _columns(db) -> dict[str, list[tuple]]:
    names = [name for name in _tables(db) if name in db.table_names()]
    return {name: db.execute(f"PRAGMA table_xinfo({name})").fetchall() for name in names}


def _indexes(db) -> set[str]:
    return {name for name, sql in _tables(db).items() if " INDEX " in sql}


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
