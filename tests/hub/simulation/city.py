"""Plays a plan: every shop, the hub, the bank; on a bad road or on a good one."""

import csv
import io
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pos_subsidy.domain.money import yuan
from pos_subsidy.hub import answering, audit, config, naming_payees, settlement
from pos_subsidy.hub.app import create_hub
from pos_subsidy.hub.store import outlets, rows
from pos_subsidy.hub.store.db import read
from pos_subsidy.hub.store.schema import claim
from tests.hub.simulation import mischief
from tests.hub.simulation.plan import FIRST_DAY, Outage, Plan
from tests.hub.simulation.road import Road
from tests.hub.simulation.shop import Shop
from tests.support import Clock

_EVENING, _NIGHT, _NOON = timedelta(hours=13, minutes=30), timedelta(hours=18), timedelta(hours=28)
_BANK_RETURNS = 0.1  # of the payments, on a bad road
_ROUNDS = 6

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as the hub has it; ``order_no`` names it in every run of a seed."""

    order_no: str
    outlet: str
    verdict: str
    code: str | None
    subsidy_fen: int
    net_fen: int
    received_at: str
    judged_at: str

    @property
    def stands(self) -> bool:
        return self.verdict in ("accepted", "settled")


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale as its shop's own file has it."""

    order_no: str
    outlet: str
    verdict: str | None
    code: str | None
    net_fen: int


@dataclass(frozen=True, slots=True)
class Played:
    """What stands at the end. A payment: its number, status, amount and what was carried (fen)."""

    claims: tuple[Claim, ...]
    sold: tuple[Sold, ...]
    balances: dict[str, int]
    payments: tuple[tuple[str, str, int, int], ...]
    head_seqs: dict[str, int]
    parked: int
    discrepancies: tuple[dict[str, Any], ...]
    happened: Counter[str]
    wrong: tuple[str, ...]


def play(
    folder: Path, plan: Plan, template: Path, *, is_bad: bool, progress: Progress = lambda done, of_all: None
) -> Played:
    """Play every day, let everything arrive in the end, settle, and return what stands."""
    config.init(folder / "hub", name="测试市", demo=True)
    playing = _Playing(folder, plan, template, is_bad=is_bad)
    try:
        for day in range(plan.days):
            playing.day(day)
            progress(day + 1, plan.days)
        playing.heal()
        return playing.result()
    finally:
        playing.shut()


