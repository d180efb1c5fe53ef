"""Measures the hub's intake of claims, its search for duplicates, and its live holds.

    .venv/bin/python scripts/bench.py --hub [--rows 1000000] [--database postgresql] [--sealed]

Intake: every claim with signature, chain, uniqueness and verdict, each batch durable, in a process of
its own that is killed once and started again; beside it the bare bulk figure: the same claims, nothing
checked, put into the same database with three unique indexes. Duplicates: the hub's own question in
SQL beside DuckDB, which reads the same claims from JSON lines. Live holds: signed requests over HTTP
beside the floor of ``bench_floor.py``. What counts is the ratio within one run.
"""

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import make_claims
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import insert, text

from pos_subsidy.demo import processes
from pos_subsidy.demo.postgresql import private_server
from pos_subsidy.domain.keys import raw_public
from pos_subsidy.errors import Unavailable
from pos_subsidy.hub import config, ingest
from pos_subsidy.hub.city import City
from pos_subsidy.hub.store import claims, keys, outlets
from pos_subsidy.hub.store.db import read, run
from pos_subsidy.hub.store.schema import identity

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 20, 14, tzinfo=UTC)
FEEDERS = 3
KILLED_AT = 0.4
CONSOLE = Console(stderr=True)


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--hub", action="store_true", help="the hub's intake, duplicates and live holds")
    parser.add_argument("--shops", type=int, default=20, help="whose claims they are")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--sealed", action="store_true", help="identities travel with the claims")
    parser.add_argument("--holds", type=int, default=400, help="live holds per round, 0 for none")


def measure(asked: argparse.Namespace) -> dict:
    per_batch = make_claims.PER_BATCH
    per_shop = max(asked.rows // asked.shops // per_batch, 1) * per_batch
    rows = per_shop * asked.shops
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as open_things:
        at = Path(scratch)
        url = None
        if asked.database == "postgresql":
            place = open_things.enter_context(tempfile.TemporaryDirectory())
            url = open_things.enter_context(private_server(Path(place) / "data"))
        config.init(at / "hub", name="bench", demo=True, database=url)
        city = config.load(at / "hub")
        prepare(city, at, asked.shops, per_shop, sealed=asked.sealed)
        bare_cpu_s = -time.process_time()
        bare_s = bare(city, rows)
        bare_cpu_s += time.process_time()
        fed = feed(at, city, rows)
        bare_s = min(bare_s, bare(city, rows))
        found = {
            "database": city.engine.dialect.name,
            "rows": rows,
            "identities": "sealed in the batch" if asked.sealed else "known from the hold",
            "bare_rows_per_s": round(rows / bare_s),
            "bare_cpu_us_per_row": round(bare_cpu_s / rows * 1e6, 1),
            "hub_rows_per_s": round(rows / fed["took_s"]),
            "ratio_of_intake": round(bare_s / fed["took_s"], 4),
            **{name: one for name, one in fed.items() if name != "took_s"},
            "planted_doubles": make_claims.planted(asked.shops, per_shop),
            "verdicts": verdicts(city),
            "duplicates": duplicates(city, at),
        }
        city.engine.dispose()
    CONSOLE.print_json(json.dumps(found))
    if sum(found["verdicts"].values()) != rows or found["verdicts"]["rejected"] != found["planted_doubles"]:
        raise RuntimeError("not every claim has the verdict it must have")
    if asked.holds:
        found["live_holds"] = live_holds(asked.holds)
    return found


def prepare(city: City, at: Path, shops: int, per_shop: int, *, sealed: bool) -> None:
    """Enrol the shops and lay their batches into files."""
    with _progress() as progress:
        task = progress.add_task("claims are made", total=shops * per_shop)
        for number in range(shops):
            enrol(city, number)
            book = make_claims.Book(city, number)
            folder = at / "batches" / make_claims.outlet(number)
            folder.mkdir(parents=True)
            for place in range(per_shop // make_claims.PER_BATCH):
                content = book.batch(make_claims.PER_BATCH, sealed=sealed)
                (folder / f"{place:06d}.gz").write_bytes(content)
                progress.advance(task, make_claims.PER_BATCH)
                if book.known:
                    disclose(city, book.known)
                    book.known.clear()


def enrol(city: City, number: int) -> None:
    details = {"name": "x", "merchant_name": "x", "merchant_uscc": "", "region": "330402"}
    public = raw_public(make_claims.keyring(number).private.public_key())

    def add(db) -> None:
        outlets.add(db, make_claims.outlet(number), at="", **details)
        keys.add(db, make_claims.outlet(number), [public], at="2026-01-01T00:00:00.000Z", by="bench")

    run(city.engine, add)


def disclose(city: City, known: list[tuple[str, str]]) -> None:
    """Keep identities as live holds leave them."""
    values = [{"commitment": one, "person": person, "sealed": b""} for one, person in known]
    run(city.engine, lambda db: db.execute(insert(identity), values))


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
    """Let a process take the batches in, kill it once, and let another go on from what is stored."""
    begun, used = time.perf_counter(), _cpu_of_children()
    first = start_feeding(at)
    killed_at, first_mb = watch(first, city, rows, until=int(rows * KILLED_AT))
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    second = start_feeding(at)
    watch(second, city, rows, until=rows)
    told = json.loads(second.communicate()[0] or "{}")
    if not told:
        raise RuntimeError("the intake ended before everything was taken in")
    took = time.perf_counter() - begun
    return {
        "took_s": took,
        "cpu_us_per_row": round((_cpu_of_children() - used) / rows * 1e6, 1),
        "killed_at": killed_at,
        "peak_mb_of_first": first_mb,
        "peak_mb": told["peak_mb"],
        "seconds_by_part": told["seconds"],
    }


def start_feeding(at: Path) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, __file__, str(at)], stdout=subprocess.PIPE, encoding="utf-8")


