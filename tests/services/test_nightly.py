"""The nightly run: once a night, tried again, made up for, one at a time. The clock is an argument."""

import json
import re
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from pos_subsidy.city.client import Hub, HubClient
from pos_subsidy.city.line import Line
from pos_subsidy.cli.shop import join
from pos_subsidy.domain import nights
from pos_subsidy.domain.keys import new_keyring
from pos_subsidy.domain.nights import Plan, begins, next_run, night_of
from pos_subsidy.errors import Conflict, Unavailable
from pos_subsidy.hub import config as hub_config
from pos_subsidy.hub.app import create_hub
from pos_subsidy.services import health, nightly, watching
from pos_subsidy.store import locks
from pos_subsidy.wiring import start_nightly
from tests.hub.shops import own_keys, serving
from tests.support import Api, Clock, wired_with

SHANGHAI = ZoneInfo("Asia/Shanghai")
PLAN = Plan(zone=SHANGHAI, at=time(2, 0))
FIRST = date(2026, 11, 20)


class Night:
    """A shop and its scheduler, looked at whenever the test says."""

    def __init__(self, folder, clock, **changes):
        self.wired = wired_with(folder, clock, **changes)
        self.db, self.shop, self.clock = self.wired.till.db(), self.wired.shop, clock
        self.lock = folder.path / nightly.LOCK

    def look(self):
        return nightly.tick(self.db, self.shop, PLAN, self.lock, now=self.clock())

    def next_at(self):
        return nightly.told(self.db)["next_at"]


@pytest.fixture
def night(folder, clock):
    return Night(folder, clock)


def deaf(folder, clock):
    """A line to where nobody listens."""
    nobody = Hub("http://127.0.0.1:9", new_keyring().private.public_key(), b"")
    client = HubClient(nobody, outlet="DEMO-A", keyring=new_keyring(), clock=clock)
    return Line(client, clock=clock)


def test_shops_spread_over_the_window_and_keep_to_it():
    at = [begins(PLAN, f"JX-{number:04d}", FIRST) for number in range(500)]
    local = [one.astimezone(SHANGHAI) for one in at]
    assert all(time(2, 0) <= one.time() < time(4, 0) for one in local)
    quarters = [sum(one.hour * 60 + one.minute < 120 + 30 * step for one in local) for step in (1, 2, 3)]
    assert all(abs(count - expected) < 50 for count, expected in zip(quarters, (125, 250, 375), strict=True))
    assert begins(PLAN, "JX-0001", FIRST) == at[1], "no draw of its own for each look"


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_a_night_is_due_once_whatever_the_hour(hour):
    now = datetime(2026, 11, 25, hour, tzinfo=UTC)
    tonight = night_of(PLAN, "X", now)
    done = {"night": tonight.isoformat(), "outcome": nights.DONE, "attempts": 1, "ended_at": None}
    assert now < next_run(PLAN, "X", done, now) <= now + timedelta(days=1, hours=2)
    missed = {**done, "night": (tonight - timedelta(days=9)).isoformat()}
    assert next_run(PLAN, "X", missed, now) <= now
    future = {**done, "night": "2099-01-01"}
    assert next_run(PLAN, "X", future, now) <= now + timedelta(days=2), "a clock once far ahead"


def test_it_runs_once_a_night_and_closes_yesterday(night, folder, clock):
    api = Api.of(night.wired, folder)
    api.sell()
    assert night.look() is None, "a shop just made has nothing to make up for"
    assert nightly.told(night.db)["last"] is None
    clock.now = datetime.fromisoformat(night.next_at()) - timedelta(seconds=1)
    assert night.look() is None
    clock.pass_by(seconds=1)
    done = night.look()
    assert (done["outcome"], done["batch_id"], done["lines"]) == ("done", "DEMO-A-20261120", 1)
    for _ in range(3):
        clock.pass_by(hours=5)
        assert night.look() is None
    shown = health.state(night.db, night.shop, now=clock())["nightly"]
    assert shown["last"]["outcome"] == "done" and shown["next_at"] > shown["last"]["ended_at"]
    assert health.counts(night.db, night.shop)["nightly_last_ok"] == 1.0


def test_days_off_are_made_up_for_by_one_run(night, folder, clock):
    night.look()
    api = Api.of(night.wired, folder)
    api.sell()
    clock.pass_by(days=6)
    done = night.look()
    assert (done["lines"], done["batch_id"]) == (1, "DEMO-A-20261125")
    assert night.look() is None


def test_a_batch_with_overdue_evidence_waits_for_a_person(night, folder, clock):
    night.look()
    Api.of(night.wired, folder).sell()
    clock.pass_by(days=20)
    done = night.look()
    assert (done["outcome"], done["waits_for_evidence"]) == ("done", 1) and done["batch_id"] is None


def test_a_city_that_does_not_answer_is_asked_so_often_and_no_more(folder, clock):
    night = Night(folder, clock, city=deaf(folder, clock))
    night.look()
    clock.now = datetime.fromisoformat(night.next_at())
    for attempt, wait in enumerate((*PLAN.waits, None), start=1):
        found = night.look()
        expected = ("failed" if wait else "gave_up", attempt, "hub_unavailable")
        assert (found["outcome"], found["attempts"], found["code"]) == expected
        if wait:
            clock.pass_by(seconds=wait.total_seconds() - 1)
            assert night.look() is None
            clock.pass_by(seconds=1)
    clock.pass_by(hours=3)
    assert night.look() is None, "it waits for the next night"
    clock.pass_by(days=1)
    assert night.look()["attempts"] == 1


