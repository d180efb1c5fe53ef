"""Measures the hub's intake of claims, its search for duplicates, and its live holds.

    .venv/bin/python scripts/bench.py --hub [--rows 1000000] [--database postgresql] [--sealed]

The intake is ``bench_intake.py``'s. Duplicates: the hub's own question in SQL beside DuckDB, which reads
the same claims from JSON lines. Live holds: signed requests over HTTP beside the floor of
``bench_floor.py``. What counts is the ratio within one run.
"""

import argparse
import json
import os
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import bench_intake
import make_claims
from sqlalchemy import insert, text

from pos_subsidy.demo import processes
from pos_subsidy.demo.postgresql import private_server
from pos_subsidy.domain.keys import raw_public
from pos_subsidy.hub import config
from pos_subsidy.hub.city import City
from pos_subsidy.hub.store import claims, keys, outlets
from pos_subsidy.hub.store.db import read, run
from pos_subsidy.hub.store.schema import identity

# A server for itself, as docs/scale.md says it is set; the bare figure is taken on the same.
SERVER = {
    "shared_buffers": "2GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--hub", action="store_true", help="the hub's intake, duplicates and live holds")
    parser.add_argument("--shops", type=int, default=20, help="whose claims they are")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--sealed", action="store_true", help="identities travel with the claims")
    parser.add_argument(
        "--processes", type=int, default=os.cpu_count() or 2, help="of the hub, for live holds"
    )
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
            url = open_things.enter_context(private_server(Path(place) / "data", SERVER))
        config.init(at / "hub", name="bench", demo=True, database=url)
        city = config.load(at / "hub")
        prepare(city, at, asked.shops, per_shop, sealed=asked.sealed)
        bare_cpu_s = -time.process_time()
        bare_s = bench_intake.bare(city, rows)
        bare_cpu_s += time.process_time()
        fed = bench_intake.feed(at, city, rows)
        bare_s = min(bare_s, bench_intake.bare(city, rows))
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
    bench_intake.CONSOLE.print_json(json.dumps(found))
    if sum(found["verdicts"].values()) != rows or found["verdicts"]["rejected"] != found["planted_doubles"]:
        raise RuntimeError("not every claim has the verdict it must have")
    if asked.holds:
        found["live_holds"] = live_holds(asked.holds, asked.processes)
    return found


def prepare(city: City, at: Path, shops: int, per_shop: int, *, sealed: bool) -> None:
    """Enrol the shops and lay their batches into files."""
    with bench_intake.progress() as progress:
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


def live_holds(holds: int, asked: int) -> dict:
    """Let signed holds, answered by so many processes, and the floor run in turn; return both."""
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
        serve = ("hub", "serve", "--data", str(at / "hub"), "--processes", str(asked))
        hub = processes.start("hub", *serve, port=processes.free_port(), log=at / "l")
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
    return {"clients": clients, "processes": asked, "p95_ms": p95, "per_s": per_s, "ratio_of_p95": ratio}


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
