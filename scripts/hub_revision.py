"""Write the hub's next migration: what the tables told have and the road so far does not.

    python scripts/hub_revision.py "payments have a due day"

See ``pos_subsidy/hub/store/migrating.py``. The file is named by the next number and the message.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pos_subsidy.hub.store import migrating  # noqa: E402
from pos_subsidy.hub.store.db import open_engine  # noqa: E402

_VERSIONS = ROOT / "pos_subsidy" / "hub" / "store" / "migrations" / "versions"


def main(message: str) -> int:
    taken = [
        int(found[1]) for path in _VERSIONS.glob("h*.py") if (found := re.match(r"h(\d{4})_", path.name))
    ]
    with tempfile.TemporaryDirectory() as place:
        engine = open_engine(Path(place) / "hub.db")
        try:
            migrating.upgrade(engine)
            made = migrating.write_revision(engine, message, rev_id=f"h{max(taken, default=0) + 1:04d}")
        finally:
            engine.dispose()
    if made is None:
        print("nothing differs")
        return 1
    for tidy in (["format", "-q"], ["check", "--fix", "-q"]):
        subprocess.run([sys.executable, "-m", "ruff", *tidy, str(made)], check=False)
    print(made.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].strip():
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1].strip()))
