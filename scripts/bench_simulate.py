"""Measures ``policy simulate`` on a long ledger, in turn with the plain loop over its decisions.

    .venv/bin/python scripts/bench_simulate.py [--rows 1000000]

The command starts, reads and adds up a file; the loop only decides, over the very same items,
which are there in memory before its clock runs, some at a time. Both must come to the same sum.
The command's memory is told for the whole ledger and for a twentieth of it.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path

from pos_subsidy.domain.subsidy import Item, assess
from pos_subsidy.policy import PACKS_DIR, load_rulebook
from pos_subsidy.policy.simulating import HEADINGS

HERE = Path(__file__).parent
LOT = 50_000
KINDS = (("refrigerator", 1), ("computer", 1), ("television", 2), ("phone", None), ("tablet", None))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    add_options(parser)
    print(json.dumps(measure(parser.parse_args()), indent=1))
    return 0


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the simulated ledger, or of the hub")
    parser.add_argument("--simulate-rounds", type=int, default=3)


def measure(asked: argparse.Namespace) -> dict:
    """Let loop and command run in turn; the ratio is the median of the rounds' ratios."""
    loops, commands = [], []
    with tempfile.TemporaryDirectory() as scratch:
        whole, part = Path(scratch) / "whole.csv", Path(scratch) / "part.csv"
        write_ledger(whole, asked.rows)
        write_ledger(part, max(asked.rows // 20, 1))
        for _ in range(asked.simulate_rounds):
            loop_s, loop_fen = plain_loop(asked.rows)
            command = simulate(whole)
            if json.loads(command["output"])["would_be_fen"] != loop_fen:
                raise RuntimeError("command and loop decide differently")
            loops.append(loop_s)
            commands.append(command)
        part_mb = simulate(part)["peak_mb"]
    ratios = [loop_s / command["took_s"] for loop_s, command in zip(loops, commands, strict=True)]
    return {
        "rows": asked.rows,
        "plain_loop_s": round(statistics.median(loops), 2),
        "command_s": round(statistics.median(command["took_s"] for command in commands), 2),
        "ratio_of_speed": round(statistics.median(ratios), 2),
        "peak_mb_of_a_twentieth": part_mb,
        "peak_mb": max(command["peak_mb"] for command in commands),
    }


def sales(rows: int) -> Iterator[tuple[date, Item]]:
    draw = random.Random(1)
    for place in range(rows):
        category, rating = draw.choice(KINDS)
        on = date(2026, 11, 1 + place % 28)
        yield on, Item(category, draw.randrange(10_000, 1_200_000), rating)


def write_ledger(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(HEADINGS) + "\n")
        for on, item in sales(rows):
            file.write(f"{on},{item.category},{item.price_fen},{item.energy_rating or ''},0\n")


def plain_loop(rows: int) -> tuple[float, int]:
    """Return the seconds that the decisions alone take, and what they grant (fen)."""
    rulebook, left = load_rulebook(), sales(rows)
    taken, granted_fen = 0.0, 0
    while lot := list(islice(left, LOT)):
        begun = time.perf_counter()
        for on, item in lot:
            granted_fen += assess(item, on=on, rulebook=rulebook).subsidy_fen
        taken += time.perf_counter() - begun
    return taken, granted_fen


def simulate(ledger: Path) -> dict:
    """Run the command in a process of its own; see ``peak.py`` for what is returned."""
    asked = ["policy", "simulate", "--ledger", str(ledger), "--pack", str(PACKS_DIR), "--json"]
    command = [sys.executable, "-m", "pos_subsidy", *asked]
    return json.loads(subprocess.check_output([sys.executable, str(HERE / "peak.py"), *command]))


if __name__ == "__main__":
    sys.exit(main())
