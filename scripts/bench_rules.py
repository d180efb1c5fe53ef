"""Measures the rules, in turn with what they are compared with; only ratios within a run count.

    .venv/bin/python scripts/bench_rules.py [--openfisca PYTHON]

One decision of the appliance rule, without and with its explanation, is stated as a multiple of
the same rule in plain integers (one function call): it calibrates the machine and the moment.

OpenFisca, the usual engine for rules of this kind, is stated in the same unit, so that it need
not be installed: on the project's reference machine one decision for one person took it 51 to
142 µs, and the plain integers 0.08 µs, so that it takes 51 / 0.08 = 637 to 142 / 0.08 = 1775 times
the integers. Such a multiple travels between machines only roughly. With ``--openfisca`` an
interpreter that has openfisca-core works the same rule in turn with ours, and its multiples are
those of this very run.

The command ``assess`` is measured from start to end against ``python -c "import flask"``.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
import timeit
from datetime import date
from pathlib import Path

from pos_subsidy.domain.explanation import assessment_json
from pos_subsidy.domain.subsidy import Item, assess
from pos_subsidy.policy import load_rulebook

HERE = Path(__file__).parent
DAY, PRICE_FEN, RATING = date(2026, 11, 20), 599_900, 1
OPENFISCA_STATED_US, INTEGERS_STATED_US = {"least": 51, "most": 142}, 0.08
# As text, so that no call stands between the clock and the work.
WORKS = {
    "integers": "plain_integers(price_fen, rating)",
    "assess": "assess(item, on=day, rulebook=rules)",
    "explained": "assessment_json(assess(item, on=day, rulebook=rules))",
}

Spans = dict[str, list[float]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    add_options(parser)
    asked = parser.parse_args()
    print(json.dumps(measure(asked), indent=1))
    return 0


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rules-rounds", type=int, default=5)
    parser.add_argument("--decisions", type=int, default=20_000, help="per round")
    parser.add_argument("--openfisca", metavar="PYTHON", help="an interpreter that has openfisca-core")


def measure(asked: argparse.Namespace) -> dict:
    return {
        "assess": measure_assess(asked.rules_rounds, asked.decisions, asked.openfisca),
        "cold_command": measure_cold(asked.rules_rounds),
    }


def measure_assess(rounds: int, decisions: int, openfisca: str | None) -> dict:
    """Return microseconds for one decision, each way in turn, and the ratios between them."""
    rules, item = load_rulebook(), Item("computer", PRICE_FEN, RATING)
    if assess(item, on=DAY, rulebook=rules).subsidy_fen != plain_integers(PRICE_FEN, RATING):
        raise RuntimeError("the plain integers decide something else")
    names = {"rules": rules, "item": item, "day": DAY, "price_fen": PRICE_FEN, "rating": RATING}
    names |= {one.__name__: one for one in (plain_integers, assess, assessment_json)}
    ways = {name: timeit.Timer(work, globals=names) for name, work in WORKS.items()}
    spans: Spans = {}
    for _ in range(rounds):
        for name, way in ways.items():
            spans.setdefault(name, []).append(way.timeit(decisions) / decisions * 1e6)
        if openfisca:
            answer = subprocess.check_output([openfisca, str(HERE / "bench_openfisca.py")])
            for name, span_us in json.loads(answer).items():
                spans.setdefault(f"openfisca_{name}", []).append(span_us)
    stated = {name: int(us / INTEGERS_STATED_US) for name, us in OPENFISCA_STATED_US.items()}
    others = [name for name in spans if name != "integers"]
    return {
        "us": medians(spans),
        "times_integers": {name: ratio(spans[name], spans["integers"]) for name in others},
        "times_integers_openfisca_stated": stated,
        "times_assess": {
            name: ratio(spans[name], spans["assess"]) for name in others if name.startswith("openfisca")
        },
    }


def plain_integers(price_fen: int, rating: int) -> int:
    """Decide the same with nothing but integers: no days, no sources, no reasons."""
    return min(price_fen * 15 // 100, 150_000) if rating == 1 else 0


def measure_cold(rounds: int) -> dict:
    """A whole command from start to answer, against an interpreter that imports Flask."""
    ours = "assess --category computer --energy-rating 1 --price 5999 --on 2026-11-20 --json".split()
    commands = {
        "import_flask": [sys.executable, "-c", "import flask"],
        "assess": [sys.executable, "-m", "pos_subsidy", *ours],
    }
    spans: Spans = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            begun = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            spans[name].append((time.perf_counter() - begun) * 1e3)
    return {"ms": medians(spans), "ratio": ratio(spans["assess"], spans["import_flask"])}


def medians(spans: Spans) -> dict[str, float]:
    return {name: round(statistics.median(taken), 3) for name, taken in spans.items()}


def ratio(ours: list[float], others: list[float]) -> float:
    """Return the median of the rounds' ratios: what ran side by side is compared."""
    return round(statistics.median(one / other for one, other in zip(ours, others, strict=True)), 2)


if __name__ == "__main__":
    sys.exit(main())
