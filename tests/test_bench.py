"""The measuring scripts run; no test depends on how fast."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def bench(*arguments: str) -> dict:
    command = [sys.executable, str(ROOT / "scripts/bench.py"), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return json.loads(subprocess.check_output(command, cwd=ROOT, env=environment))


def test_the_rules_bench_says_ratios_of_one_run():
    found = bench("--only", "rules", "--rules-rounds", "2", "--decisions", "50")
    assert set(found) == {"rules"}
    decision, cold = found["rules"]["assess"], found["rules"]["cold_command"]
    assert set(decision["us"]) == {"integers", "assess", "explained"}
    assert decision["times_integers"]["explained"] > decision["times_integers"]["assess"] > 1
    assert decision["times_integers_openfisca_stated"] == {"least": 637, "most": 1775}
    assert cold["ratio"] > 0 and set(cold["ms"]) == {"import_flask", "assess"}


def test_the_simulation_bench_says_speed_and_memory():
    pytest.importorskip("resource")
    found = bench("--only", "simulate", "--rows", "400", "--simulate-rounds", "1")
    assert set(found) == {"simulate"}
    assert set(found["simulate"]) == {
        *("rows", "plain_loop_s", "command_s", "ratio_of_speed", "peak_mb_of_a_twentieth", "peak_mb"),
    }
    assert found["simulate"]["rows"] == 400 and found["simulate"]["peak_mb"] > 1


def test_the_workbook_bench_says_ratio_and_memory():
    pytest.importorskip("resource")
    found = bench("--xlsx", "--lines", "200", "--xlsx-rounds", "1")["xlsx"]
    assert found["lines"] == 200 and found["ratio"] > 0 and found["peak_mb"] > 1


def test_a_month_is_reconciled_without_a_difference_missed_or_invented():
    pytest.importorskip("resource")
    found = bench("--reconcile", "--orders", "1000")["reconcile"]
    assert found["planted"] == found["named_right"] >= 9 and found["false"] == 0
    assert found["ambiguous"] >= 2 and found["times_read"] > 0 and found["peak_mb"] > 1


def test_the_command_measures_this_machine():
    command = [sys.executable, "-m", "pos_subsidy", "bench", "--seconds", "0.05", "--json"]
    found = json.loads(subprocess.check_output(command, cwd=ROOT))
    assert set(found) == {
        *("assess", "assess_explained", "token_signed", "token_read", "qr_drawn", "durable_write"),
    }
    assert all(per_s > 0 for per_s in found.values())
