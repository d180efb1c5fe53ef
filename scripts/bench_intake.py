"""Measures how quickly claims are taken in, beside the bare bulk figure of the same database.

Every claim with signature, chain, uniqueness and verdict, each batch durable, in processes of their own
that are killed once and started again: each delivers the shops of its share as a process of the hub
takes them in. The bare figure: the same claims, nothing checked, put into the same database with three
unique indexes. ``bench_hub.py`` calls it.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import make_claims
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import text

from pos_subsidy.cli.workers import settle_memory
from pos_subsidy.errors import Unavailable
from pos_subsidy.hub import config, ingest
from pos_subsidy.hub.city import City
from pos_subsidy.hub.store import outlets
from pos_subsidy.hub.store.db import read

NOW = datetime(2026, 11, 20, 14, tzinfo=UTC)
PROCESSES = os.cpu_count() or 2
KILLED_AT = 0.4
CONSOLE = Console(stderr=True)


def bare(city: City, rows: int) -> float:
    """Return the seconds the same claims take where nothing is looked at."""
    columns = "redemption_id outlet serial_no hold_id order_no category programme unit_class person".split()
    columns += ["business_date", "verdict", "params", "judged_at", "received_at"]
    numbers = ["seq", "price_fen", "subsidy_fen", "net_subsidy_fen"]
    kinds = [f"{name} TEXT NOT NULL" for name in columns] + [f"{name} BIGINT NOT NULL" for name in numbers]
    unique = "UNIQUE (redemption_id), UNIQUE (outlet, seq), UNIQUE (serial_no)"
    with city.engine.connect() as connection:
        connection.execute(text("DROP TABLE IF EXISTS bare"))
        connection.execute(text(f"CREATE TABLE bare ({', '.join(kinds)}, {unique})"))
        connection.commit()
    book = make_claims.Book(city, 0)
    body = book._claim(1)[0]
    fixed = [body[name] for name in columns[5:8]]

    def values():
        for place in range(rows):
            name = f"{place * 7919 % 1_000_003:010d}{place:010d}"
            yield (
                *(f"R-20261120-{name}", "BENCH-0000", f"SN{name}", f"H-{name}", f"O-{name}", *fixed),
                *(f"{name}{name}{name}abcd", make_claims.DAY, "accepted", "{}"),
                *(make_claims.AT, make_claims.AT, place, 300_000, 45_000, 45_000),
            )

    begun = time.perf_counter()
    raw = city.engine.raw_connection()
    try:
        cursor = raw.cursor()
        if city.engine.dialect.name == "postgresql":
            with cursor.copy("COPY bare FROM STDIN") as into:
                for one in values():
                    into.write_row(one)
        else:
            cursor.execute("BEGIN IMMEDIATE")
            marks = ", ".join("?" * 18)
            cursor.executemany(f"INSERT INTO bare VALUES ({marks})", values())
        raw.commit()
    finally:
        raw.close()
    took = time.perf_counter() - begun
    with city.engine.connect() as connection:
        connection.execute(text("DROP TABLE bare"))
        connection.commit()
    return took


def feed(at: Path, city: City, rows: int) -> dict:
    """Let processes take the batches in, kill them once, and let others go on from what is stored."""
    begun, used = time.perf_counter(), _cpu_of_children()
    first = start_feeding(at)
    killed_at, first_mb = watch(first, city, rows, until=int(rows * KILLED_AT))
    for one in first:
        os.kill(one.pid, signal.SIGKILL)
    for one in first:
        one.wait()
    second = start_feeding(at)
    watch(second, city, rows, until=rows)
    told = [json.loads(one.communicate()[0] or "{}") for one in second]
    if not all(told):
        raise RuntimeError("the intake ended before everything was taken in")
    took = time.perf_counter() - begun
    seconds: Counter[str] = Counter()
    for one in told:
        seconds.update(one["seconds"])
    return {
        "took_s": took,
        "processes": len(second),
        "cpu_us_per_row": round((_cpu_of_children() - used) / rows * 1e6, 1),
        "killed_at": killed_at,
        "peak_mb_when_killed": first_mb,
        "peak_mb": max(filter(None, (one["peak_mb"] for one in told)), default=None),
        "cpu_seconds_by_part": {name: round(one, 1) for name, one in seconds.items()},
    }


def start_feeding(at: Path) -> list[subprocess.Popen]:
    shares = ([sys.executable, __file__, str(at), str(share)] for share in range(PROCESSES))
    return [subprocess.Popen(one, stdout=subprocess.PIPE, encoding="utf-8") for one in shares]


def watch(
    processes: list[subprocess.Popen], city: City, rows: int, *, until: int
) -> tuple[int, float | None]:
    """Show how far it is until so many rows are stored or all have ended; return them and the peak (MB)."""
    done, peak = 0, None
    with progress() as shown:
        task = shown.add_task("claims are taken in", total=rows)
        while any(one.poll() is None for one in processes) and done < until:
            time.sleep(0.2 if until < rows else 1)
            done = read(city.engine, lambda db: sum(one["last_seq"] for one in outlets.listing(db)))
            shown.update(task, completed=done)
            peak = max(filter(None, (_peak_of(one.pid) for one in processes)), default=peak)
    return done, peak


def take_in(at: Path, share: int) -> None:
    """Deliver what the hub has not yet of every so-manieth shop; print the peak and where time went."""
    city = config.load(at / "hub")
    settle_memory()
    spent: dict[str, float] = {}
    _time(ingest.batches, "read", "unzip and parse", spent)
    _time(ingest.checking, "check", "hash, signature, seal, rules", spent)
    _time(ingest.rows, "keep_all", "rows kept", spent)
    _time(ingest.traces, "keep", "rows found again by their numbers", spent)
    _time(ingest.plainly, "Sight", "what is known", spent)
    _time(ingest.plainly, "book", "booked", spent)
    _time(ingest, "carry_out", "looked at by themselves", spent)
    _time(ingest, "_receipt", "receipt", spent)
    for folder in sorted((at / "batches").iterdir())[share::PROCESSES]:
        shop = read(city.engine, lambda db, name=folder.name: outlets.find(db, name))
        for path in islice(sorted(folder.iterdir()), shop["last_seq"] // make_claims.PER_BATCH, None):
            deliver(city, folder.name, path.read_bytes(), spent)
    # What getrusage says includes the process that started this one.
    peak = _peak_of(os.getpid())
    print(json.dumps({"peak_mb": peak, "seconds": spent}))


def deliver(city: City, name: str, content: bytes, spent: dict[str, float]) -> None:
    """Deliver a batch, again and again while the hub is too busy, as a till does."""
    while True:
        try:
            ingest.ingest(city, name, content, now=NOW)
            return
        except Unavailable:
            spent["batches sent again"] = spent.get("batches sent again", 0) + 1


def _time(owner, name: str, part: str, spent: dict[str, float]) -> None:
    """Add up the CPU time of whoever calls a function, by thread."""
    work = getattr(owner, name)

    def timed(*args, **kwargs):
        begun = time.thread_time()
        try:
            return work(*args, **kwargs)
        finally:
            spent[part] = spent.get(part, 0.0) + time.thread_time() - begun

    setattr(owner, name, timed)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _peak_of(pid: int) -> float | None:
    try:
        for line in Path(f"/proc/{pid}/status").read_text("ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) / 1024, 1)
    except OSError:
        pass
    return None


def progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=CONSOLE)


if __name__ == "__main__":
    take_in(Path(sys.argv[1]), int(sys.argv[2]))
