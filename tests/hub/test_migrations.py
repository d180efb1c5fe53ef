"""Tables told and steps written say the same, on both databases; older hubs lose nothing."""

import re
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from pos_subsidy.errors import Conflict
from pos_subsidy.hub import audit_money
from pos_subsidy.hub import config as hub_config
from pos_subsidy.hub.store import append_only, migrating, monthly, rows
from pos_subsidy.hub.store.db import open_engine
from pos_subsidy.hub.store.schema import claim, enrolment_code, hold, outlet
from pos_subsidy.hub.store.schema_evidence import evidence_content
from pos_subsidy.hub.store.schema_ledger import bank_word, ledger_entry, payment, payment_run
from pos_subsidy.hub.store.schema_units import unit
from pos_subsidy.hub.store.tables import metadata
from tests.support import run

_FIRST_STEP = "h0001"
_CONSTRAINTS = (
    "SELECT conrelid::regclass::text AS at, pg_get_constraintdef(oid) AS says"
    " FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
)


@pytest.fixture
def engine(tmp_path, database):
    engine = open_engine(database or tmp_path / "hub.db")
    yield engine
    engine.dispose()


def first_release(engine):
    """Make the tables as the first release made them, before there were steps."""
    path = Path(__file__).parent / f"first_release.{engine.dialect.name}.sql"
    with engine.begin() as connection:
        for statement in path.read_text("utf-8").split(";;\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)


def shape(engine):
    """Return every table's columns, constraints and indexes, as the database tells them."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            constraints = {tuple(one) for one in connection.execute(text(_CONSTRAINTS))}
            indexes = set(
                connection.execute(
                    text("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'")
                ).scalars()
            )
        else:
            told = connection.execute(
                text("SELECT tbl_name, type, sql FROM sqlite_master WHERE sql IS NOT NULL")
            )
            constraints = {
                (name, part) for name, kind, sql in told if kind == "table" for part in _parts(sql)
            }
            indexes = set(
                connection.execute(
                    text("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
                ).scalars()
            )
        columns = {
            (table, column["name"], str(column["type"]), column["nullable"])
            for table in inspect(connection).get_table_names()
            for column in inspect(connection).get_columns(table)
        }
    ours = lambda found: {one for one in found if "alembic" not in str(one)}  # noqa: E731
    return ours(columns), ours(constraints), {_flat(one) for one in ours(indexes)}


def _parts(sql):
    return re.findall(
        r"(?:CHECK|UNIQUE|PRIMARY KEY|FOREIGN KEY|REFERENCES) ?\(?[^\n]*", sql.replace(", \n", "\n")
    )


def _flat(sql):
    return sql.replace(" IF NOT EXISTS", "")


def test_tables_told_and_steps_written_agree(engine, tmp_path, request):
    migrating.create_tables(engine)
    assert migrating.differences(engine) == []
    stepped = shape(engine)

    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
        told = engine
    else:
        told = open_engine(tmp_path / "told.db")
    metadata.create_all(told)
    with told.begin() as connection:
        monthly.partition(connection, today=datetime.now(UTC).date())
    for mine, theirs in zip(stepped, shape(told), strict=True):
        assert mine == theirs
    told.dispose()


def test_every_table_that_only_grows_has_its_triggers(engine):
    migrating.create_tables(engine)
    entry = {"posting_no": 1, "position": 1, "at": "x", "account": "bank", "amount_fen": 5, "why": "claim"}
    with engine.begin() as connection:
        connection.execute(insert(ledger_entry).values(**entry))
    for verb in ("UPDATE ledger_entry SET amount_fen = 6", "DELETE FROM ledger_entry"):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(verb))

    grows = {table.name for table in metadata.tables.values() if append_only.is_append_only(table)}
    asked = (
        "SELECT DISTINCT tbl_name FROM sqlite_master WHERE type = 'trigger'"
        if engine.dialect.name == "sqlite"
        else "SELECT DISTINCT event_object_table FROM information_schema.triggers"
    )
    with engine.connect() as connection:
        assert set(connection.execute(text(asked)).scalars()) == grows


def test_a_hub_of_before_there_were_steps_is_taken_over_without_loss(engine):
    first_release(engine)
    with engine.begin() as connection:
        connection.execute(insert(enrolment_code).values(code_hash="h", made_at="then"))
        # Older still: the money came later.
        connection.execute(text("DROP TABLE ledger_entry"))
    assert migrating.state(engine) == "older"
    with pytest.raises(Conflict, match="schema_older"):
        migrating.must_be_current(engine)

    done = migrating.upgrade(engine)

    assert done[0] == _FIRST_STEP and migrating.state(engine) == "current"
    assert migrating.differences(engine) == []
    with engine.connect() as connection:
        assert connection.execute(select(enrolment_code.c.code_hash)).scalars().all() == ["h"]
    assert migrating.upgrade(engine) == []


def test_rows_of_an_existing_hub_lie_by_month_afterwards_and_none_is_refused(engine):
    first_release(engine)
    moments = (
        "2025-01-31T15:59:59.999Z",
        "2025-06-20T04:00:00.000Z",
        "yesterday",
        "2049-01-01T00:00:00.000Z",
    )
    shop = {"name": "x", "merchant_name": "x", "merchant_uscc": "", "region": "330402", "status": "active"}
    about = {"kind": "k", "body": "{}", "prev_hash": "p", "hash": "h", "kid": "k", "signature": "s"}
    with engine.begin() as connection:
        connection.execute(
            insert(outlet).values(
                outlet="S", enrolled_at="", head_hash="", last_seq=4, verdict_counter=0, **shop
            )
        )
        for seq, at in enumerate(moments, start=1):
            connection.execute(
                text(
                    'INSERT INTO "row"'
                    " (outlet, seq, at, received_at, kind, body, prev_hash, hash, kid, signature)"
                    " VALUES ('S', :seq, :at, '', :kind, :body, :prev_hash, :hash, :kid, :signature)"
                ),
                {"seq": seq, "at": at, **about},
            )
    migrating.upgrade(engine)
    with engine.begin() as connection:
        assert [one.at for one in rows.entries(connection, "S")] == list(moments)
        if engine.dialect.name == "sqlite":
            return
        told = (
            connection.execute(text('SELECT tableoid::regclass::text FROM "row" ORDER BY seq'))
            .scalars()
            .all()
        )
        assert told == ["rows_of_2025_01", "rows_of_2025_06", "rows_of_no_month", "rows_of_no_month"]


def test_files_of_appeals_move_into_the_table_of_all_files(engine):
    details = {"name": "x", "merchant_name": "x", "merchant_uscc": "", "region": "330402"}
    shop = {"outlet": "S", "status": "active", "enrolled_at": "", "head_hash": "", **details}
    scripts = migrating._scripts()
    with engine.begin() as connection:
        migrating._run(connection, lambda revision, _: scripts._upgrade_revs("h0006", revision))
        connection.execute(insert(outlet).values(**shop, last_seq=0, verdict_counter=0))
        kept = {"sealed": b"sealed"}
        connection.execute(text("INSERT INTO appeal_content VALUES ('S', 'abc', :sealed, 'then')"), kept)
    migrating.upgrade(engine)
    with engine.connect() as connection:
        found = connection.execute(select(evidence_content)).all()
    assert [(*one[:2], bytes(one[2]), *one[3:]) for one in found] == [("S", "abc", b"sealed", "then", None)]


def test_what_the_bank_said_last_before_there_were_its_words_is_kept(engine):
    details = {"name": "x", "merchant_name": "x", "merchant_uscc": "", "region": "330402"}
    shop = {"outlet": "S", "status": "active", "enrolled_at": "", "head_hash": "", **details}
    answered = [("P-1", "paid", "B-1", "then"), ("P-2", "returned", "", "then"), ("P-3", "made", None, None)]
    scripts = migrating._scripts()
    with engine.begin() as connection:
        migrating._run(connection, lambda revision, _: scripts._upgrade_revs("h0013", revision))
        connection.execute(insert(outlet).values(**shop, last_seq=0, verdict_counter=0))
        connection.execute(insert(payment_run).values(run_id="P", made_at="", made_by="lin"))
        for number, status, ref, at in answered:
            about = {"payment_no": number, "status": status, "bank_ref": ref, "answered_at": at}
            connection.execute(
                insert(payment).values(run_id="P", outlet="S", amount_fen=1, carried_fen=0, **about)
            )
    migrating.upgrade(engine)
    with engine.connect() as connection:
        found = connection.execute(select(bank_word).order_by(bank_word.c.payment_no)).all()
        named = {one["payment_no"] for one in audit_money.audit(connection) if "answer" in one["code"]}
    assert [tuple(one) for one in found] == [
        ("P-1", 1, "paid", "B-1", "then"),
        ("P-2", 1, "returned", "", "then"),
    ]
    assert named == {"P-2"}, "an answer that named no reference stays named"


def test_units_of_an_existing_hub_are_found_in_its_claims_and_holds(engine):
    first_release(engine)
    kind = {"programme": "p", "unit_class": "c"}
    booked = {"order_no": "", "category": "", "business_date": "", "params": "{}", "judged_at": "", **kind}
    booked |= dict.fromkeys(("price_fen", "subsidy_fen", "net_subsidy_fen"), 1)
    claims = [  # number, person, hold, arrival, does it use the unit
        ("R-1", "anna", "H-1", "2", True),
        ("R-2", "anna", "H-2", "1", True),
        ("R-3", "anna", "H-3", "0", False),
        ("R-4", None, "H-4", "0", True),
        ("R-5", "anna", "H-2", "3", True),  # a hold claimed twice occupies one unit
    ]
    holds = [
        ("H-2", "anna", "claimed"),
        ("H-6", "anna", "held"),
        ("H-7", "bao", "confirmed"),
        ("H-8", "bao", "expired"),
        ("H-9", None, "cancelled"),
    ]
    details = {"name": "x", "merchant_name": "x", "merchant_uscc": "", "region": "330402", "head_hash": ""}
    shop = {"outlet": "S", "status": "active", "enrolled_at": "", "last_seq": 0, "verdict_counter": 0}
    with engine.begin() as connection:
        connection.execute(insert(outlet).values(**shop, **details))
        for seq, (number, person, hold_id, at, used) in enumerate(claims):
            about = {"redemption_id": number, "outlet": "S", "seq": seq, "hold_id": hold_id}
            told = {"person": person, "received_at": at, "unit_used": used, "verdict": "accepted"}
            connection.execute(insert(claim).values(**about, **told, **booked))
        for hold_id, person, status in holds:
            about = {"outlet": "S", "hold_id": hold_id, "person": person, "status": status}
            connection.execute(insert(hold).values(**about, **kind, expires_at="9", asked_at="0"))

    migrating.upgrade(engine)

    names = (unit.c.person, unit.c.slot, unit.c.hold_id, unit.c.kept_until)
    with engine.connect() as connection:
        found = [tuple(one) for one in connection.execute(select(*names).order_by(*names[:2]))]
    assert found == [
        ("anna", 1, "H-2", None),
        ("anna", 2, "H-1", None),
        ("anna", 3, "H-6", "9"),
        ("bao", 1, "H-7", None),
    ]


def test_a_step_that_fails_leaves_everything_as_it_was(engine, monkeypatch):
    first_release(engine)
    monkeypatch.setattr(append_only, "statements", lambda table, dialect: ["NONSENSE"])
    with pytest.raises(DBAPIError):
        migrating.upgrade(engine)
    assert migrating.state(engine) == "older"
    assert "alembic_version" not in inspect(engine).get_table_names()


def test_of_two_that_upgrade_at_once_one_does(engine):
    first_release(engine)
    done, gate = [], threading.Barrier(2)

    def act():
        gate.wait()
        done.append(migrating.upgrade(engine))

    threads = [threading.Thread(target=act) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(bool(one) for one in done) == [False, True]
    assert migrating.state(engine) == "current"


def test_a_database_of_a_later_program_is_refused_in_words(tmp_path, database, capsys):
    folder = tmp_path / "hub"
    hub_config.init(folder, name="测试市", demo=True, database=database)
    engine = open_engine(database or folder / "hub.db")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'h9999'"))
    engine.dispose()
    for act in (hub_config.load, hub_config.upgrade):
        with pytest.raises(Conflict, match="schema_newer"):
            act(folder)


def test_an_older_file_is_upgraded_when_opened_and_an_older_server_on_command(tmp_path, database, capsys):
    folder = tmp_path / "hub"
    hub_config.init(folder, name="测试市", demo=True, database=database)
    engine = open_engine(database or folder / "hub.db")
    with engine.begin() as connection:
        for table in (*reversed(metadata.sorted_tables), "alembic_version"):
            connection.execute(text(f"DROP TABLE IF EXISTS {table}"))
    first_release(engine)
    with engine.begin() as connection:
        details = {"name": "x", "merchant_name": "x", "merchant_uscc": "", "region": "330402"}
        row = {"outlet": "S", "status": "active", "enrolled_at": "", "head_hash": "", **details}
        connection.execute(insert(outlet).values(**row, last_seq=0, verdict_counter=0))
    if database is not None:
        with pytest.raises(Conflict, match="schema_older"):
            hub_config.load(folder)
        run("hub", "upgrade", "--data", str(folder), "--json")
        assert _FIRST_STEP in capsys.readouterr().out
    city = hub_config.load(folder)
    assert migrating.state(city.engine) == "current"
    with city.engine.connect() as connection:
        assert connection.execute(select(outlet.c.outlet)).scalars().all() == ["S"]
    city.engine.dispose()
    engine.dispose()


def test_the_page_on_scale_names_the_key_of_every_table():
    page = (Path(__file__).parents[2] / "docs" / "scale.md").read_text("utf-8")
    assert [name for name in metadata.tables if f"`{name}`" not in page] == []
