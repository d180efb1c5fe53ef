"""Measures writing a workbook of many lines, against bare XlsxWriter writing the same cells.

Both sides run in turn, each in a process of its own, so that the peak of memory is its own.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
_DAY = date(2026, 11, 20)


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--xlsx", action="store_true", help="the workbook alone")
    parser.add_argument("--lines", type=int, default=50_000, help="of the workbook")
    parser.add_argument("--xlsx-rounds", type=int, default=3)


def measure(asked: argparse.Namespace) -> dict:
    """Return seconds and peaks of both sides, and their ratio."""
    seen: dict[str, list[dict]] = {"bare": [], "ours": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(asked.xlsx_rounds):
            for side, found in seen.items():
                found.append(_run(side, asked.lines, Path(folder)))
        small = _run("ours", max(asked.lines // 20, 1), Path(folder))
    took = {side: statistics.median(one["took_s"] for one in found) for side, found in seen.items()}
    return {
        "lines": asked.lines,
        "bare_s": took["bare"],
        "ours_s": took["ours"],
        "ratio": round(took["ours"] / took["bare"], 3),
        "peak_mb": max(one["peak_mb"] for one in seen["ours"]),
        "peak_mb_of_bare": max(one["peak_mb"] for one in seen["bare"]),
        "peak_mb_of_a_twentieth": small["peak_mb"],
    }


def _run(side: str, lines: int, folder: Path) -> dict:
    command = [sys.executable, str(HERE / "peak.py"), sys.executable, __file__, side, str(lines), str(folder)]
    told = json.loads(subprocess.check_output(command))
    # Loading the libraries is no part of writing.
    return {"took_s": float(told["output"]), "peak_mb": told["peak_mb"]}


def _rows(lines: int) -> Iterator[tuple]:
    for number in range(lines):
        yield (
            *(f"20261120{number:012}", _DAY, "冰箱", "审核通过", f"SN-{number:08}"),
            *(610_000 + number, 91_500, 518_500, 1, f"R-20261120-{number:08}"),
        )


def _ours(lines: int, path: Path) -> None:
    from pos_subsidy.paper.sheets import Column, Sheet, write_xlsx

    kinds = ("text", "day", "text", "text", "text", "yuan", "yuan", "yuan", "count", "text")
    columns = [Column(f"列{place}", kind) for place, kind in enumerate(kinds)]
    with path.open("wb") as into:
        write_xlsx([Sheet("明细", columns, _rows(lines), "合计")], into)


def _bare(lines: int, path: Path) -> None:
    import xlsxwriter

    with path.open("wb") as into, xlsxwriter.Workbook(into, {"constant_memory": True}) as book:
        page = book.add_worksheet()
        money = book.add_format({"num_format": "#,##0.00"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for at, row in enumerate(_rows(lines), start=1):
            for place in (0, 2, 3, 4, 9):
                page.write_string(at, place, row[place])
            page.write_datetime(at, 1, row[1], day)
            for place in (5, 6, 7):
                page.write_number(at, place, row[place] / 100, money)
            page.write_number(at, 8, row[8])


def _written(side: str, lines: int, folder: Path) -> float:
    import time

    import xlsxwriter.worksheet  # noqa: F401

    import pos_subsidy.paper.sheets  # noqa: F401

    begun = time.perf_counter()
    {"ours": _ours, "bare": _bare}[side](lines, folder / f"{side}.xlsx")
    return round(time.perf_counter() - begun, 3)


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))
    print(_written(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