class _Playing:
    def __init__(self, folder: Path, plan: Plan, template: Path, *, is_bad: bool) -> None:
        self.plan, self.is_bad, self.clock = plan, is_bad, Clock(FIRST_DAY)
        self.city = config.load(folder / "hub")
        self.draw = random.Random(f"{plan.seed}/city")
        self.happened: Counter[str] = Counter()
        self.is_over = False
        app = create_hub(self.city, self.clock)
        self.shops = []
        for number in range(plan.shops):
            road = Road(app, random.Random(f"{plan.seed}/road/{number}"), self._outage(number))
            outlet = f"DEMO-{number:03d}"
            self.shops.append(Shop(template, folder / outlet, outlet, road, self.city.rulebook, self.clock))
            self._name_account(outlet)
            road.is_bad = is_bad

    def day(self, day: int) -> None:
        begins = FIRST_DAY + timedelta(days=day)
        for act in self.plan.acts[day]:
            self.clock.now = act.at
            self.shops[act.shop].do(act)
        self._at(begins + _EVENING)
        for shop in self.shops:
            shop.close(begins.date())
        self._at(begins + _NIGHT)
        for shop in self._in_some_order():
            if self.is_bad:
                mischief.do(shop, self.draw)
            if not shop.night() and not self.is_bad:
                shop.wrong.append(f"{shop.outlet}: a night failed on a good road")
            self.clock.pass_by(seconds=7)
        if day % 7 == 1:
            self._at(begins + _NOON)
            self._settle(returns=_BANK_RETURNS if self.is_bad else 0)

    def heal(self) -> None:
        """Make every road good, let everything arrive and be paid."""
        self.is_over = True
        self.clock.pass_by(days=1)
        for shop in self.shops:
            shop.road.is_bad = False
            shop.road.catch_up()
            shop.line.step()
            shop.sync()
        for _ in range(_ROUNDS):
            self.clock.pass_by(days=1)
            if not self._settle(returns=0):
                break
        else:
            self.shops[0].wrong.append("settling never ends")
        for shop in self.shops:
            shop.sync()

    def result(self) -> Played:
        happened = sum((shop.happened + shop.road.happened for shop in self.shops), self.happened)
        receipts = [one for shop in self.shops for one in shop.receipts()]
        return Played(
            claims=tuple(read(self.city.engine, _claims)),
            sold=tuple(self._sold()),
            balances=settlement.trial_balance(self.city),
            payments=tuple(sorted(self._payments())),
            head_seqs={one["outlet"]: one["last_seq"] for one in read(self.city.engine, outlets.listing)},
            parked=len(read(self.city.engine, lambda db: rows.every_parked(db, None))),
            discrepancies=tuple(audit.audit(self.city, receipts)),
            happened=happened,
            wrong=tuple(word for shop in self.shops for word in shop.wrong),
        )

    def shut(self) -> None:
        for shop in self.shops:
            shop.shut()
        self.city.engine.dispose()

    def _at(self, moment: datetime) -> None:
        self.clock.now = max(moment, self.clock.now)

    def _outage(self, number: int) -> Callable[[], bool]:
        mine: list[Outage] = [one for one in self.plan.outages if one.shop == number]

        def is_out() -> bool:
            if self.is_over or not self.is_bad:
                return False
            return any(one.begins <= self.clock.now < one.ends for one in mine)

        return is_out

    def _in_some_order(self) -> list[Shop]:
        order = list(self.shops)
        if self.is_bad:
            self.draw.shuffle(order)
        return order

    def _name_account(self, outlet: str) -> None:
        about = {"holder": outlet, "bank": "嘉兴银行", "number": "6222000011112222"}
        naming_payees.propose(self.city, outlet, **about, by="lin", now=self.clock())
        naming_payees.confirm(self.city, outlet, by="wu", now=self.clock())

    def _settle(self, *, returns: float) -> int:
        """Pay everybody what is due and let the bank answer; return how many payments were made."""
        done = settlement.settle(self.city, by="lin", now=self.clock())
        made = [one for one in done.payments if one["status"] == "made"]
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["付款编号", "结果", "金额（元）", "银行流水号"])
        for one in made:
            came_back = self.draw.random() < returns
            self.happened["payment returned"] += came_back
            outcome = "退回" if came_back else "成功"
            number = one["payment_no"]
            writer.writerow([number, outcome, yuan(one["amount_fen"]), f"B-{number}"])
        if made:
            found = answering.take_answer(self.city, out.getvalue().encode(), "bank.csv", now=self.clock())
            self.shops[0].wrong.extend(f"bank: {one['code']}" for one in found.errors)
        return len(made)

    def _sold(self) -> Iterator[Sold]:
        for shop in self.shops:
            for day in range(self.plan.days):
                for one in shop.sold_on((FIRST_DAY + timedelta(days=day)).date()):
                    word = one.verdict, one.verdict_code
                    yield Sold(one.order_no, shop.outlet, *word, one.net_subsidy_fen)

    def _payments(self) -> list[tuple[str, str, int, int]]:
        found = [
            one for shop in self.shops for one in settlement.statement(self.city, shop.outlet)["payments"]
        ]
        return [(one["payment_no"], one["status"], one["amount_fen"], one["carried_fen"]) for one in found]


def _claims(db: Any) -> list[Claim]:
    named = (
        *(claim.c.order_no, claim.c.outlet, claim.c.verdict, claim.c.code),
        *(claim.c.subsidy_fen, claim.c.net_subsidy_fen, claim.c.received_at, claim.c.judged_at),
    )
    return [
        Claim(*one) for one in db.execute(claim.select().with_only_columns(*named).order_by(claim.c.order_no))
    ]
