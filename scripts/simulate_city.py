"""Plays a whole city from one seed, on a bad road and on a good one, and compares the books.

    python scripts/simulate_city.py --shops 100 --days 30 --seed 7 [--replay] [--json]

Every shop is real (its own file, keys, services and client), and so are the hub and its signed calls; only
the road between them is in this process. From the seed are drawn: sales, reversals, exchanges; shops
that hear nothing for hours or weeks; requests lost, doubled, late, cut; answers lost; batches sent in the
wrong order, cut, or all again; nights that fail; payments that the bank returns; and pairs of sales of
which only one may stand: one person in two shops, one piece in two shops, each sold while the city could
not be asked. The second run has the same sales and none of the faults.

In each run: every sale is once at its shop and once at the hub; of each pair exactly one stands and the
other is refused by name; nothing else is refused; what the shops' own files say stands is what the hub
says, what the pools gave and what was paid; the trial balance is zero; the audit, with every receipt the
shops have, finds nothing. Between the runs only this may differ, by rule:

* which one of a pair stands: the first that was stored. Winners are compared as sets;
* with it, whose account is paid; the sums over the city are the same, for both have one price;
* a claim wholly reversed before a payment run took it up stays accepted, else it is settled: worth nothing
  either way, so that both count as standing;
* moments, the payment runs, and rows about holds and verdicts.

Shops may sell for weeks without the city here (their cap is lifted), else both runs would not have the same
sales. ``--replay`` plays the bad road a second time: its digest must be the same. Prints a table or one JSON
object; exit status 1 if anything was wrong. Needs the development's dependencies.
"""

import argparse
import json
import logging
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import MutableMapping
from concurrent.futures import ProcessPoolExecutor, wait
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.hub.simulation import checking, city, plan, shop  # noqa: E402
from tests.hub.simulation.city import Played  # noqa: E402
from tests.hub.simulation.plan import Plan  # noqa: E402
from tests.support import CATALOGUE  # noqa: E402

_SHOWN = 20
_LOOK_SECONDS = 0.5


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--shops", type=int, default=100)
    options.add_argument("--days", type=int, default=30)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--sales", type=int, default=1, help="of a shop on a day, on the average")
    options.add_argument("--replay", action="store_true", help="play the bad road twice")
    options.add_argument("--where", type=Path, help="folder for the files, a fast disk; default: temporary")
    options.add_argument("--processes", type=int, default=2, help="roads that are played at the same time")
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    if given.shops < 2 or given.days < 1 or given.sales < 0 or given.processes < 1:
        options.error("at least 2 shops, 1 day and 1 process")
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as shown:
        report = simulate(given, shown)
    print(json.dumps(report, ensure_ascii=False)) if given.json else _print(report)
    return 1 if report["wrong"] else 0


def simulate(given: argparse.Namespace, shown: Progress) -> dict[str, Any]:
    """Play, compare, and return what was seen; ``wrong`` is empty for a sound city."""
    planned = plan.make(given.shops, given.days, given.seed, sales_per_day=given.sales)
    roads = ["bad", "good"] + ["bad again"] * given.replay
    context = multiprocessing.get_context("spawn")
    with (
        context.Manager() as manager,
        ProcessPoolExecutor(given.processes, mp_context=context) as pool,
    ):
        told = manager.dict()
        running = {road: pool.submit(_play, planned, road, given.where, told) for road in roads}
        tasks = {road: shown.add_task(f"{road} road", total=planned.days) for road in roads}
        while wait(running.values(), timeout=_LOOK_SECONDS).not_done:
            for road, task in tasks.items():
                shown.update(task, completed=told.get(road, 0))
        played = {road: one.result()[0] for road, one in running.items()}
        seconds = {road: one.result()[1] for road, one in running.items()}
    wrong = [f"{road} road: {one}" for road in roads for one in checking.troubles(planned, played[road])]
    wrong += checking.differences(planned, played["bad"], played["good"])
    digests = {road: checking.digest(run) for road, run in played.items()}
    if given.replay and digests["bad"] != digests["bad again"]:
        wrong.append("the seed did not play the same again")
    return {
        "seed": given.seed,
        "shops": given.shops,
        "days": given.days,
        "sales": len(planned.sales),
        "pairs": len(planned.pairs),
        "outages": len(planned.outages),
        "rows": {road: sum(run.head_seqs.values()) for road, run in played.items()},
        "sums": {road: checking.sums(run) for road, run in played.items()},
        "happened": {road: dict(sorted(run.happened.items())) for road, run in played.items()},
        "seconds": seconds,
        "peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
        "digests": digests,
        "wrong": wrong,
    }


def _play(
    planned: Plan, road: str, where: Path | None, told: MutableMapping[str, int]
) -> tuple[Played, float]:
    """Play one road in a process of its own; return what stands and the seconds it took."""
    # A city with a bad road is full of warnings; what is wrong is in the report.
    logging.disable(logging.WARNING)
    began = time.perf_counter()

    def tell(done: int, _of_all: int) -> None:
        told[road] = done

    with tempfile.TemporaryDirectory(dir=where) as folder:
        template = Path(folder) / "template"
        shop.make_template(template, CATALOGUE)
        is_bad = road.startswith("bad")
        played = city.play(Path(folder), planned, template, is_bad=is_bad, progress=tell)
    return played, round(time.perf_counter() - began, 1)


def _print(report: dict[str, Any]) -> None:
    console = Console(soft_wrap=True)
    console.print(
        f"seed {report['seed']}: {report['shops']} shops, {report['days']} days, {report['sales']} sales,"
        f" {report['pairs']} pairs, {report['outages']} outages; at most {report['peak_mb']} MB"
    )
    roads = list(report["digests"])
    table = Table("", *(f"{road} road" for road in roads))
    for name in ("seconds", "rows"):
        table.add_row(name, *(str(report[name][road]) for road in roads))
    for kind in ("sums", "happened"):
        table.add_section()
        for name in dict.fromkeys(name for road in roads for name in report[kind][road]):
            table.add_row(name, *(str(report[kind][road].get(name, 0)) for road in roads))
    console.print(table)
    for road in roads:
        console.print(f"digest, {road} road: {report['digests'][road]}")
    for one in report["wrong"][:_SHOWN]:
        console.print(f"[red]wrong[/red]: {one}", markup=True)
    console.print(f"{len(report['wrong'])} wrong" if report["wrong"] else "nothing is wrong")


if __name__ == "__main__":
    sys.exit(main())
