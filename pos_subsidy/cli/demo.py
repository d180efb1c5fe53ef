"""``demo``: a hub and two shops to try, or a whole day played through them."""

import json
import signal
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from pos_subsidy.demo import folder as days
from pos_subsidy.demo import judging, playing, settling
from pos_subsidy.demo.folder import DayFolder
from pos_subsidy.demo.processes import Failed
from pos_subsidy.demo.town import Town, town

_HUB_PORT, _FIRST_SHOP_PORT = 8700, 8600


@click.command()
@click.option("--once", is_flag=True, help="Play one day to its end and print what came of it.")
@click.option(
    "--day",
    "day_folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of the day; default: the one that ships with the software.",
)
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Where to keep everything.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--hub-db", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
def demo(once: bool, day_folder: Path | None, data: Path | None, as_json: bool, hub_db: str) -> None:
    """Run a hub and two shops on this machine; with --once, play a day through them."""
    for ended in ("SIGTERM", "SIGHUP"):
        # Its services live in sessions of their own and would outlive it, on its ports.
        if hasattr(signal, ended):
            signal.signal(getattr(signal, ended), lambda number, _frame: sys.exit(128 + number))
    on_postgresql = hub_db == "postgresql"
    day = days.open_folder(day_folder)
    try:
        if once:
            _play_once(day, data, as_json, on_postgresql)
        else:
            _stay(day, data or Path("demo-data"), on_postgresql)
    except Failed as error:
        raise click.ClickException(str(error)) from None


def _play_once(day: DayFolder, data: Path | None, as_json: bool, on_postgresql: bool) -> None:
    if data is not None and data.exists() and any(data.iterdir()):
        raise click.ClickException(f"{data} is not empty; a day is played into a fresh folder")
    with nullcontext(data) if data else tempfile.TemporaryDirectory() as place:
        path = Path(str(place))
        path.mkdir(parents=True, exist_ok=True)
        found = _play(day, path, on_postgresql)
    wrong = judging.faults(found, day.expected())
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        _show(found)
    for one in wrong:
        click.echo(one, err=True)
    if wrong:
        sys.exit(1)


def _play(day: DayFolder, path: Path, on_postgresql: bool) -> dict[str, Any]:
    opening = f"{day.day}T00:00:00+08:00"
    # The player does not get to see what is expected.
    blind = [{name: value for name, value in one.items() if name != "expect"} for one in day.sales]
    screen = Console(stderr=True)
    with (
        town(
            path, day.shops, day.catalogue, training_clock=opening, hub_on_postgresql=on_postgresql
        ) as running,
        Progress(console=screen, disable=not screen.is_terminal, transient=True) as progress,
    ):
        task = progress.add_task(day.day, total=len(blind))
        outcomes = playing.play(
            running,
            day.day,
            blind,
            day.categories,
            progress=lambda done: progress.update(task, completed=done),
        )
        running.move_clocks(f"{day.day}T21:30:00+08:00")
        evening = settling.settle(running, day.day, day.statements())
    return judging.summary(day.day, day.sales, outcomes, evening)


def _show(found: dict[str, Any]) -> None:
    for name, value in found.items():
        click.echo(f"{name:18} {json.dumps(value, ensure_ascii=False)}")


def _stay(day: DayFolder, path: Path, on_postgresql: bool) -> None:
    path.mkdir(parents=True, exist_ok=True)
    ports = (_HUB_PORT, _FIRST_SHOP_PORT, _FIRST_SHOP_PORT + 1)
    with town(
        path,
        ("A", "B"),
        day.catalogue,
        training_clock=None,
        hub_on_postgresql=on_postgresql,
        ports=ports,
    ) as running:
        _introduce(running)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            click.echo("bye", err=True)


def _introduce(running: Town) -> None:
    click.echo(f"city     {running.hub.url}/")
    for account in running.office.values():
        click.echo(f"  {account['username']:13} {account['password']}")
    for shop in running.shops.values():
        click.echo(f"shop {shop.letter}   {shop.service.url}/   ({shop.log_ins['outlet']})")
        for role in ("cashier", "manager"):
            account = shop.log_ins[role]
            click.echo(f"  {role:8} {account['username']} / {account['password']}")
        click.echo(f"  API key  {shop.log_ins['api_key']}")
    click.echo("Ctrl-C ends everything.", err=True)
