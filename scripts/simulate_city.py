"""A city from one seed: real shops, a real hub, signed requests, and a network that does its worst.

    .venv/bin/python scripts/simulate_city.py --shops 100 --days 30 --seed 1

Shops sell online and offline, take goods back, and deliver each night over a line that loses answers
and cuts, doubles and holds back batches. People and pieces that were granted before are sold once more
by shops that are cut off. The same seed is run twice, once over a clean line: both hubs must come to
the same books, with every planted double claim rejected and no other, and the money conserved.
Prints one JSON object with a digest that is the same for the same seed; exit status 1 otherwise.
"""

import argparse
import hashlib
import json
import logging
import random
import shutil
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import select
from stdnum.cn import ric
from werkzeug.serving import make_server

from pos_subsidy import create_app
from pos_subsidy.city.client import HubClient
from pos_subsidy.city.line import Line
from pos_subsidy.cli.shop import join
from pos_subsidy.config import Folder
from pos_subsidy.context import Till
from pos_subsidy.demo import folder as demo_folder
from pos_subsidy.demo import processes
from pos_subsidy.domain.keys import new_keyring, to_json
from pos_subsidy.errors import SubsidyError
from pos_subsidy.hub import audit, config, settlement
from pos_subsidy.hub.app import create_hub
from pos_subsidy.hub.store.db import read
from pos_subsidy.hub.store.schema import claim
from pos_subsidy.protocol import messages
from pos_subsidy.services import city_sync
from pos_subsidy.wiring import wire

FIRST_DAY = datetime(2026, 11, 1, tzinfo=UTC)
PATIENCE_SECONDS = 60.0
OFFLINE, DOUBLE, RETURNED = 0.15, 0.5, 0.1
LOST, CUT, TWICE, HELD_BACK = 0.15, 0.1, 0.15, 0.1
TRIES = 60


@dataclass(frozen=True)
class Sale:
    """One sale of the plan. ``double_of`` names what was used before: person or serial."""

    day: int
    shop: int
    order_no: str
    person: int
    serial_no: str
    price_fen: int
    returned: bool
    double_of: str | None = None


@dataclass
class Plan:
    """What happens, drawn from the seed before anything does."""

    shops: int
    days: int
    offline: set[tuple[int, int]] = field(default_factory=set)
    sales: list[Sale] = field(default_factory=list)


def draw(shops: int, days: int, seed: int) -> Plan:
    dice = random.Random(seed)
    plan = Plan(shops, days)
    # The last evening everybody delivers.
    plan.offline = {
        (day, shop) for day in range(days - 1) for shop in range(shops) if dice.random() < OFFLINE
    }
    used: set[str] = set()
    for day in range(days):
        for shop in range(shops):
            for _ in range(dice.choice((0, 1, 1, 2))):
                number = len(plan.sales)
                returned = dice.random() < RETURNED
                sale = Sale(
                    *(day, shop, f"O-{number:06d}", number, f"SN-{number:06d}"),
                    dice.randrange(100_000, 250_000, 100),
                    returned,
                )
                before = [
                    one
                    for one in plan.sales[-400:]
                    if one.order_no not in used and _is_stored(plan, one, before=day) and one.shop != shop
                ]
                if (day, shop) in plan.offline and before and dice.random() < DOUBLE:
                    first = dice.choice(before)
                    used.add(first.order_no)
                    kind = dice.choice(("person", "serial"))
                    again = {"person": first.person} if kind == "person" else {"serial_no": first.serial_no}
                    sale = replace(sale, returned=False, double_of=kind, **again)
                plan.sales.append(sale)
    return plan


def _is_stored(plan: Plan, sale: Sale, *, before: int) -> bool:
    """Say whether a sale that stands is in the hub before a day begins."""
    delivered = any((day, sale.shop) not in plan.offline for day in range(sale.day, before))
    return delivered and sale.double_of is None and not sale.returned


class Clock:
    def __init__(self) -> None:
        self.now = FIRST_DAY

    def __call__(self) -> datetime:
        return self.now


class Network(httpx.BaseTransport):
    """One shop's line to the hub's own application."""

    def __init__(self, hub: httpx.WSGITransport, dice: random.Random | None) -> None:
        self._hub, self._dice = hub, dice
        self.is_cut = False
        self.waiting: list[httpx.Request] = []
        self.faults = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.is_cut:
            raise httpx.ConnectError("the line is cut")
        if self._dice is None or request.url.path != messages.BATCHES:
            return self._hub.handle_request(request)
        return self._worst(request, self._dice)

    def _worst(self, request: httpx.Request, dice: random.Random) -> httpx.Response:
        drawn = dice.random()
        self.faults += drawn < LOST + CUT + TWICE + HELD_BACK
        if drawn < LOST:
            self._hub.handle_request(request).read()
            raise httpx.ReadTimeout("the answer is lost")
        drawn -= LOST
        if drawn < CUT:
            content = request.read()
            cut = content[: dice.randrange(len(content))]
            headers = {**request.headers, "content-length": str(len(cut))}
            return self._hub.handle_request(httpx.Request("POST", request.url, headers=headers, content=cut))
        drawn -= CUT
        if drawn < TWICE:
            self._hub.handle_request(request).read()
            return self._hub.handle_request(request)
        drawn -= TWICE
        if drawn < HELD_BACK:
            self.waiting.append(request)
            raise httpx.ReadTimeout("it is under way")
        answer = self._hub.handle_request(request)
        answer.read()
        # What was held back arrives after what was sent later.
        while self.waiting:
            self._hub.handle_request(self.waiting.pop()).read()
        return answer


