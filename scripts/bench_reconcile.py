"""Measures a month of reconciliation, day by day, beside reading its files alone.

    .venv/bin/python scripts/bench_reconcile.py [--orders 50000]

The month comes from ``make_month.py``: every difference planted must be named, as what it is,
and no other. Both sides run in processes of their own over the same files; only the work is
timed, not the start. Memory is the peak of the whole process.
"""

import argparse
import csv
import io
import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import make_month

from pos_subsidy import statements
from pos_subsidy.config import Folder
from pos_subsidy.demo import processes
from pos_subsidy.services import reconciliation
from pos_subsidy.store.db import insert, write_transaction
from pos_subsidy.wiring import open_till_database, wire

HERE = Path(__file__).parent
NOW = datetime(2026, 12, 1, 2, tzinfo=UTC)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    add_options(parser)
    parser.add_argument("--part", choices=("reconcile", "read", "csv"), help=argparse.SUPPRESS)
    parser.add_argument("--at", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.part:
        found = {"reconcile": reconcile, "read": read, "csv": read_bare}[asked.part](asked.at)
        print(json.dumps(found))
        return 0
    print(json.dumps(measure(asked), indent=1))
    return 0


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--orders", type=int, default=50_000, help="of the month that is reconciled")
    parser.add_argument("--seed", type=int, default=1, help="of that month")


def measure(asked: argparse.Namespace) -> dict:
    month = make_month.make(asked.orders, asked.seed)
    with tempfile.TemporaryDirectory() as scratch:
        at = Path(scratch)
        prepare(month, at)
        ours, alone, bare = (_apart(part, at) for part in ("reconcile", "read", "csv"))
    said = {(day, order_no): kind for day, order_no, kind in ours["differences"]}
    expected = {(day.isoformat(), order_no): kind for (day, order_no), kind in month.expected.items()}
    return {
        "orders": asked.orders,
        "planted": len(expected),
        "ambiguous": month.ambiguous,
        "named_right": sum(said.get(key) == kind for key, kind in expected.items()),
        "false": sum(expected.get(key) != kind for key, kind in said.items()),
        "reconcile_s": round(ours["took_s"], 2),
        "read_s": round(alone["took_s"], 2),
        "bare_csv_s": round(bare["took_s"], 2),
        "times_read": round(ours["took_s"] / alone["took_s"], 2),
        "peak_mb": ours["peak_mb"],
    }


def prepare(month: make_month.Month, at: Path) -> None:
    """Make a shop whose till holds the month, and lay the files of each day beside it."""
    processes.run("init", "--demo", "--data", str(at / "shop"))
    for day in make_month.days():
        folder = at / "files" / day.isoformat()
        folder.mkdir(parents=True)
        for name, content in month.files(day):
            (folder / name).write_bytes(content)
    _fill(month, at / "shop")


def reconcile(at: Path) -> dict:
    folder = Folder(at / "shop")
    db, shop = open_till_database(folder), wire(folder).shop
    begun = time.perf_counter()
    differences = []
    for day in make_month.days():
        files = _files(at, day.isoformat())
        found = reconciliation.reconcile(db, shop, day, files, now=NOW)
        differences += [(day.isoformat(), one.order_no, one.kind) for one in found.differences]
    return {"took_s": time.perf_counter() - begun, "differences": differences}


def read(at: Path) -> dict:
    """Read the same files and do nothing with them."""
    begun = time.perf_counter()
    for day in make_month.days():
        for name, content in _files(at, day.isoformat()):
            statements.read(content, name)
    return {"took_s": time.perf_counter() - begun}


def read_bare(at: Path) -> dict:
    """Let the csv module take the same files apart, unchecked."""
    begun = time.perf_counter()
    for day in make_month.days():
        for name, content in _files(at, day.isoformat()):
            text = content.decode("utf-8-sig" if name == "wechat.csv" else "gb18030")
            sum(1 for _ in csv.reader(io.StringIO(text)))
    return {"took_s": time.perf_counter() - begun}


def _files(at: Path, day: str) -> list[tuple[str, bytes]]:
    return [(path.name, path.read_bytes()) for path in sorted((at / "files" / day).iterdir())]


def _apart(part: str, at: Path) -> dict:
    command = [sys.executable, str(HERE / "peak.py"), sys.executable, __file__]
    done = json.loads(subprocess.check_output([*command, "--part", part, "--at", str(at)]))
    return {**json.loads(done["output"]), "peak_mb": done["peak_mb"]}


def _fill(month: make_month.Month, shop: Path) -> None:
    """Write the till's state as selling would have left it; the journal plays no part here."""
    db = open_till_database(Folder(shop))
    db.execute("PRAGMA foreign_keys = OFF")
    with write_transaction(db):
        for place, sold in enumerate(month.sold, start=1):
            number, at = f"R-{place:06d}", f"{sold.day}T04:00:00.000Z"
            amounts = {
                "price_fen": sold.price_fen,
                "subsidy_fen": sold.subsidy_fen,
                "payable_fen": sold.payable_fen,
            }
            by = {"till": "T1", "cashier": "cashier"}
            fixed = dict.fromkeys(
                ("unit_class", "programme", "policy_version", "clause", "person_key"), "bench"
            )
            insert(
                db,
                "redemption",
                {
                    **{"redemption_id": number, "hold_id": f"H-{place}", "voucher": f"V-{place}"},
                    **{"order_no": sold.order_no, "category": "refrigerator", **fixed, **amounts, **by},
                    **{"status": "redeemed", "unit_state": "used", "authorisation": "local"},
                    **{"standing": "active", "late": 0, "held_at": at, "redeemed_at": at},
                    **{"business_date": sold.day.isoformat(), "journal_seq": 2 * place},
                },
            )
            line = {"redemption_id": number, "reason": "", "detail": "{}", "at": at, **by}
            insert(
                db,
                "redemption_line",
                {
                    **line,
                    **{"line_id": f"L-{place}", "kind": "sale", **amounts},
                    **{"business_date": sold.day.isoformat(), "journal_seq": 2 * place},
                },
            )
            for position, (channel, fen) in enumerate(sold.payments):
                values = {"redemption_id": number, "position": position, "channel": channel}
                insert(db, "payment", {**values, "payment_ref": "", "amount_fen": fen})
            if sold.back:
                day, price_fen, subsidy_fen, payable_fen = sold.back
                kind = "full" if price_fen == sold.price_fen else "partial"
                insert(
                    db,
                    "redemption_line",
                    {
                        **line,
                        **{"line_id": f"B-{place}", "kind": kind, "price_fen": -price_fen},
                        **{"subsidy_fen": -subsidy_fen, "payable_fen": -payable_fen},
                        **{"business_date": day.isoformat(), "journal_seq": 2 * place + 1},
                    },
                )
                due = {"reversal_id": f"B-{place}", "redemption_id": number, "amount_fen": payable_fen}
                insert(db, "refund", {**due, "state": "due", "attempts": 1})


if __name__ == "__main__":
    sys.exit(main())
