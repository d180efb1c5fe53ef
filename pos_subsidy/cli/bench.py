"""``bench``: how fast this machine decides, signs, draws and writes."""

import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from pos_subsidy import bundled
from pos_subsidy.cli import print_json
from pos_subsidy.cli.assess import today
from pos_subsidy.clock import system_clock
from pos_subsidy.domain import explanation, qr_token
from pos_subsidy.domain.keys import new_keyring
from pos_subsidy.domain.qr_token import Claims
from pos_subsidy.domain.subsidy import Item, assess
from pos_subsidy.rulebooks import rulebook
from pos_subsidy.store import migrations, settings
from pos_subsidy.store.db import open_database, write_transaction
from pos_subsidy.web import qr_image


@click.command()
@click.option("--seconds", type=click.FloatRange(0.05, 10), default=1.0, help="For each measurement.")
@click.option("--json", "as_json", is_flag=True)
def bench(seconds: float, as_json: bool) -> None:
    """Measure this machine: decisions, tokens, QR pictures, durable writes. Nothing is kept."""
    with tempfile.TemporaryDirectory() as scratch:
        found = {name: _per_second(work, seconds) for name, work in _works(Path(scratch)).items()}
    if as_json:
        print_json(found)
        return
    for name, per_s in found.items():
        click.echo(f"{name:24} {per_s:>12,.0f} /s  {1e6 / per_s:>10,.1f} µs")


def _works(scratch: Path) -> dict[str, Callable[[], Any]]:
    rules, on = rulebook(), today()
    category, item = next(
        (code, Item(code, 200_000, 1)) for code in rules.categories if rules.rule_in_force(code, on)
    )
    keyring, now = new_keyring(), system_clock()
    claims = Claims("BENCH", "K0000000000S", category, "screen", now, now + timedelta(minutes=2))
    token = qr_token.make(claims, keyring)
    db = open_database(scratch / "bench.db")
    migrations.create(db, bundled("schema.sql").read_text("utf-8"))

    def write() -> None:
        with write_transaction(db):
            settings.put(db, "bench", "x")

    return {
        "assess": lambda: assess(item, on=on, rulebook=rules),
        "assess_explained": lambda: explanation.assessment_json(assess(item, on=on, rulebook=rules)),
        "token_signed": lambda: qr_token.make(claims, keyring),
        "token_read": lambda: qr_token.read(token, keyring, outlet="BENCH"),
        "qr_drawn": lambda: qr_image.draw_svg(token, "screen"),
        "durable_write": write,
    }


def _per_second(work: Callable[[], Any], seconds: float) -> float:
    done, begun = 0, time.perf_counter()
    while (taken := time.perf_counter() - begun) < seconds or not done:
        work()
        done += 1
    return round(done / taken, 1)
