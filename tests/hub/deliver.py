"""A process of the hub that takes a shop's batches in: ``deliver.py HUB OUTLET BATCH...``.

Says "ready", waits for a line of input, and prints the statuses it would have answered with.
"""

import json
import sys
from pathlib import Path

from pos_subsidy.errors import Unavailable
from pos_subsidy.hub import config, ingest
from tests.support import NOON


def main(folder: str, outlet: str, *batches: str) -> None:
    city = config.load(Path(folder))
    print("ready", flush=True)
    sys.stdin.readline()
    statuses = []
    for path in batches:
        try:
            ingest.ingest(city, outlet, Path(path).read_bytes(), now=NOON)
            statuses.append(200)
        except Unavailable:
            statuses.append(503)
    print(json.dumps(statuses), flush=True)
    city.engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
