"""Feeds damaged statement files to the reader: it may refuse them, never crash, never add up wrongly.

    .venv/bin/python scripts/fuzz_statements.py [--rounds 100000] [--seed 1]

Each round takes one good file and changes it: bytes flipped, cut, rows doubled or dropped,
columns swapped, amounts changed. What is still accepted and still has its totals must sum to
them, reckoned here from the text alone. Prints one JSON object; exit status 1 on any failure.
"""

import argparse
import csv
import io
import json
import random
import re
import sys
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pos_subsidy import statements  # noqa: E402
from pos_subsidy.demo.folder import PACKAGED  # noqa: E402
from pos_subsidy.errors import Invalid  # noqa: E402
from pos_subsidy.statements import ColumnMapping, Statement  # noqa: E402
from tests.statements import bills  # noqa: E402

UNIONPAY = (
    "商户代码,商户订单,交易日期,交易金额,交易类型\n"
    '898330400000001,A-1,2026-11-18 10:00:00,"5,185.00",消费\n'
    "898330400000001,A-2,2026-11-18 11:00:00,１２．５０,消费\n"
    "898330400000001,A-2,2026-11-18 12:00:00,-2.50,退货\n"
    '合计,,,"5,195.00",\n'
)
MAPPING = ColumnMapping(
    "unionpay",
    {
        **{"order_no": "商户订单", "at": "交易日期", "amount": "交易金额"},
        **{"status": "交易类型", "merchant": "商户代码"},
    },
)
Mutation = Callable[[random.Random, bytes], bytes]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    found = fuzz(asked.rounds, asked.seed, progress=sys.stderr.isatty())
    print(json.dumps(found, ensure_ascii=False, indent=1))
    return 1 if found["failures"] else 0


def fuzz(rounds: int, seed: int, *, progress: bool = False) -> dict:
    """Return how many were accepted and refused, and what failed with what it takes to repeat it."""
    samples = good_files()
    outcomes: Counter[str] = Counter()
    failures: list[dict] = []
    for place in range(rounds):
        # Each round has a seed of its own, so that one can be repeated alone.
        draw = random.Random(f"{seed}/{place}")
        name = draw.choice(list(samples))
        content = samples[name]
        for _ in range(draw.choice((1, 1, 1, 2, 3))):
            content = draw.choice(MUTATIONS)(draw, content)
        try:
            outcomes[judge(content, name)] += 1
        except Exception as error:  # the very thing that is looked for
            failures.append({"round": place, "file": name, "error": repr(error)[:300]})
        if progress and place % 500 == 0:
            print(f"\r{place}/{rounds}, {len(failures)} failed", end="", file=sys.stderr)
    if progress:
        print(f"\r{rounds}/{rounds}, {len(failures)} failed", file=sys.stderr)
    return {"rounds": rounds, "seed": seed, **dict(sorted(outcomes.items())), "failures": failures}


def good_files() -> dict[str, bytes]:
    detail = zipfile.ZipFile(PACKAGED / "alipay_detail.zip")
    return {
        **{f"wechat-{year}-{side}.csv": bills.wechat(year, side) for year, side in bills.HEADERS},
        "funds.csv": bills.wechat_funds(),
        "alipay.zip": (PACKAGED / "alipay_detail.zip").read_bytes(),
        "alipay.csv": detail.read(detail.namelist()[0]),
        "pos.csv": (PACKAGED / "pos_export.csv").read_bytes(),
        "unionpay.csv": UNIONPAY.encode("gb18030"),
    }


def judge(content: bytes, name: str) -> str:
    """Read a file; return what became of it.

    Raises:
        AssertionError: it was accepted although its totals say otherwise.
    """
    fingerprint = statements.suited(content, name, MAPPING) if name == "unionpay.csv" else None
    try:
        found = statements.read(content, name, mappings={fingerprint: MAPPING} if fingerprint else {})
    except Invalid as error:
        return error.code
    text = _text(content)
    if text is not None:
        _must_sum(found, text)
    return "accepted"


