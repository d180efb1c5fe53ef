"""Measures redeeming, rules, a simulation, a workbook and a month, each with what it is compared with.

    .venv/bin/python scripts/bench.py [--only redeem|rules|simulate|xlsx|reconcile] [--xlsx|--reconcile|--hub]

Redeeming runs against the floor of ``bench_floor.py``, on the same server with the same number of
threads, on loopback; ``bench_rules.py``, ``bench_simulate.py``, ``bench_xlsx.py`` and
``bench_reconcile.py`` say what theirs is. The hub is measured apart, by ``--hub`` (``bench_hub.py``).
What counts is the ratio within one run, never the figure by itself. Prints one JSON object.
"""

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

import bench_floor
import bench_hub
import bench_reconcile
import bench_rules
import bench_simulate
import bench_xlsx
import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from kill_trial import resident

from pos_subsidy.demo import folder, processes
from pos_subsidy.domain.keys import raw_public

CLIENTS = (1, 8)

Job = tuple[str, dict, dict]  # path, body, headers


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=160, help="per round and number of clients")
    names = ("redeem", "rules", "simulate", "xlsx", "reconcile", "all")
    parser.add_argument("--only", choices=names, default="all")
    parser.add_argument("--reconcile", action="store_true", help="the same as --only reconcile")
    bench_rules.add_options(parser)
    bench_simulate.add_options(parser)
    bench_xlsx.add_options(parser)
    bench_reconcile.add_options(parser)
    bench_hub.add_options(parser)
    asked = parser.parse_args()
    if asked.hub:
        print(json.dumps({"hub": bench_hub.measure(asked)}, indent=1))
        return 0
    only = "xlsx" if asked.xlsx else "reconcile" if asked.reconcile else asked.only
    parts = {
        "redeem": bench_redeem,
        "rules": bench_rules.measure,
        "simulate": bench_simulate.measure,
        "xlsx": bench_xlsx.measure,
        "reconcile": bench_reconcile.measure,
    }
    found = {name: part(asked) for name, part in parts.items() if only in (name, "all")}
    print(json.dumps(found, indent=1))
    return 0


def bench_redeem(asked: argparse.Namespace) -> dict:
    """Start both sides, let them run in turn, and return the figures with their ratios."""
    jobs = asked.rounds * len(CLIENTS) * asked.requests
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch)
        floor, floor_jobs = start_floor(path, jobs)
        till, till_jobs = start_till(path / "shop", jobs)
        try:
            return measure({"floor": (floor, floor_jobs), "ours": (till, till_jobs)}, asked)
        finally:
            processes.stop(till)
            floor.terminate_all()


class Floor:
    """The floor's process."""

    def __init__(self, path: Path, port: int, environment: dict[str, str]) -> None:
        self.url = f"http://127.0.0.1:{port}"
        script = Path(bench_floor.__file__)
        log = (path / "floor.log").open("wb")
        service = subprocess.Popen(
            [sys.executable, str(script), str(port)],
            env={
                **os.environ,
                **environment,
                "PYTHONPATH": os.pathsep.join(map(str, (script.parent, script.parent.parent))),
            },
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        self.service = processes.Service("floor", self.url, service, path / "floor.log")
        for _ in range(600):
            try:
                if httpx.get(f"{self.url}/healthz", trust_env=False).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.1)
        raise RuntimeError("the floor does not answer")

    def terminate_all(self) -> None:
        processes.stop(self.service)


def start_floor(path: Path, jobs: int) -> tuple[Floor, list[Job]]:
    key = Ed25519PrivateKey.generate()
    bench_floor.make(str(path / "floor.db"), jobs)
    environment = {"FLOOR_DB": str(path / "floor.db"), "FLOOR_KEY": raw_public(key.public_key()).hex()}
    floor = Floor(path, processes.free_port(), environment)
    bodies = [
        {"signature": key.sign(str(number).encode()).hex(), "paid_fen": 518_500} for number in range(jobs)
    ]
    return floor, [(f"/redeem/{number}", body, {}) for number, body in enumerate(bodies)]