def test_a_run_that_died_is_taken_up_again(night, clock):
    night.look()
    clock.now = datetime.fromisoformat(night.next_at())
    night.look()
    about = nightly.told(night.db)["last"]
    nightly._keep(night.db, {**about, "outcome": "running", "ended_at": None})
    clock.pass_by(minutes=4)
    assert night.look() is None
    clock.pass_by(minutes=1)
    assert (night.look()["outcome"], nightly.told(night.db)["last"]["attempts"]) == ("done", 2)


def test_one_run_at_a_time_over_processes(night, clock, tmp_path):
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, pathlib; from pos_subsidy.store.locks import only_one\n"
            "with only_one(pathlib.Path(sys.argv[1]), 'x'): print('held', flush=True); sys.stdin.read()",
            str(night.lock),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout.readline().strip() == "held"
        night.look()
        clock.pass_by(days=1)
        assert night.look() is None
        with pytest.raises(Conflict, match="nightly_running"):
            nightly.run_by_hand(night.db, night.shop, night.lock, now=clock())
    finally:
        holder.kill()
        holder.communicate()
    assert night.look()["outcome"] == "done", "the lock died with its process"


def test_a_lock_is_free_again_after_an_error(tmp_path):
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), locks.only_one(tmp_path / "l", "x"):
            raise ZeroDivisionError


def test_a_failure_by_hand_is_said_and_leaves_the_nights_run_to_be_made(folder, clock):
    night = Night(folder, clock, city=deaf(folder, clock))
    night.look()
    with pytest.raises(Unavailable):
        nightly.run_by_hand(night.db, night.shop, night.lock, now=clock())
    assert nightly.told(night.db)["last"]["outcome"] == "failed"
    clock.pass_by(minutes=5)
    assert night.look()["attempts"] == 2


def test_with_a_city_the_night_sends_and_says_what_was_parked(folder, clock, tmp_path):
    hub_config.init(tmp_path / "hub", name="测试市", demo=True)
    city = hub_config.load(tmp_path / "hub")
    own_keys(folder)
    with serving(create_hub(city, clock)) as url:
        join(folder, url, "DEMO", at=clock())
        client = HubClient(
            folder.hub(), outlet="DEMO-A", keyring=folder.keys().keyring, clock=clock, live_seconds=20.0
        )
        night = Night(folder, clock, city=Line(client, clock=clock))
        Api.of(night.wired, folder).sell()
        night.look()
        clock.pass_by(days=1)
        seen = []
        done = nightly.run_by_hand(
            night.db, night.shop, night.lock, now=clock(), progress=lambda *at: seen.append(at)
        )
        assert (done["complete"], done["lines"], done["verdicts"], done["parked"]) == (True, 1, 1, [])
        assert seen and seen[-1][0] <= seen[-1][1]

        rounds, waited = [], []
        watching.watch(
            night.db,
            night.shop,
            clock=clock,
            said=rounds.append,
            wait=lambda seconds: waited.append(seconds) or len(waited) == 2,
        )
        assert [one.complete for one in rounds] == [True, True]
    waited.clear()
    watching.watch(
        night.db,
        night.shop,
        clock=clock,
        said=rounds.append,
        wait=lambda seconds: waited.append(seconds) or len(waited) == 7,
    )
    assert waited == [60.0, 120.0, 240.0, 480.0, 600.0, 600.0, 600.0]
    assert rounds[-1].code == "hub_unavailable"
    city.engine.dispose()


def test_the_days_page_says_when(night, clock, folder):
    night.look()
    clock.pass_by(days=1)
    night.look()
    api = Api.of(night.wired, folder)
    account = json.loads((folder.path / "demo.json").read_text("utf-8"))["manager"]
    form = {"username": account["username"], "password": account["password"]}
    form["csrf_token"] = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', api.client.get("/sign-in").text)[
        1
    ]
    api.client.post("/sign-in", data=form)
    page = api.client.get("/office/day/2026-11-20").text
    assert 'id="nightly"' in page and "上次夜间上送" in page and "下次 2026-11-22" in page
    ready = api.client.get("/readyz").get_json()["nightly"]
    assert ready["last"]["outcome"] == "done" and ready["next_at"].startswith("2026-11-21T")
    assert b"pos_subsidy_nightly_last_ok 1.0" in api.client.get("/metrics").data


def test_the_scheduler_is_off_unless_asked_and_ends_when_told(folder):
    wired = wired_with(folder, Clock(datetime.now(UTC)))
    assert start_nightly(wired, folder, is_on=False) is None
    scheduler = start_nightly(wired, folder, is_on=True)
    (job,) = scheduler.get_jobs()
    assert (job.max_instances, job.coalesce) == (1, True)
    job.func()
    assert nightly.told(wired.till.db())["next_at"] is not None
    scheduler.shutdown()
    assert start_nightly(wired, folder, is_on=False) is None
    assert nightly.told(wired.till.db())["next_at"] is None
