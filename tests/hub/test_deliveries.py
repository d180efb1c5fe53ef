"""Several processes of the hub take batches in at once while tills ask for holds, on PostgreSQL."""

import importlib.util
import json
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from pos_subsidy.domain.keys import raw_public
from pos_subsidy.errors import Unavailable
from pos_subsidy.hub import freezing, ingest
from pos_subsidy.hub.store import claims, keys, lines, outlets
from pos_subsidy.hub.store.db import read, run
from pos_subsidy.hub.store.lines import Line
from tests.hub.test_databases import asked
from tests.support import NOON

SHOPS, BATCHES, ROWS, TILLS = 4, 3, 150, 2
LIVE_SECONDS = 0.8  # what a till waits for
ROOT = Path(__file__).parents[2]
DETAILS = {"name": "x", "merchant_name": "x", "merchant_uscc": "", "region": "330402"}

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture(scope="module")
def make_claims():
    spec = importlib.util.spec_from_file_location("make_claims", ROOT / "scripts" / "make_claims.py")
    made = importlib.util.module_from_spec(spec)
    sys.modules["make_claims"] = made  # dataclasses look their module up
    spec.loader.exec_module(made)
    return made


@pytest.fixture
def batches(city, make_claims, tmp_path):
    """Shops with their batches as files, by shop; a till's shop for each that asks for holds."""
    found = {}
    for number in range(SHOPS):
        outlet, book = make_claims.outlet(number), make_claims.Book(city, number)
        public = raw_public(book.keys.private.public_key())
        _enrol(city, outlet, [public])
        found[outlet] = [tmp_path / f"{outlet}-{place}" for place in range(BATCHES)]
        for path in found[outlet]:
            path.write_bytes(book.batch(ROWS, sealed=True))
    for place in range(TILLS):
        _enrol(city, f"S-{place}", [])
    return found


def _enrol(city, outlet, publics):
    def add(db):
        outlets.add(db, outlet, at="", **DETAILS)
        keys.add(db, outlet, publics, at="2026-01-01T00:00:00.000Z", by="test")

    run(city.engine, add)


def delivering(tmp_path, outlet, paths):
    arguments = [sys.executable, "-m", "tests.hub.deliver", str(tmp_path / "hub"), outlet, *map(str, paths)]
    return subprocess.Popen(
        arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    )


def ask_until(city, place, over, took):
    """Ask for holds, one after the other, as a till does; note each answer and how long it took (s)."""
    number = 0
    while not over.is_set():
        number += 1
        begun = time.perf_counter()
        granted = ask(city, place, number)
        took.append((granted, time.perf_counter() - begun))


def ask(city, place, number):
    request = asked(city, f"H-{place}-{number}", 1_000 * (place + 1) + number, f"SN-{place}-{number}")
    try:
        return freezing.hold(city, f"S-{place}", request, kid=None, now=NOON).refusals == []
    except Unavailable:
        return False


def rows_of(city):
    return {one["outlet"]: one["last_seq"] for one in read(city.engine, outlets.listing)}


def test_batches_of_four_shops_at_once_are_all_taken_in_while_tills_are_answered(city, batches, tmp_path):
    processes = [delivering(tmp_path, *one) for one in batches.items()]
    for one in processes:
        assert one.stdout.readline() == "ready\n"
    over, took = threading.Event(), []
    tills = [threading.Thread(target=ask_until, args=(city, place, over, took)) for place in range(TILLS)]
    for one in tills:
        one.start()
    for one in processes:
        one.stdin.write("go\n")
        one.stdin.flush()
    answers = [json.loads(one.communicate()[0]) for one in processes]
    over.set()
    for one in tills:
        one.join()

    assert answers == [[200] * BATCHES] * SHOPS
    stored = rows_of(city)
    assert [stored[outlet] for outlet in batches] == [BATCHES * ROWS] * SHOPS
    assert sum(one["claims"] for one in read(city.engine, claims.sums)) == SHOPS * BATCHES * ROWS
    assert len(took) > SHOPS * BATCHES and all(granted for granted, _ in took)
    assert sorted(seconds for _, seconds in took)[len(took) * 9 // 10] < LIVE_SECONDS


@contextmanager
def hanging(city, line):
    """A process that takes its place, then hangs for longer than it may; yields how often it began."""
    begins, in_place, may_end = [], threading.Event(), threading.Event()

    def work(db):
        begins.append(db.execute(text("SELECT pg_backend_pid()")).scalar_one())
        if len(begins) == 1:
            in_place.set()
            may_end.wait(timeout=30)
        db.execute(text("SELECT 1"))

    thread = threading.Thread(target=run, args=(city.engine, work), kwargs={"line": line})
    thread.start()
    in_place.wait()
    try:
        yield begins
    finally:
        may_end.set()
        thread.join()


@pytest.mark.parametrize("line", Line)
def test_a_process_that_hangs_in_its_place_does_not_stop_the_city(city, batches, monkeypatch, line):
    monkeypatch.setattr(lines, "_SILENCE", "1s")
    outlet, paths = next(iter(batches.items()))
    with hanging(city, line) as begins:
        ingest.ingest(city, outlet, paths[0].read_bytes(), now=NOON)
        assert rows_of(city)[outlet] == ROWS
        assert ask(city, 0, 1)
    assert len(begins) == 2, "what it did was undone, and done again from its beginning"


def test_a_batch_that_waits_for_a_hold_that_hangs_lets_other_tills_by(city, batches, monkeypatch):
    monkeypatch.setattr(lines, "_SILENCE", "3s")
    outlet, paths = next(iter(batches.items()))
    with hanging(city, Line.HOLDS) as begins:
        delivery = threading.Thread(
            target=ingest.ingest, args=(city, outlet, paths[0].read_bytes()), kwargs={"now": NOON}
        )
        delivery.start()
        answered = [ask(city, 0, number) for number in range(5)]
        assert delivery.is_alive() and len(begins) == 1 and all(answered)
        delivery.join()
    assert rows_of(city)[outlet] == ROWS