class Shop:
    """A real shop whose line is ours."""

    def __init__(
        self, template: Path, at: Path, number: int, url: str, clock: Clock, network: Network
    ) -> None:
        shutil.copytree(template, at)
        self.outlet, self.network, self.clock = f"DEMO-{number:03d}", network, clock
        folder = Folder(at)
        folder.change(outlet=self.outlet)
        path = at / "keys/shop.json"
        path.write_text(
            json.dumps({**json.loads(path.read_text("utf-8")), "keyring": to_json(new_keyring())})
        )
        join(folder, url, "DEMO", at=clock())
        keyring = folder.keys().keyring
        self._client = HubClient(
            folder.hub(),
            outlet=self.outlet,
            keyring=keyring,
            clock=clock,
            live_seconds=PATIENCE_SECONDS,
            transport=network,
        )
        wired = wire(folder)
        self.shop = replace(wired.shop, city=Line(self._client, clock=clock), outlet_id=self.outlet)
        till = Till(folder.database, clock, lambda: self.shop, "http://till.test")
        wired = replace(wired, till=till, clock=clock, shop=self.shop)
        self.key = json.loads((at / "demo.json").read_text("utf-8"))["api_key"]
        self.api = create_app(wired).test_client()
        self.db = till.db()

    def open(self) -> None:
        """Begin a day: the program is started, and tries its line anew."""
        self.shop = replace(self.shop, city=Line(self._client, clock=self.clock))

    def sell(self, sale: Sale, gtin: str) -> str | None:
        """Sell, or return the code of the refusal."""
        person = {
            "name": "测试",
            "id_type": "resident",
            "id_number": resident(sale.person),
            "phone": "13800000000",
        }
        voucher = self._post("/vouchers", {"category": "refrigerator", "person": person})
        if "token" not in voucher:
            return _code(voucher)
        goods = {"gtin": gtin, "price_fen": sale.price_fen, "serial_no": sale.serial_no}
        held = self._post("/holds", {"voucher": voucher["token"], **goods, "order_no": sale.order_no})
        if "hold_id" not in held:
            return _code(held)
        paid = {"paid_fen": held["payable_fen"], "channel": "wechat", "payment_ref": f"W{sale.order_no}"}
        sold = self._post(f"/holds/{held['hold_id']}/redeem", paid)
        if "redemption_id" not in sold:
            return _code(sold)
        if not self.network.is_cut:
            self.shop.city._tend()
        if sale.returned:
            back = self._post(
                f"/redemptions/{sold['redemption_id']}/reverse", {"kind": "full", "reason": "returned"}
            )
            return None if "reversal_id" in back else _code(back)
        return None

    def deliver(self) -> bool:
        """Deliver what the city has not, again and again; say whether it has everything."""
        for _ in range(TRIES):
            try:
                if city_sync.sync(self.db, self.shop, now=self.clock()).complete:
                    return True
            except SubsidyError:
                self.open()
        return False

    def _post(self, path: str, body: dict) -> dict:
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": uuid.uuid4().hex}
        return dict(self.api.post(f"/api/v1{path}", json=body, headers=headers).get_json())


def _code(answer: dict) -> str:
    reasons = answer.get("reasons") or [answer]
    return str(reasons[0].get("code"))


def play(
    plan: Plan, at: Path, template: Path, gtin: str, seed: int, *, is_clean: bool, step: Callable
) -> dict:
    """Run the plan once and return what became of it."""
    clock = Clock()
    config.init(at / "hub", name="测试市", demo=True)
    city = config.load(at / "hub")
    app = create_hub(city, clock)
    wsgi = httpx.WSGITransport(app=app)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    shops = []
    for number in range(plan.shops):
        dice = None if is_clean else random.Random(f"{seed} {number}")
        network = Network(wsgi, dice)
        url = f"http://127.0.0.1:{server.server_port}"
        shops.append(Shop(template, at / f"{number}", number, url, clock, network))
        step()
    server.shutdown()
    thread.join()
    refused: dict[str, str] = {}
    undelivered = 0
    by_day: dict[int, list[Sale]] = {}
    for sale in plan.sales:
        by_day.setdefault(sale.day, []).append(sale)
    for day in range(plan.days):
        clock.now = FIRST_DAY + timedelta(days=day, hours=4)
        for number, shop in enumerate(shops):
            shop.network.is_cut = (day, number) in plan.offline
            shop.open()
        for sale in by_day.get(day, []):
            clock.now += timedelta(seconds=20)
            if code := shops[sale.shop].sell(sale, gtin):
                refused[sale.order_no] = code
            step()
        clock.now = FIRST_DAY + timedelta(days=day, hours=14)
        for number, shop in enumerate(shops):
            if (day, number) not in plan.offline:
                undelivered += not shop.deliver()
    found = {
        "refused": refused,
        "undelivered": undelivered,
        "faults": sum(shop.network.faults for shop in shops),
        "books": books(city),
        **money(city, [shop.outlet for shop in shops], clock()),
        "alarms": [one["code"] for one in audit.audit(city)],
    }
    city.engine.dispose()
    return found


