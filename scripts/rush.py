"""Releases money at one moment to a crowd of tills in several processes, and looks whether too much went out.

    python scripts/rush.py [--database postgresql] [--processes 4] [--threads 16] [--rounds 5] [--room 10]

Each round has a pool with room for some sales and one more customer than fits for every thread. Exactly
as many must get a hold as there is room, nobody may be sent away with "unavailable", and the audit must
find nothing. Prints one JSON object; exit status 1 if any of this fails. Needs the development's
dependencies.
"""

import argparse
import base64
import contextlib
import hashlib
import json
import multiprocessing
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from pos_subsidy.demo.postgresql import private_server  # noqa: E402
from pos_subsidy.domain import moments  # noqa: E402
from pos_subsidy.domain.person import Identity, commitment  # noqa: E402
from pos_subsidy.errors import Unavailable  # noqa: E402
from pos_subsidy.hub import audit, config, freezing, pools  # noqa: E402
from pos_subsidy.hub.city import City  # noqa: E402
from pos_subsidy.hub.pools import Because  # noqa: E402
from pos_subsidy.hub.store import outlets  # noqa: E402
from pos_subsidy.hub.store.db import run  # noqa: E402
from pos_subsidy.protocol import sealing  # noqa: E402
from pos_subsidy.protocol.messages import HoldRequest  # noqa: E402

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
FEN = 75_000
POOL = "appliance-2026/330402/2026-11"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options.add_argument("--processes", type=int, default=4)
    options.add_argument("--threads", type=int, default=16)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--room", type=int, default=10)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, _database(given.database, Path(folder)) as url:
        found = rush(Path(folder) / "hub", url, given)
    print(json.dumps(found))
    return 0 if found["sound"] else 1


def rush(folder: Path, url: str | None, given: argparse.Namespace) -> dict[str, object]:
    """Play every round and return what was seen."""
    config.init(folder, name="x", demo=True, database=url)
    city = config.load(folder)
    crowd = given.processes * given.threads
    run(city.engine, lambda db: [_enrol(db, place) for place in range(crowd)] and None)
    because = Because("rush", "a round", "a trial")
    said: Counter[str] = Counter()
    longest = 0.0
    sound = True
    context = multiprocessing.get_context("spawn")
    for number in range(given.rounds):
        if number == 0:
            pools.open_pool(
                city,
                programme="appliance-2026",
                region="330402",
                period="2026-11",
                fen=given.room * FEN,
                warn_percent=80,
                because=because,
                now=NOON - timedelta(days=1),
            )
        else:
            pools.grant(city, POOL, fen=given.room * FEN, because=because, now=NOON)
        gate, answers = context.Barrier(given.processes), context.Queue()
        work = [
            context.Process(target=_till, args=(folder, number, place, given.threads, gate, answers))
            for place in range(given.processes)
        ]
        for one in work:
            one.start()
        seen = [answers.get(timeout=120) for _ in range(crowd)]
        for one in work:
            one.join()
        words = Counter(word for word, _ in seen)
        said += words
        longest = max(longest, *(seconds for _, seconds in seen))
        left_fen = pools.show(city, POOL)["left_fen"]
        sound = sound and words["granted"] == given.room and left_fen == 0 and not words["unavailable"]
    discrepancies = audit.audit(city)
    city.engine.dispose()
    return {
        "database": given.database,
        "rounds": given.rounds,
        "tills_at_once": crowd,
        "room": given.room,
        "answers": dict(said),
        "longest_seconds": round(longest, 2),
        "discrepancies": len(discrepancies),
        "sound": sound and not discrepancies,
    }


def _till(folder: Path, number: int, place: int, threads: int, gate, answers) -> None:
    city = config.load(folder)
    requests = [_asked(city, f"{number}-{place}-{at}") for at in range(threads)]
    together = threading.Barrier(threads)
    gate.wait()

    def ask(at: int) -> None:
        together.wait()
        began = time.perf_counter()
        try:
            refusals = freezing.hold(
                city, f"S-{place * threads + at}", requests[at], kid=None, now=NOON
            ).refusals
            word = refusals[0]["code"] if refusals else "granted"
        except Unavailable:
            word = "unavailable"
        answers.put((word, time.perf_counter() - began))

    work = [threading.Thread(target=ask, args=(at,)) for at in range(threads)]
    for one in work:
        one.start()
    for one in work:
        one.join()
    city.engine.dispose()


def _asked(city: City, name: str) -> HoldRequest:
    salt = hashlib.sha256(name.encode()).digest()[:16]
    # Nobody's number: the hub takes any text of an ID as it was sealed.
    told = {"id_type": "other", "id_number": name, "name": "测试", "phone": "13800000000"}
    sealed = sealing.seal(json.dumps({**told, "salt": salt.hex()}).encode(), city.seal_public)
    return HoldRequest(
        hold_id=f"H-{name}",
        category="refrigerator",
        unit_class="refrigerator",
        programme="appliance-2026",
        business_date="2026-11-20",
        price_fen=500_000,
        subsidy_fen=FEN,
        gtin=None,
        serial_no=f"SN-{name}",
        imei1=None,
        imei2=None,
        expires_at=moments.text(NOON + timedelta(minutes=10)),
        commitment=commitment(Identity(**told), salt),
        sealed=base64.b64encode(sealed).decode(),
    )


def _enrol(db, place: int) -> bool:
    details = {"name": "x", "merchant_name": "x", "merchant_uscc": "", "region": "330402"}
    outlets.add(db, f"S-{place}", at="", **details)
    return True


@contextlib.contextmanager
def _database(kind: str, folder: Path) -> Iterator[str | None]:
    if kind == "sqlite":
        yield None
        return
    with private_server(folder / "pg") as url:
        yield url


if __name__ == "__main__":
    sys.exit(main())