def watch(process: subprocess.Popen, city: City, rows: int, *, until: int) -> tuple[int, float | None]:
    """Show how far it is until so many rows are stored or it has ended; return them and its peak (MB)."""
    done, peak = 0, None
    with _progress() as progress:
        task = progress.add_task("claims are taken in", total=rows)
        while process.poll() is None and done < until:
            time.sleep(0.2 if until < rows else 1)
            done = read(city.engine, lambda db: sum(one["last_seq"] for one in outlets.listing(db)))
            progress.update(task, completed=done)
            peak = _peak_of(process.pid) or peak
    return done, peak


def take_in(at: Path) -> None:
    """Deliver what the hub has not yet, several shops at a time; print the peak and where time went."""
    city = config.load(at / "hub")
    shops = sorted(path.name for path in (at / "batches").iterdir())
    queue, guard = iter(shops), threading.Lock()
    spent: dict[str, float] = {}
    _time(ingest.batches, "read", "unzip and parse", spent)
    _time(ingest, "_check", "hash, signature, seal", spent)
    _time(ingest.rows, "keep_all", "rows kept", spent)
    _time(ingest.plainly.Sight, "plain", "rules", spent)
    _time(ingest.plainly, "Sight", "what is known", spent)
    _time(ingest.plainly, "book", "booked", spent)
    _time(ingest, "carry_out", "looked at by themselves", spent)
    _time(ingest, "_receipt", "receipt", spent)

    def work() -> None:
        while True:
            with guard:
                name = next(queue, None)
            if name is None:
                return
            done = read(city.engine, lambda db, name=name: outlets.find(db, name)["last_seq"])
            files = sorted((at / "batches" / name).iterdir())
            for path in islice(files, done // make_claims.PER_BATCH, None):
                deliver(city, name, path.read_bytes(), spent)

    workers = [threading.Thread(target=work) for _ in range(FEEDERS)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1_048_576 if sys.platform == "darwin" else 1_024
    )
    print(json.dumps({"peak_mb": round(peak, 1), "seconds": {k: round(v, 1) for k, v in spent.items()}}))


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


def verdicts(city: City) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in read(city.engine, claims.sums):
        found[one["verdict"]] = found.get(one["verdict"], 0) + one["claims"]
    return found


def duplicates(city: City, at: Path) -> dict:
    """Find people with two claims of one unit and pieces claimed twice, and let DuckDB find the same."""
    begun = time.perf_counter()
    persons, pieces = read(city.engine, claims.doubles)
    ours_s = time.perf_counter() - begun
    found = {"persons": persons, "claims": pieces, "hub_s": round(ours_s, 2)}
    try:
        import duckdb
    except ModuleNotFoundError:
        return {**found, "duckdb": "not installed"}
    path = at / "claims.jsonl"
    with path.open("w", encoding="utf-8") as out, city.engine.connect() as connection:
        chosen = "SELECT person, programme, unit_class, redemption_id, verdict, code FROM claim"
        for one in connection.execution_options(yield_per=10_000).execute(text(chosen)).mappings():
            out.write(json.dumps(dict(one)) + "\n")
    begun = time.perf_counter()
    theirs = duckdb.sql(
        "SELECT count(*) FROM (SELECT person, programme, unit_class FROM"
        f" read_json_auto('{path}', format='newline_delimited') GROUP BY ALL HAVING count(*) > 1)"
    ).fetchall()[0][0]
    duckdb_s = time.perf_counter() - begun
    assert theirs == persons, (theirs, persons)
    return {**found, "duckdb_s": round(duckdb_s, 2), "times_duckdb": round(ours_s / duckdb_s, 2)}


def live_holds(holds: int) -> dict:
    """Let signed holds and the floor run in turn; return both and the ratio of their p95."""
    import statistics

    import bench

    clients, rounds = 8, 3
    with tempfile.TemporaryDirectory() as scratch:
        at = Path(scratch)
        config.init(at / "hub", name="bench", demo=True)
        city = config.load(at / "hub")
        for number in range(clients):
            enrol(city, number)
        floor, floor_jobs = bench.start_floor(at, holds * rounds)
        hub = processes.start(
            "hub", "hub", "serve", "--data", str(at / "hub"), port=processes.free_port(), log=at / "l"
        )
        try:
            jobs = [hold_job(city, hub.url, number, clients) for number in range(holds * rounds)]
            spans: dict[str, list[dict]] = {"floor": [], "hub": []}
            for place in range(rounds):
                part = slice(place * holds, (place + 1) * holds)
                spans["floor"].append(bench.run_jobs(floor.url, floor_jobs[part], clients))
                spans["hub"].append(bench.run_jobs(hub.url, jobs[part], clients))
        finally:
            processes.stop(hub)
            floor.terminate_all()
        city.engine.dispose()
    p95, per_s = (
        {name: round(statistics.median(one[what] for one in found), 1) for name, found in spans.items()}
        for what in ("p95_ms", "per_s")
    )
    ratio = round(p95["hub"] / p95["floor"], 2)
    return {"clients": clients, "p95_ms": p95, "per_s": per_s, "ratio_of_p95": ratio}


def hold_job(city: City, url: str, number: int, shops: int) -> tuple[str, dict, dict]:
    import base64

    from pos_subsidy.protocol import http_signatures, messages, sealing

    book = make_claims.Book(city, number % shops)
    body, identity, salt = book._claim(1_000 + number * 100)
    names = ("id_type", "id_number", "name", "phone")
    told = {name: getattr(identity, name) for name in names} | {"salt": salt.hex()}
    asked = {name: body[name] for name in ("hold_id", "category", "unit_class", "programme", "business_date")}
    asked |= {
        name: body[name] for name in ("price_fen", "subsidy_fen", "gtin", "serial_no", "imei1", "imei2")
    }
    asked["commitment"] = body["commitment"]
    asked["sealed"] = base64.b64encode(sealing.seal(json.dumps(told).encode(), city.seal_public)).decode()
    now = datetime.now(UTC)
    asked["expires_at"] = (now + timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    content = json.dumps(asked).encode()
    headers = http_signatures.sign("POST", url + messages.HOLDS, content, book.keys, at=now)
    return messages.HOLDS, asked, headers


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


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=CONSOLE)


if __name__ == "__main__":
    take_in(Path(sys.argv[1]))
