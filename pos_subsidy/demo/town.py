"""A hub and some shops, each a process of its own, each shop with a line that can be cut."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pos_subsidy.demo import postgresql, processes
from pos_subsidy.demo.calls import TillApi, move_clock
from pos_subsidy.demo.line import Line
from pos_subsidy.demo.processes import Service

_NAMES = {"A": "示例家电城", "B": "示例数码广场"}


@dataclass(frozen=True, slots=True)
class Shop:
    """One shop of the town."""

    letter: str
    data: Path
    service: Service
    line: Line
    api: TillApi
    log_ins: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Town:
    hub: Service
    shops: dict[str, Shop]
    office: dict[str, Any]  # accounts of the hub's own office, by role

    def move_clocks(self, moment: str) -> None:
        for url in (self.hub.url, *(shop.service.url for shop in self.shops.values())):
            move_clock(url, moment)


@contextmanager
def town(
    folder: Path,
    letters: Sequence[str],
    catalogue: Path,
    *,
    training_clock: str | None,
    hub_on_postgresql: bool = False,
    ports: Sequence[int] = (),
) -> Iterator[Town]:
    """Set a town up in a folder and run it; what is there already is used again."""
    clock = ("--training-clock", training_clock) if training_clock else ()
    given = list(ports)
    with ExitStack() as running:
        database = None
        if hub_on_postgresql:
            database = running.enter_context(postgresql.private_server(folder / "postgresql"))
        hub = _start_hub(folder, clock, given.pop(0) if given else processes.free_port(), database)
        running.callback(processes.stop, hub)
        shops = {}
        for letter in letters:
            port = given.pop(0) if given else processes.free_port()
            line = Line(int(hub.url.rsplit(":", 1)[1]))
            running.callback(line.cut)
            shop = _start_shop(folder, letter, catalogue, clock, port, line)
            running.callback(processes.stop, shop.service)
            running.callback(shop.api.close)
            shops[letter] = shop
        accounts = folder / "hub" / "demo.json"
        office = json.loads(accounts.read_text("utf-8")) if accounts.exists() else {}
        yield Town(hub, shops, office)


def _start_hub(folder: Path, clock: tuple[str, ...], port: int, database: str | None) -> Service:
    data = folder / "hub"
    where = ("--data", str(data), *(("--database", database) if database else ()))
    if not (data / "hub.json").exists():
        processes.run("hub", "init", "--demo", *where)
    arguments = ("hub", "serve", *where, *clock)
    return processes.start("hub", *arguments, port=port, log=folder / "hub.log")


def _start_shop(
    folder: Path, letter: str, catalogue: Path, clock: tuple[str, ...], port: int, line: Line
) -> Shop:
    data = folder / f"shop-{letter.lower()}"
    if not (data / "demo.json").exists():
        name = _NAMES.get(letter, f"示例门店{letter}")
        processes.run("init", "--demo", "--outlet", f"DEMO-{letter}", "--name", name, "--data", str(data))
        processes.run("catalogue", "load", str(catalogue), "--data", str(data))
    arguments = ("serve", "--data", str(data), "--hub", line.url, *clock)
    log = folder / f"shop-{letter.lower()}.log"
    service = processes.start(f"shop {letter}", *arguments, port=port, log=log)
    log_ins = json.loads((data / "demo.json").read_text("utf-8"))
    return Shop(letter, data, service, line, TillApi(service.url, log_ins["api_key"]), log_ins)