def books(city) -> list[tuple]:
    """Return every claim as the hub has it, without what is random."""
    columns = ("outlet", "order_no", "business_date", "price_fen", "subsidy_fen", "net_subsidy_fen")
    columns += ("seq", "verdict", "code", "unit_used")
    chosen = select(*(claim.c[name] for name in columns)).order_by(claim.c.order_no)
    return [tuple(one) for one in read(city.engine, lambda db: db.execute(chosen).all())]


def money(city, outlets: list[str], now: datetime) -> dict:
    """Pay everybody; return what the claims come to, what was paid, and the sum of all accounts (fen)."""
    due_fen = sum(one[5] for one in books(city) if one[7] == "accepted")
    for outlet in outlets:
        about = {"holder": "x", "bank": "x", "number": "1"}
        settlement.propose_payee(city, outlet, **about, by="lin", now=now)
        settlement.confirm_payee(city, outlet, by="wu", now=now)
    done = settlement.settle(city, by="lin", now=now)
    balance = sum(settlement.trial_balance(city).values())
    return {"due_fen": due_fen, "paid_fen": done.amount_fen, "trial_balance_fen": balance}


def simulate(shops: int, days: int, seed: int, *, at: Path, step: Callable[[], None] = lambda: None) -> dict:
    """Run one seed over a clean and over a bad line; return what was found."""
    plan = draw(shops, days, seed)
    day = demo_folder.open_folder(None)
    template = at / "template"
    processes.run("init", "--demo", "--data", str(template))
    processes.run("catalogue", "load", str(day.catalogue), "--data", str(template))
    gtin = next(gtin for gtin, category in day.categories.items() if category == "refrigerator")
    clean, bad = (
        play(plan, at / name, template, gtin, seed, is_clean=name == "clean", step=step)
        for name in ("clean", "bad")
    )
    sold = {one.order_no for one in plan.sales} - bad["refused"].keys()
    doubles = {one.order_no for one in plan.sales if one.double_of} & sold
    rejected = {one[1] for one in bad["books"] if one[7] == "rejected"}
    found = {
        "shops": shops,
        "days": days,
        "seed": seed,
        "sales": len(sold),
        "refused_at_the_till": dict(Counter(bad["refused"].values())),
        "claims": len(bad["books"]),
        "faults": bad["faults"],
        "undelivered": bad["undelivered"],
        "planted_doubles": len(doubles),
        "doubles_found": len(doubles & rejected),
        "doubles_invented": len(rejected - doubles),
        "equal_to_clean": clean["books"] == bad["books"] and clean["refused"] == bad["refused"],
        "due_fen": bad["due_fen"],
        "paid_fen": bad["paid_fen"],
        "trial_balance_fen": bad["trial_balance_fen"],
        "alarms": bad["alarms"],
        "digest": hashlib.sha256(
            json.dumps([bad["books"], sorted(bad["refused"].items())]).encode()
        ).hexdigest(),
    }
    found["sound"] = (
        found["equal_to_clean"]
        and found["claims"] == found["sales"]
        and not found["undelivered"]
        and found["doubles_found"] == found["planted_doubles"]
        and not found["doubles_invented"]
        and found["due_fen"] == found["paid_fen"]
        and not found["trial_balance_fen"]
        and not found["alarms"]
    )
    return found


def resident(number: int) -> str:
    """Return the ID number of the n-th of many people, none of them born in our time."""
    body = (
        f"3304021{8 + number // 336_000 % 2}99{1 + number // 28_000 % 12:02d}{1 + number // 1_000 % 28:02d}"
    )
    body += f"{number % 1000:03d}"
    return body + str(ric.calc_check_digit(body + "0"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--shops", type=int, default=100)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    begun = time.monotonic()
    steps = 2 * (asked.shops + len(draw(asked.shops, asked.days, asked.seed).sales))
    with tempfile.TemporaryDirectory() as at, Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("the city", total=steps)
        found = simulate(
            asked.shops, asked.days, asked.seed, at=Path(at), step=lambda: progress.advance(task)
        )
    print(json.dumps({**found, "took_s": round(time.monotonic() - begun)}, indent=1))
    return int(not found["sound"])


if __name__ == "__main__":
    sys.exit(main())
