"""Both databases under a crowd, a broken connection, and a wrong address."""

import base64
import hashlib
import json
import shutil
import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import ValidationError
from pysqlite3 import dbapi2
from sqlalchemy import event, select, text
from sqlalchemy.exc import DataError, IntegrityError

from pos_subsidy.cli.hub import hub as hub_command
from pos_subsidy.domain import moments
from pos_subsidy.domain.person import Identity, commitment
from pos_subsidy.errors import Conflict, Invalid, Unavailable
from pos_subsidy.hub import config as hub_config
from pos_subsidy.hub import freezing, live
from pos_subsidy.hub.store import bulk, claims, outlets, person_units, units
from pos_subsidy.hub.store.db import must_run_again, open_engine, read, run, write_back
from pos_subsidy.hub.store.lines import Line
from pos_subsidy.hub.store.schema import identity
from pos_subsidy.policy import PACKS_DIR, load_rulebook
from pos_subsidy.protocol import sealing
from pos_subsidy.protocol.messages import HoldRequest
from tests.domain.test_coupons import BATCHES
from tests.hub.books import Till
from tests.support import BAO, NOON, nth_id_number

SHOPS, ROUNDS = 6, 12


@pytest.fixture
def market(city, tmp_path):
    """A city with coupons and six shops."""
    packs = shutil.copytree(PACKS_DIR, tmp_path / "packs")
    path = packs / "coupon-2025.toml"
    confirmed = path.read_text("utf-8").replace('status = "provisional"', 'status = "confirmed"')
    path.write_text(confirmed + BATCHES, "utf-8")
    details = {"name": "x", "merchant_name": "x", "merchant_uscc": "", "region": "330402"}

    def enrol(db):
        for place in range(SHOPS):
            outlets.add(db, f"S-{place}", at="", **details)

    run(city.engine, enrol)
    return replace(city, rulebook=load_rulebook(packs))


def asked(city, hold_id, person, serial_no, **more):
    salt = hashlib.sha256(hold_id.encode()).digest()[:16]  # every till commits to her in its own way
    identity = Identity("resident", nth_id_number(person), "测试", "13800000000")
    told = {name: getattr(identity, name) for name in ("id_type", "id_number", "name", "phone")}
    sealed = sealing.seal(json.dumps({**told, "salt": salt.hex()}).encode(), city.seal_public)
    values = {
        "hold_id": hold_id,
        "category": "refrigerator",
        "unit_class": "refrigerator",
        "programme": "appliance-2026",
        "business_date": "2026-11-20",
        "price_fen": 500_000,
        "subsidy_fen": 75_000,
        **dict.fromkeys(("gtin", "imei1", "imei2")),
        "serial_no": serial_no,
        "expires_at": moments.text(NOON + timedelta(minutes=10)),
        "commitment": commitment(identity, salt),
        "sealed": base64.b64encode(sealed).decode(),
    }
    return HoldRequest(**{**values, **more})


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("business_date", "yesterday"),
        ("business_date", "2026-02-30"),
        ("expires_at", "soon"),
        ("expires_at", "2026-11-20T04:00:00"),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_hold_of_no_day_or_moment_is_malformed(city, field, written):
    with pytest.raises(ValidationError, match=field):
        asked(city, "H-1", 1, "SN-1", **{field: written})


