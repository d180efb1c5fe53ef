"""Order numbers as files write them, and what spreadsheets do to them.

A spreadsheet turns a long number into 1.20261E+12, drops its leading zeros, or keeps fifteen
digits of it and fills up with zeros. What was lost cannot be told; it must not match.

>>> order_no(" `0042 ", 2, "pos.csv", column="订单号")
'0042'
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any

from pos_subsidy.statements.rows import Row, broken, spoilt

_ORDER_NO = re.compile(r"[0-9A-Za-z_.|*@\-]{1,64}")
_SPOILT = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
# Numbers this long are given out at a fixed length; below, they may simply be counted up.
_FIXED_FROM = 8
_LOST_AT_MOST = 4
_KEPT_DIGITS = 15


def order_no(written: Any, line: int, filename: str, *, column: str) -> str:
    """Return an order number.

    Raises:
        Invalid: ``file_row``: there is none, or a spreadsheet has spoilt it.
    """
    if isinstance(written, float):
        written = int(written) if written.is_integer() and abs(written) < 10**_KEPT_DIGITS else repr(written)
        if isinstance(written, str):
            raise broken(filename, line, column, "spoilt")
    text = unicodedata.normalize("NFKC", str("" if written is None else written)).strip().lstrip("`'").strip()
    # What a spreadsheet's formula ="0042" leaves in a CSV.
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    if _SPOILT.fullmatch(text):
        raise broken(filename, line, column, "spoilt")
    if not _ORDER_NO.fullmatch(text):
        raise broken(filename, line, column, "alphabet" if text else "empty")
    return text


def must_be_whole(rows: Sequence[Row], filename: str, *, column: str) -> None:
    """Pass if no number looks as if it had lost digits, compared with the others of the file.

    Raises:
        Invalid: ``file_spoilt`` with the column, the first lines and what stands there.
    """
    plain = [row for row in rows if row.order_no.isdecimal()]
    lengths = Counter(len(row.order_no) for row in plain)
    if not lengths:
        return
    usual, times = max(lengths.items(), key=lambda one: (one[1], one[0]))
    long = [row for row in plain if len(row.order_no) > _KEPT_DIGITS]
    padded = [row for row in long if not row.order_no[_KEPT_DIGITS:].strip("0")]
    if len(long) > 1 and len(padded) * 2 > len(long) and len(long[0].order_no) > _KEPT_DIGITS + 1:
        raise spoilt(padded, filename, column, "digits")
    if usual >= _FIXED_FROM and times * 2 > len(plain):
        short = [row for row in plain if usual - _LOST_AT_MOST <= len(row.order_no) < usual]
        if short:
            raise spoilt(short, filename, column, "zeros")
