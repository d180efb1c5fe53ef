"""Lets 64 clients race for the last of something: exactly one may get it.

    .venv/bin/python scripts/races.py --rounds 10000 --database sqlite|postgresql

In turn for the last unit of a budget, for one person's unit and for one serial number, each client
with a shop of its own. A client that is told the hub is too busy asks again, as a till does. Prints
one JSON object; exit status 1 if ever none or two were granted, or a loser heard another reason.
"""

import argparse
import base64
import hashlib
import json
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from pos_subsidy.demo.postgresql import private_server
from pos_subsidy.domain import moments
from pos_subsidy.domain.person import Identity, commitment
from pos_subsidy.errors import Unavailable
from pos_subsidy.hub import config, freezing, live
from pos_subsidy.hub.city import City
from pos_subsidy.hub.store import outlets
from pos_subsidy.hub.store.db import run
from pos_subsidy.policy import PACKS_DIR, load_rulebook
from pos_subsidy.protocol import sealing
from pos_subsidy.protocol.messages import HoldRequest

CLIENTS = 64
NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
LOST = {"budget": {"budget_exhausted"}, "person": {"claimed_elsewhere"}, "serial": {"serial_used"}}
_BATCH = """
[[rule.batch]]
id = "last-one"
face_yuan = 750
minimum_yuan = 5000
number = 1
released_at = 2025-05-01T10:00:00+08:00
last_day = 2025-05-31
per_person = 2
stacks_with = []
source = "jiaxing-6"
"""


@dataclass
class Race:
    """64 clients at one gate."""

    city: City
    clients: int = CLIENTS
    granted: Counter = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    asked_again: int = 0

    def round(self, kind: str, number: int) -> None:
        """Let all ask at the same moment; note whether exactly one got it."""
        requests = [self._request(kind, number, client) for client in range(self.clients)]
        answers: list[set[str] | None] = [None] * self.clients
        gate = threading.Barrier(self.clients)

        def ask(client: int) -> None:
            gate.wait()
            answers[client] = self._patiently(client, requests[client])

        threads = [threading.Thread(target=ask, args=(client,)) for client in range(self.clients)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        winners = [client for client, codes in enumerate(answers) if codes == set()]
        self.granted[kind] += len(winners)
        if len(winners) != 1 or any(codes not in (set(), LOST[kind]) for codes in answers):
            self.wrong.append(f"{kind} {number}: {answers}")
        for client in winners:  # so that there is a last one again
            live.cancel(self.city, shop(client), requests[client].hold_id, now=NOW)

    def _patiently(self, client: int, request: HoldRequest) -> set[str] | None:
        for _ in range(200):
            try:
                return {
                    one["code"]
                    for one in freezing.hold(self.city, shop(client), request, kid=None, now=NOW).refusals
                }
            except Unavailable:
                self.asked_again += 1
                time.sleep(0.01)
        return None

    def _request(self, kind: str, number: int, client: int) -> HoldRequest:
        hold_id = f"H-{kind}-{number}-{client}"
        salt = hashlib.sha256(hold_id.encode()).digest()[:16]
        who = f"{kind}{number}" if kind == "person" else hold_id
        identity = Identity("passport", hashlib.sha256(who.encode()).hexdigest()[:12], "测试", "13800000000")
        names = ("id_type", "id_number", "name", "phone")
        told = {name: getattr(identity, name) for name in names} | {"salt": salt.hex()}
        sealed = sealing.seal(json.dumps(told).encode(), self.city.seal_public)
        values = {
            "category": "refrigerator",
            "unit_class": "refrigerator",
            "programme": "appliance-2026",
            "business_date": "2026-11-20",
        }
        if kind == "budget":
            values = {
                "category": "consumption_coupon",
                "unit_class": "consumption_coupon:last-one",
                "programme": "coupon-2025",
                "business_date": "2025-05-02",
            }
        serial_no = {"budget": None, "person": f"SN-{hold_id}".upper(), "serial": f"SN-{number}"}[kind]
        return HoldRequest(
            **values,
            hold_id=hold_id,
            price_fen=500_000,
            subsidy_fen=75_000,
            gtin=None,
            serial_no=serial_no,
            imei1=None,
            imei2=None,
            expires_at=moments.text(NOW + timedelta(minutes=10)),
            commitment=commitment(identity, salt),
            sealed=base64.b64encode(sealed).decode(),
        )


def shop(client: int) -> str:
    return f"RACE-{client:02d}"


def open_city(at: Path, database: str | None, clients: int = CLIENTS) -> City:
    """Make a city of that many shops, with a budget of one coupon."""
    config.init(at / "hub", name="race", demo=True, database=database)
    packs = shutil.copytree(PACKS_DIR, at / "packs")
    path = packs / "coupon-2025.toml"
    confirmed = path.read_text("utf-8").replace('status = "provisional"', 'status = "confirmed"')
    path.write_text(confirmed + _BATCH, "utf-8")
    city = config.load(at / "hub")
    details = {"name": "x", "merchant_name": "x", "merchant_uscc": "", "region": "330402"}

    def enrol(db) -> None:
        for client in range(clients):
            outlets.add(db, shop(client), at="", **details)

    run(city.engine, enrol)
    return replace(city, rulebook=load_rulebook(packs))


@contextmanager
def database_of(kind: str) -> Iterator[str | None]:
    if kind == "sqlite":
        yield None
        return
    with tempfile.TemporaryDirectory() as place, private_server(Path(place) / "data") as url:
        yield url


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seconds", type=float, help="stop after these, and say how many rounds it were")
    asked = parser.parse_args()
    begun, done = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as at, database_of(asked.database) as url:
        race = Race(open_city(Path(at), url))
        with Progress(console=Console(stderr=True)) as progress:
            for number in progress.track(range(asked.rounds), description="races"):
                for kind in LOST:
                    race.round(kind, number)
                done += 1
                if asked.seconds and time.monotonic() - begun > asked.seconds:
                    break
        race.city.engine.dispose()
    found = {
        "database": asked.database,
        "clients": race.clients,
        "rounds_of_each": done,
        "granted": dict(race.granted),
        "asked_again": race.asked_again,
        "wrong": race.wrong[:10],
    }
    print(json.dumps(found, indent=1))
    return int(bool(race.wrong))


if __name__ == "__main__":
    sys.exit(main())