def all_at_once(city, requests):
    """Let every shop ask at the same moment; return what each was refused for."""
    answers, gate = {}, threading.Barrier(len(requests))

    def send(place, request):
        gate.wait()
        answers[place] = [
            one["code"] for one in freezing.hold(city, f"S-{place}", request, kid=None, now=NOON).refusals
        ]

    threads = [threading.Thread(target=send, args=job) for job in enumerate(requests)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return [answers[place] for place in range(len(requests))]


def test_of_six_shops_one_gets_a_persons_unit(market):
    for number in range(ROUNDS):
        requests = [
            asked(market, f"H-{number}-{shop}", number, f"SN-{number}-{shop}") for shop in range(SHOPS)
        ]
        assert sorted(all_at_once(market, requests)) == [[], *[["claimed_elsewhere"]] * (SHOPS - 1)]


def test_of_six_shops_one_gets_a_piece(market):
    for number in range(ROUNDS):
        requests = [
            asked(market, f"H-{number}-{shop}", number * SHOPS + shop, f"SN-{number}")
            for shop in range(SHOPS)
        ]
        assert sorted(all_at_once(market, requests)) == [[], *[["serial_used"]] * (SHOPS - 1)]


def test_two_coupons_go_to_two_people(market):
    coupon = {
        "category": "consumption_coupon",
        "unit_class": "consumption_coupon:may-50",
        "programme": "coupon-2025",
        "business_date": "2025-05-02",
        "subsidy_fen": 5_000,
    }
    for number in range(ROUNDS):
        requests = [
            asked(market, f"H-{number}-{shop}", number * SHOPS + shop, None, **coupon)
            for shop in range(SHOPS)
        ]
        assert sorted(all_at_once(market, requests)) == [[], [], *[["budget_exhausted"]] * (SHOPS - 2)]
        for shop, request in enumerate(requests):
            live.cancel(market, f"S-{shop}", request.hold_id, now=NOON)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_transaction_whose_connection_dies_is_done_again_from_its_beginning(market):
    tries = []

    def die_once(db):
        tries.append(units.find_hold(db, "S-0", "H-1"))
        units.put_hold(db, outlet="S-0", hold_id="H-1", status="held", asked_at="")
        if len(tries) == 1:
            pid = db.execute(text("SELECT pg_backend_pid()")).scalar_one()
            run(market.engine, lambda other: other.execute(text(f"SELECT pg_terminate_backend({pid})")))
        db.execute(text("SELECT 1"))
        return len(tries)

    assert run(market.engine, die_once) == 2
    assert tries == [None, None], "the first try left nothing behind"
    assert live.query(market, "S-0", "H-1") == "held"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_rows_whose_connection_dies_are_taken_in_again_and_none_is_parked(city, shops, monkeypatch):
    """A row is carried out under a savepoint; a lost connection there is no fault of the row."""
    shops[0].api.sell()
    add, killed = claims.add_all, []

    def add_and_die(db, values):
        if not killed:
            killed.append(db.execute(text("SELECT pg_backend_pid()")).scalar_one())
            run(city.engine, lambda other: other.execute(text(f"SELECT pg_terminate_backend({killed[0]})")))
        add(db, values)

    monkeypatch.setattr(claims, "add_all", add_and_die)
    done = shops[0].sync()
    assert killed and done.complete and not done.parked


def kill(market, db):
    """Cut the connection a transaction is on."""
    pid = db.connection.driver_connection.info.backend_pid
    run(market.engine, lambda other: other.execute(text(f"SELECT pg_terminate_backend({pid})")))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_hold_whose_connection_dies_before_its_last_write_is_granted_once(market):
    killed = []

    @event.listens_for(market.engine, "before_cursor_execute")
    def die_once(db, _cursor, statement, *_):
        if "INTO piece" in statement and not killed:
            killed.append(statement)
            kill(market, db)

    request = asked(market, "H-1", 1, "SN-1")
    assert not freezing.hold(market, "S-0", request, kid=None, now=NOON).refusals
    assert killed and live.query(market, "S-0", "H-1") == "held"
    again = freezing.hold(market, "S-1", asked(market, "H-2", 1, "SN-2"), kid=None, now=NOON)
    assert [one["code"] for one in again.refusals] == ["claimed_elsewhere"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_hold_lost_with_its_commit_under_way_is_said_to_be_unknown_and_granted_when_asked_again(market):
    """Whether the database took it nobody knows; it is never done a second time unasked."""
    killed = []

    @event.listens_for(market.engine, "commit")
    def die_once(db):
        writes = db.execute(text("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")).scalar_one()
        if writes and not killed:
            killed.append(True)
            kill(market, db)

    request = asked(market, "H-1", 1, "SN-1")
    with pytest.raises(Unavailable):
        freezing.hold(market, "S-0", request, kid=None, now=NOON)
    assert killed and live.query(market, "S-0", "H-1") == "unknown"
    assert not freezing.hold(market, "S-0", request, kid=None, now=NOON).refusals


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_while_the_server_is_stopped_tills_are_told_so_and_afterwards_nothing_is_missing(
    city, shops, postgresql
):
    assert shops[0].sync().complete
    sold = shops[0].api.sell()
    with postgresql.stopped():
        with pytest.raises(Unavailable):
            read(city.engine, outlets.listing)
        with pytest.raises(Unavailable):
            shops[0].sync()
        offline = shops[0].api.sell(person=BAO, serial_no="SN-OFFLINE")
    done = shops[0].sync()
    assert done.complete and not done.parked
    known = read(city.engine, lambda db: {one["redemption_id"]: one for one in claims.everything(db)})
    assert {sold["redemption_id"], offline["redemption_id"]} <= known.keys()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("before", ["UPDATE unit", "SELECT claim.seq"])  # claims are written, traces
def test_a_batch_in_whose_midst_the_server_is_started_anew_is_taken_in(city, shops, postgresql, before):
    shops[0].api.sell()
    stopped = []

    @event.listens_for(city.engine, "after_cursor_execute")
    def stop_once(_db, _cursor, statement, *_):
        if statement.startswith(before) and not stopped:
            stopped.append(statement)
            with postgresql.stopped():
                pass

    done = shops[0].sync()
    assert stopped and done.complete and not done.parked


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_many_rows_at_once_are_refused_as_one_is(city):
    """An error of COPY is what any statement's is, and undoes no more than its savepoint."""
    one = {"commitment": "c", "person": "P", "sealed": b"\0\xff"}

    def put(db):
        with pytest.raises(IntegrityError, match="identity_pkey") as refused, db.begin_nested():
            bulk.put(db, identity, [one, one])
        assert not must_run_again(refused.value)
        with pytest.raises(DataError), db.begin_nested():
            bulk.put(db, identity, [{**one, "person": "a\0b"}])
        bulk.put(db, identity, [one])
        return db.execute(select(identity.c.sealed)).scalar_one()

    assert run(city.engine, put) == b"\0\xff"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_reads_takes_no_lock_and_whoever_comes_after_on_the_connection_writes_alone(city):
    one, other = city.engine, open_engine(Path(city.engine.url.database))

    def write(engine):
        with engine.begin() as db:
            db.execute(text("UPDATE outlet SET region = region"))

    read(one, lambda _db: write(other))
    with one.begin():  # on the connection that has just read
        second = dbapi2.connect(one.url.database, timeout=0)
        with pytest.raises(dbapi2.OperationalError, match="locked"):
            second.execute("BEGIN IMMEDIATE")
        second.close()
    other.dispose()


def left_in_log(path):
    with closing(dbapi2.connect(path)) as other:
        _, logged, written = other.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()
    return logged - written


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_batch_leaves_no_full_log_to_whoever_comes_next(city, monkeypatch):
    monkeypatch.setattr("pos_subsidy.hub.store.db._LOG_WORTH_WRITING_PAGES", 5)
    till = Till(city, "S-1", NOON)
    till.sell("1")
    assert left_in_log(city.engine.url.database) > 5
    till.deliver()
    assert left_in_log(city.engine.url.database) == 0


def test_what_brings_much_writes_sqlites_log_back_while_another_writes(tmp_path):
    engine, path = open_engine(tmp_path / "x.db"), tmp_path / "x.db"

    def grow(mb):
        run(engine, lambda db: db.execute(text("INSERT INTO t VALUES (zeroblob(:size))"), {"size": mb << 20}))

    def left():
        return left_in_log(path)

    run(engine, lambda db: db.execute(text("CREATE TABLE t (x)")))
    before = left()
    write_back(engine)
    assert before > 0 and left() == before, "a little stays in the log"
    grow(60)
    assert left() > 15_000
    other = dbapi2.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO t VALUES ('x')")
    write_back(engine)
    other.execute("COMMIT")
    assert left() < 10, "all but what the other wrote"
    grow(140)
    assert left() == 0, "who fills the log writes it back himself"
    assert other.execute("SELECT count(*) FROM t").fetchone() == (3,)
    other.close()
    engine.dispose()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_second_hub_does_not_settle_in_the_same_database(city, database, tmp_path):
    with pytest.raises(Conflict, match="database_in_use"):
        hub_config.init(tmp_path / "other", name="x", demo=True, database=database)


@pytest.mark.parametrize("url", ["mysql://u:geheim@h/d", "postgresql://u:geheim@h", "geheim"])
def test_a_wrong_address_is_refused_without_repeating_it(url):
    with pytest.raises(Invalid, match="database_invalid") as refused:
        open_engine(url)
    assert "geheim" not in str(refused.value)


def test_a_password_is_told_to_nobody(tmp_path):
    url = "postgresql://hub:geheim@127.0.0.1:1/hub"
    done = CliRunner().invoke(hub_command, ["init", "--data", str(tmp_path / "hub"), "--database", url])
    assert done.exit_code == 1
    assert "geheim" not in f"{done.output} {done.exception!r} {open_engine(url)!r}"
    assert not (tmp_path / "hub" / "hub.json").exists()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_no_table_is_read_whole_for_a_few_of_its_rows(market, statistics_of):
    """A table that grew is of unknown size to the planner until it is looked over."""

    def fill(db):
        people = [(f"P-{one}", "appliance-2026", "refrigerator", f"H-{one}") for one in range(3_000)]
        person_units.add_first(db, "S-0", people)

    run(market.engine, fill)
    before = statistics_of(market.engine, "unit")
    people = [f"P-{one}" for one in range(250)]
    found = run(market.engine, lambda db: person_units.of_people(db, people), line=Line.INTAKE)
    assert len(found) == 250
    assert not freezing.hold(market, "S-1", asked(market, "H-1", 1, "SN-1"), kid=None, now=NOON).refusals
    assert statistics_of(market.engine, "unit") == before


@pytest.fixture
def statistics_of():
    """Return how often a table was read whole; a server tells when a connection has ended."""

    def read_whole(engine, table):
        engine.dispose()
        time.sleep(0.5)
        chosen = f"SELECT seq_scan FROM pg_stat_user_tables WHERE relname = '{table}'"
        return read(engine, lambda db: db.execute(text(chosen)).scalar_one())

    return read_whole
