"""Runs one command and says how long it took and the most memory it had.

    PYTHON scripts/peak.py COMMAND [ARGUMENT ...]

Prints one JSON object with ``took_s``, ``peak_mb`` and what the command printed; its exit
status is the command's. It is a process of its own, small on purpose: on Linux a command's
peak starts at the size of the process that started it, so a large one would hide it.
"""

import json
import resource
import subprocess
import sys
import time

# Kilobytes, but bytes on macOS.
_UNIT = 1_048_576 if sys.platform == "darwin" else 1_024


def main() -> int:
    begun = time.perf_counter()
    done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, encoding="utf-8")
    took = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    found = {"took_s": round(took, 3), "peak_mb": round(peak / _UNIT, 1), "output": done.stdout}
    print(json.dumps(found))
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
