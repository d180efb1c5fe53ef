"""The till killed in the middle of selling, again and again."""

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parent.parent.parent / "scripts" / "kill_trial.py"


def test_nothing_acknowledged_is_lost_over_25_kills():
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--rounds", "25"], capture_output=True, text=True, timeout=400
    )
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found["acknowledged"] > 25
    assert (found["lost"], found["wrong"]) == (0, [])
    assert found["journal_verified"] and found["state_rebuilt_equal"]
