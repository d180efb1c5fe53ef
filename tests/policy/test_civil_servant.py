"""A civil servant's path, as docs/packs.md tells it: a further class, from the pack to the till."""

import csv
import io
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from pos_subsidy.policy import PACKS_DIR

ROOT = Path(__file__).parents[2]
CLASS = 'air_fryer = { family = "appliance", zh = "空气炸锅", en = "Air fryer" }\n'
RULE = """
[source.bureau-1]
document = "嘉商务〔2025〕1号"
clause = "第一条"
confidence = "A"

[[rule]]
categories = ["air_fryer"]
status = "provisional"
source = "bureau-1"
rates = { 1 = 0.20, 2 = 0.15 }
rate_unrated = 0.15
cap_yuan = 2000
units_max = 1
"""
CASES = """
[[case]]
name = "an air fryer of grade 1"
on = 2025-06-18
category = "air_fryer"
price = 1000
rating = 1
grants_fen = 20000
"""


@pytest.fixture
def desk(tmp_path):
    shutil.copytree(PACKS_DIR, tmp_path / "rules")
    (tmp_path / "cases.toml").write_text(CASES, "utf-8")
    (tmp_path / "shop").mkdir()
    return tmp_path


def run(desk, *arguments, expect=0):
    done = subprocess.run(
        [sys.executable, "-m", "pos_subsidy", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "POS_POLICY_DIR": str(desk / "rules")},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout


def test_the_23rd_class_from_the_pack_to_the_till(desk):
    lists, pack = desk / "rules/categories.toml", desk / "rules/appliance-2025.toml"
    lists.write_text(lists.read_text("utf-8").replace("[category]\n", f"[category]\n{CLASS}"), "utf-8")
    pack.write_text(pack.read_text("utf-8") + RULE, "utf-8")
    asked = ("--category", "air_fryer", "--energy-rating", "1", "--price", "1000", "--on", "2025-06-18")

    assert "good" in run(
        desk, "policy", "check", desk / "rules", "--against", PACKS_DIR, "--on", "2025-06-18"
    )
    changes = run(desk, "policy", "diff", PACKS_DIR, desk / "rules", "--cases", ROOT / "tests/policy_cases")
    assert "air_fryer" in changes and "0 个案例不同" in changes, "no decision of before has changed"
    assert "provisional_rule" in run(desk, "assess", *asked)

    run(desk, "policy", "cases", desk / "cases.toml", expect=1)
    source = ("--document", "嘉商务〔2025〕1号", "--clause", "第一条", "--confidence", "A")
    run(desk, "policy", "confirm", "appliance-2025", "air_fryer", *source, "--data", desk / "shop")
    confirmed = (desk / "shop/confirmations.toml").read_text("utf-8")
    assert "air_fryer" in confirmed and date.today().isoformat()[:3] in confirmed

    own = ("--data", desk / "shop")
    signed = run(desk, "policy", "cases", desk / "cases.toml", "--csv", *own)
    table = list(csv.DictReader(io.StringIO(signed)))
    assert table[0]["computed"] == "200.00" and table[0]["agrees"] == "True"
    assert "200.00 元 / yuan" in run(desk, "assess", *asked, *own)
    assert "空气炸锅" in run(desk, "policy", "show", "--on", "2025-06-18", *own)
    sheet = desk / "sheet.html"
    run(desk, "policy", "print", "--on", "2025-06-18", "--out", sheet, *own)
    assert "空气炸锅" in sheet.read_text("utf-8")


def test_an_edit_of_what_is_in_force_is_stopped(desk):
    pack = desk / "rules/appliance-2025.toml"
    pack.write_text(pack.read_text("utf-8").replace("cap_yuan = 2000", "cap_yuan = 1000", 1), "utf-8")
    run(desk, "policy", "check", desk / "rules")
    run(desk, "policy", "check", desk / "rules", "--against", PACKS_DIR, "--on", "2025-06-18", expect=1)
