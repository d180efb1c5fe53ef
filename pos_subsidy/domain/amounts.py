"""Amounts and days as people and programs write them in files.

>>> amount_fen("￥1,299.50")
129950
>>> amount_fen("２９９９.００")
299900
"""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal

from pos_subsidy.domain.money import fen

_AMOUNT = re.compile(r"[+-]?\d{1,12}(\.\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")


def amount_fen(written: object) -> int:
    """Return an amount in yuan as whole fen.

    Raises:
        ValueError: ``decimals`` if there is a fraction of a fen, ``number`` if it is none.
    """
    if isinstance(written, bool) or written is None:
        raise ValueError("number")
    text = unicodedata.normalize("NFKC", str(written)).strip().lstrip("`¥￥").rstrip("元").strip()
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if not _AMOUNT.fullmatch(text):
        raise ValueError("number")
    try:
        return fen(Decimal(text))
    except ValueError:
        raise ValueError("decimals") from None


def moment_of(written: object) -> tuple[date, str]:
    """Return day and moment as written, e.g. ``2026-11-20 09:05:12``.

    Raises:
        ValueError: ``date``, it is none we know how to read without guessing.
    """
    if isinstance(written, datetime):
        return written.date(), written.isoformat(sep=" ", timespec="seconds")
    text = unicodedata.normalize("NFKC", str(written)).strip().lstrip("`").replace("/", "-").replace("T", " ")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        parts = text.split(" ")
        try:
            year, month, day = (int(part) for part in parts[0].split("-"))
            return date(year, month, day), text
        except ValueError:
            raise ValueError("date") from None
    return at.date(), text