def start_till(data: Path, jobs: int) -> tuple[processes.Service, list[Job]]:
    """Start a demo shop and take as many holds as will be redeemed."""
    day = folder.open_folder(None)
    processes.run("init", "--demo", "--data", str(data))
    processes.run("catalogue", "load", str(day.catalogue), "--data", str(data))
    gtin = next(gtin for gtin, category in day.categories.items() if category == "refrigerator")
    clock = ("--training-clock", f"{day.day}T09:00:00+08:00")
    till = processes.start(
        "till", "serve", "--data", str(data), *clock, port=processes.free_port(), log=data / "till.log"
    )
    key = json.loads((data / "demo.json").read_text("utf-8"))["api_key"]
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=f"{till.url}/api/v1", headers=headers, trust_env=False) as client:
        return till, [hold(client, gtin, number, headers) for number in range(jobs)]


def hold(client: httpx.Client, gtin: str, number: int, headers: dict) -> Job:
    person = {"name": "测试", "id_type": "resident", "id_number": resident(number), "phone": "13800000000"}
    voucher = client.post(
        "/vouchers",
        json={"category": "refrigerator", "person": person},
        headers={"Idempotency-Key": f"v{number}"},
    ).json()
    goods = {"gtin": gtin, "price_fen": 429_900, "serial_no": f"BENCH-{number}", "order_no": f"B{number}"}
    held = client.post(
        "/holds", json={"voucher": voucher["token"], **goods}, headers={"Idempotency-Key": f"h{number}"}
    ).json()
    body = {"paid_fen": held["payable_fen"], "channel": "cash"}
    key = {"Idempotency-Key": uuid.uuid4().hex}
    return f"/api/v1/holds/{held['hold_id']}/redeem", body, {**headers, **key}


def measure(sides: dict, asked: argparse.Namespace) -> dict:
    """Let both sides run in turn, and compare the medians of the rounds."""
    rounds: dict = {(name, clients): [] for name in sides for clients in CLIENTS}
    taken = 0
    for _ in range(asked.rounds):
        for clients in CLIENTS:
            for name, (service, jobs) in sides.items():
                part = jobs[taken : taken + asked.requests]
                rounds[name, clients].append(run_jobs(service.url, part, clients))
            taken += asked.requests
    found: dict = {"rounds": asked.rounds, "requests_per_round": asked.requests}
    for clients in CLIENTS:
        figures = {name: _median(rounds[name, clients]) for name in sides}
        figures["ratio_of_throughput"] = round(figures["ours"]["per_s"] / figures["floor"]["per_s"], 3)
        figures["ratio_of_p95"] = round(figures["ours"]["p95_ms"] / figures["floor"]["p95_ms"], 2)
        found[f"clients_{clients}"] = figures
    return found


def run_jobs(url: str, jobs: Sequence[Job], clients: int) -> dict[str, float]:
    spans: list[float] = []

    def work(mine: Sequence[Job]) -> None:
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
        for path, body, headers in mine:
            begun = time.perf_counter()
            connection.request(
                "POST", path, json.dumps(body), {"Content-Type": "application/json", **headers}
            )
            answer = connection.getresponse()
            answer.read()
            spans.append(time.perf_counter() - begun)
            if answer.status not in (200, 201):
                raise RuntimeError(f"{path} answered {answer.status}")
        connection.close()

    workers = [threading.Thread(target=work, args=(jobs[place::clients],)) for place in range(clients)]
    begun = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    took = time.perf_counter() - begun
    if len(spans) != len(jobs):
        raise RuntimeError("not every request was answered")
    cuts = statistics.quantiles(spans, n=100)
    return {"per_s": len(jobs) / took, "p50_ms": cuts[49] * 1000, "p95_ms": cuts[94] * 1000}


def _median(rounds: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(one[name] for one in rounds), 2) for name in rounds[0]}


if __name__ == "__main__":
    sys.exit(main())
