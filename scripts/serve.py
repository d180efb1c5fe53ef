"""Starts a hub and two demo shops on this machine; with ``--once``, plays one whole day.

    python3 scripts/serve.py                  addresses and log-ins, until Ctrl-C
    python3 scripts/serve.py --once --json    one day through the real services, one JSON object

Everything is installed into ``.venv`` on the first run. Arguments are those of
``pos-subsidy demo``.
"""

import subprocess
import sys

import bootstrap


def main() -> int:
    interpreter = bootstrap.python()
    arguments = sys.argv[1:]
    if "--once" not in arguments and "--data" not in arguments:
        arguments += ["--data", str(bootstrap.ROOT / "demo-data")]
    try:
        return subprocess.run([str(interpreter), "-m", "pos_subsidy", "demo", *arguments]).returncode
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
