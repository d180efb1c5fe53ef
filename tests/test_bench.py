"""The measuring scripts run; no test depends on how fast."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_rules_bench_says_ratios_of_one_run():
    command = [sys.executable, str(ROOT / "scripts/bench_rules.py"), "--rows", "400"]
    found = json.loads(subprocess.check_output(command, cwd=ROOT))
    assert found["simulation"]["rows"] == 400
    assert found["assess"]["ratio_to_integers"] > 0
    assert found["cold_command"]["ratio"] > 0 and found["simulation"]["peak_mb"] > 0
    assert "ratio_of_speed" in found["simulation"]


def test_the_command_measures_this_machine():
    command = [sys.executable, "-m", "pos_subsidy", "bench", "--seconds", "0.05", "--json"]
    found = json.loads(subprocess.check_output(command, cwd=ROOT))
    assert set(found) == {
        *("assess", "assess_explained", "token_signed", "token_read", "qr_drawn", "durable_write"),
    }
    assert all(per_s > 0 for per_s in found.values())