def _must_sum(found: Statement, text: str) -> None:
    """Reckon the sums once more, by the text's own totals."""
    totals = _totals(text)
    if not totals:
        return
    paid = sum(row.amount_fen for row in found.rows if not row.refund)
    back = sum(row.amount_fen for row in found.rows if row.refund)
    expected = {
        **{"总交易单数": len(found.rows) * 100, "订单总金额": paid, "总交易额": paid},
        **{"申请退款总金额": back, "总退款金额": back},
        **{"资金流水总笔数": len(found.rows) * 100, "收入金额": paid, "支出金额": back},
        "合计": paid - back,
    }
    # A bill of payments has no column of refunds: what it totals there cannot be checked.
    untold = () if "退款" in text.split("\n", 1)[0] else ("申请退款总金额", "总退款金额")
    for name, told in totals.items():
        if name in untold:
            continue
        if name in expected and told != expected[name]:
            raise AssertionError(f"{name} says {told}, the rows accepted come to {expected[name]}")


def _totals(text: str) -> dict[str, int]:
    lines = text.replace("\r\n", "\n").split("\n")
    for place, line in enumerate(lines):
        if line.startswith(("总交易单数", "资金流水总笔数")) and place + 1 < len(lines):
            names = [name.strip() for name in line.split(",")]
            values = lines[place + 1].lstrip("`").split(",`")
            return {
                name: told
                for name, value in zip(names, values, strict=False)
                if (told := _fen(value)) is not None
            }
        if line.startswith("合计,"):
            told = _fen([*next(csv.reader(io.StringIO(line))), "", "", ""][3])
            return {} if told is None else {"合计": told}
    return {}


def _fen(written: str) -> int | None:
    try:
        return int(Decimal(unicodedata.normalize("NFKC", written).replace(",", "").strip("` ")) * 100)
    except (InvalidOperation, ValueError, OverflowError):
        return None


def _text(content: bytes) -> str | None:
    for codec in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(codec)
        except UnicodeDecodeError:
            continue
    return None


def flip(draw: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(draw.randrange(1, 4)):
        if changed:
            changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def cut(draw: random.Random, content: bytes) -> bytes:
    begin, end = sorted((draw.randrange(len(content) + 1), draw.randrange(len(content) + 1)))
    return draw.choice((content[:end], content[begin:], content[:begin] + content[end:]))


def double_row(draw: random.Random, content: bytes) -> bytes:
    lines = content.split(b"\n")
    place = draw.randrange(len(lines))
    return b"\n".join([*lines[: place + 1], *lines[place:]])


def drop_row(draw: random.Random, content: bytes) -> bytes:
    lines = content.split(b"\n")
    del lines[draw.randrange(len(lines))]
    return b"\n".join(lines)


def swap_columns(draw: random.Random, content: bytes) -> bytes:
    """Swap two columns, in the header alone or in every line."""
    lines = content.split(b"\n")
    first = max(range(len(lines)), key=lambda place: lines[place].count(b","))
    count = lines[first].count(b",") + 1
    one, other = draw.randrange(count), draw.randrange(count)
    touched = (first,) if draw.random() < 0.5 else range(len(lines))
    for place in touched:
        fields = lines[place].split(b",")
        if max(one, other) < len(fields):
            fields[one], fields[other] = fields[other], fields[one]
        lines[place] = b",".join(fields)
    return b"\n".join(lines)


def change_amount(draw: random.Random, content: bytes) -> bytes:
    amounts = list(re.finditer(rb"\d+\.\d\d", content))
    if not amounts:
        return content
    found = draw.choice(amounts)
    written = draw.choice((b"0.00", b"0.01", b"-1.00", b"1e3", b"9" * 30, b"NaN", b"1.005", b"", b"1,000.00"))
    return content[: found.start()] + written + content[found.end() :]


def insert(draw: random.Random, content: bytes) -> bytes:
    place = draw.randrange(len(content) + 1)
    odd = draw.choice((b'"', b"\x00", b"\r", b"`", b",", "\u2028".encode(), "合计,".encode(), b"\n\n", b"#"))
    return content[:place] + odd + content[place:]


MUTATIONS: tuple[Mutation, ...] = (flip, cut, double_row, drop_row, swap_columns, change_amount, insert)

if __name__ == "__main__":
    sys.exit(main())
