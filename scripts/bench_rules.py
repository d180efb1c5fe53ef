"""Measures the rules, in turn with what they are compared with; only ratios within a run count.

    .venv/bin/python scripts/bench_rules.py [--rows 1000000] [--openfisca PYTHON]

``assess`` against the same rule in plain integers, and against OpenFisca where an interpreter
is named that has it; ``assess`` as a cold command against ``python -c "import flask"``; a
simulation of a ledger against the plain loop over the same decisions, and the memory it takes.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from pos_subsidy.domain.explanation import assessment_json
from pos_subsidy.domain.subsidy import Item, assess
from pos_subsidy.policy import PACKS_DIR, load_rulebook
from pos_subsidy.policy.simulating import HEADINGS

RULES = load_rulebook()
DAY = date(2026, 11, 20)
ROUNDS = 5
TIMES = 20_000
HERE = Path(__file__).parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--openfisca", metavar="PYTHON", help="an interpreter that has openfisca-core")
    asked = parser.parse_args()
    print(json.dumps(measure(asked.rows, asked.openfisca), indent=1))
    return 0


def measure(rows: int, openfisca: str | None) -> dict:
    return {
        "assess": measure_assess(openfisca),
        "cold_command": measure_cold(),
        "simulation": measure_simulation(rows),
    }


def measure_assess(openfisca: str | None) -> dict:
    """One decision, in microseconds, each way in turn; the ratios are to our own."""
    item = Item("computer", 599_900, 1)
    ways: dict[str, Callable[[], object]] = {
        "integers": lambda: plain_integers(599_900, 1),
        "assess": lambda: assess(item, on=DAY, rulebook=RULES),
        "explained": lambda: assessment_json(assess(item, on=DAY, rulebook=RULES)),
    }
    spans: dict[str, list[float]] = {name: [] for name in ways}
    others: list[dict[str, float]] = []
    for _ in range(ROUNDS):
        for name, work in ways.items():
            spans[name].append(timed(work, TIMES))
        if openfisca:
            script = str(HERE / "bench_openfisca.py")
            others.append(json.loads(subprocess.check_output([openfisca, script])))
    found: dict = {f"{name}_us": round(statistics.median(taken), 3) for name, taken in spans.items()}
    for name in others[0] if others else ():
        other_us = statistics.median(one[name] for one in others)
        found[f"openfisca_{name}"] = round(other_us, 2)
        found[f"faster_than_openfisca_{name.removesuffix('_us')}"] = round(other_us / found["assess_us"], 1)
    found["ratio_to_integers"] = round(found["assess_us"] / found["integers_us"], 1)
    return found


def plain_integers(price_fen: int, rating: int) -> int:
    """Decide the same with nothing but integers: no days, no sources, no reasons."""
    return min(price_fen * 15 // 100, 150_000) if rating == 1 else 0


def measure_cold() -> dict:
    """A whole command from start to answer, against an interpreter that imports Flask."""
    ours = "assess --category computer --energy-rating 1 --price 5999 --on 2026-11-20 --json".split()
    commands = {
        "import_flask": [sys.executable, "-c", "import flask"],
        "assess": [sys.executable, "-m", "pos_subsidy", *ours],
    }
    spans: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            begun = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            spans[name].append(time.perf_counter() - begun)
    found = {f"{name}_ms": round(statistics.median(taken) * 1000, 1) for name, taken in spans.items()}
    return {**found, "ratio": round(found["assess_ms"] / found["import_flask_ms"], 2)}


def measure_simulation(rows: int) -> dict:
    """The command over a ledger file, against the loop over items that are in memory already."""
    with tempfile.TemporaryDirectory() as scratch:
        small, large = Path(scratch) / "small.csv", Path(scratch) / "large.csv"
        write_ledger(small, max(rows // 20, 1))
        write_ledger(large, rows)
        plain_s = plain_loop(rows)
        _, small_mb = simulate(small)
        command_s, large_mb = simulate(large)
        plain_s = min(plain_s, plain_loop(rows))
    return {
        "rows": rows,
        "plain_loop_s": round(plain_s, 2),
        "command_s": round(command_s, 2),
        "ratio_of_speed": round(plain_s / command_s, 2),
        "peak_mb_of_a_twentieth": small_mb,
        "peak_mb": large_mb,
    }


def sales(rows: int) -> list[tuple[str, int, int | None]]:
    draw = random.Random(1)
    kinds = (("refrigerator", 1), ("computer", 1), ("television", 2), ("phone", None), ("tablet", None))
    chosen = (draw.choice(kinds) for _ in range(rows))
    return [(category, draw.randrange(10_000, 1_200_000), rating) for category, rating in chosen]


def write_ledger(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(HEADINGS) + "\n")
        for place, (category, price_fen, rating) in enumerate(sales(rows)):
            day = date(2026, 11, 1 + place % 28)
            file.write(f"{day},{category},{price_fen},{rating or ''},0\n")


def plain_loop(rows: int) -> float:
    """Return the seconds that the decisions alone take; their items are made in small lots before."""
    taken = 0.0
    lot = [Item(category, price_fen, rating) for category, price_fen, rating in sales(min(rows, 50_000))]
    for _ in range(max(rows // len(lot), 1)):
        begun = time.perf_counter()
        for item in lot:
            assess(item, on=DAY, rulebook=RULES)
        taken += time.perf_counter() - begun
    return taken


def simulate(ledger: Path) -> tuple[float, float]:
    """Return the seconds that the command takes and its largest memory (MB)."""
    command = [sys.executable, "-m", "pos_subsidy", "policy", "simulate", "--json"]
    begun = time.perf_counter()
    running = subprocess.Popen(
        [*command, "--ledger", str(ledger), "--pack", str(PACKS_DIR)], stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(running.pid, 0)
    if status != 0:
        raise RuntimeError("the simulation failed")
    return time.perf_counter() - begun, round(used.ru_maxrss / 1024, 1)


def timed(work: Callable[[], object], times: int) -> float:
    begun = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - begun) / times * 1e6


if __name__ == "__main__":
    sys.exit(main())
