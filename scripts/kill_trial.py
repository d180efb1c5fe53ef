"""Kills a till with SIGKILL again and again while it sells, and looks for what was lost.

    .venv/bin/python scripts/kill_trial.py --rounds 200

Starts a demo shop of its own on loopback, sells with several clients, kills the whole
process group in the middle, starts it again and repeats every redeem with its key: an
answer that was given must come back byte for byte, one that was not must now succeed. At
the end the journal must be whole and rebuild the state. Prints one JSON object; exit
status 1 if anything was lost.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

import httpx
from stdnum.cn import ric

from pos_subsidy.demo import folder, processes

SELLERS = 4
GTIN = "refrigerator"


class Trial:
    """A shop under fire."""

    def __init__(self, data: Path, seed: int) -> None:
        self.data, self.random = data, random.Random(seed)
        self.port = processes.free_port()
        self.numbers = iter(range(10**9))
        self.guard = threading.Lock()
        self.answered: dict[str, bytes] = {}
        self.sent: dict[str, tuple[str, dict]] = {}
        self.wrong: list[str] = []
        day = folder.open_folder(None)
        processes.run("init", "--demo", "--data", str(data))
        processes.run("catalogue", "load", str(day.catalogue), "--data", str(data))
        self.gtin = next(gtin for gtin, category in day.categories.items() if category == GTIN)
        self.key = json.loads((data / "demo.json").read_text("utf-8"))["api_key"]
        self.till = self.start()

    def start(self) -> processes.Service:
        clock = ("--training-clock", "2026-11-18T09:00:00+08:00")
        arguments = ("serve", "--data", str(self.data), *clock)
        return processes.start("till", *arguments, port=self.port, log=self.data / "till.log")

    def round(self) -> None:
        """Sell, kill in the middle, start again, repeat what was sent."""
        stop = threading.Event()
        self.sent = {}
        sellers = [threading.Thread(target=self.sell, args=(stop,)) for _ in range(SELLERS)]
        for seller in sellers:
            seller.start()
        time.sleep(self.random.uniform(0.05, 0.6))
        kill(self.till)
        stop.set()
        for seller in sellers:
            seller.join()
        self.till = self.start()
        with self.client() as client:
            for key, (path, body) in self.sent.items():
                self.repeat(client, key, path, body)

    def repeat(self, client: httpx.Client, key: str, path: str, body: dict) -> None:
        answer = write(client, path, body, key)
        if key in self.answered and answer.content != self.answered[key]:
            self.wrong.append(f"answer changed: {answer.text[:200]}")
        elif answer.status_code != 201:
            self.wrong.append(f"repeat refused: {answer.text[:200]}")
        else:
            self.answered[key] = answer.content

    def sell(self, stop: threading.Event) -> None:
        try:
            with self.client() as client:
                while not stop.is_set():
                    self.sell_one(client)
        except httpx.HTTPError:
            return  # the till was killed, as it should be

    def sell_one(self, client: httpx.Client) -> None:
        number = next(self.numbers)
        person = {
            "name": "测试",
            "id_type": "resident",
            "id_number": resident(number),
            "phone": "13800000000",
        }
        voucher = write(client, "/vouchers", {"category": GTIN, "person": person}).json()
        goods = {"gtin": self.gtin, "price_fen": 429_900, "serial_no": f"KILL-{number}"}
        hold = write(client, "/holds", {"voucher": voucher["token"], **goods, "order_no": f"K{number}"})
        if hold.status_code != 201:
            self.wrong.append(f"hold refused: {hold.text[:200]}")
            return
        path = f"/holds/{hold.json()['hold_id']}/redeem"
        body = {"paid_fen": hold.json()["payable_fen"], "channel": "cash"}
        key = uuid.uuid4().hex
        with self.guard:
            self.sent[key] = (path, body)
        answer = write(client, path, body, key)
        with self.guard:
            self.answered[key] = answer.content

    def lost(self) -> int:
        """Count acknowledged redemptions that are not there any more."""
        with self.client() as client:
            ids = [json.loads(answer)["redemption_id"] for answer in self.answered.values()]
            return sum(client.get(f"/redemptions/{one}").status_code != 200 for one in ids)

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}/api/v1",
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=30,
            trust_env=False,
        )


def write(client: httpx.Client, path: str, body: dict, key: str | None = None) -> httpx.Response:
    return client.post(path, json=body, headers={"Idempotency-Key": key or uuid.uuid4().hex})


def resident(number: int) -> str:
    body = f"33040218{90 + number // 336_000:02d}{1 + number // 28_000 % 12:02d}{1 + number // 1000 % 28:02d}"
    body += f"{number % 1000:03d}"
    return body + ric.calc_check_digit(body + "0")


def kill(service: processes.Service) -> None:
    """Kill a service with everything it started, without a word."""
    if os.name == "nt":
        service.process.kill()
    else:
        os.killpg(service.process.pid, signal.SIGKILL)
    service.process.wait()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        trial = Trial(Path(scratch) / "shop", asked.seed)
        try:
            for done in range(asked.rounds):
                trial.round()
                if sys.stderr.isatty():
                    print(f"\r{done + 1} kills, {len(trial.answered)} sales", end="", file=sys.stderr)
            lost = trial.lost()
        finally:
            processes.stop(trial.till)
        journal = ("--data", str(trial.data), "--json")
        verified = json.loads(processes.run("journal", "verify", *journal))
        rebuilt = json.loads(processes.run("journal", "rebuild", *journal))
    found = {
        "kills": asked.rounds,
        "acknowledged": len(trial.answered),
        "lost": lost,
        "wrong": trial.wrong[:10],
        "journal_rows": verified["rows"],
        "journal_verified": verified["verified"],
        "state_rebuilt_equal": rebuilt["equal"],
    }
    print(json.dumps(found, ensure_ascii=False, indent=1))
    return int(bool(lost or trial.wrong or not verified["verified"] or not rebuilt["equal"]))


if __name__ == "__main__":
    sys.exit(main())
