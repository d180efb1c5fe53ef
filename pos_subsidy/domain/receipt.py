"""A receipt as rows of a given width; what it is printed on is somebody else's business.

>>> [row.text for row in rows(Receipt(("示例店",), (("成交价", "¥100.00"),), (), (), ""), columns=20)]
['示例店', '--------------------', '成交价       ¥100.00', '--------------------']
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says. ``heading`` is centred; ``sums`` are large; ``qr`` is a text, or empty."""

    heading: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    sums: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    qr: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of paper. ``style`` is plain, heading, sum, note or qr."""

    text: str
    style: str = "plain"


def rows(receipt: Receipt, *, columns: int) -> list[Row]:
    """Return the receipt's rows; no row of text is wider than ``columns``."""
    rule = Row("-" * columns)
    found = [Row(part, "heading") for text in receipt.heading for part in wrapped(text, columns)]
    found += [rule, *(Row(part) for one in receipt.facts for part in _pair(*one, columns))]
    if receipt.sums:
        found += [rule, *(Row(part, "sum") for one in receipt.sums for part in _pair(*one, columns))]
    found += [rule, *(Row(part, "note") for text in receipt.notes for part in wrapped(text, columns))]
    return [*found, Row(receipt.qr, "qr")] if receipt.qr else found


def width(text: str) -> int:
    """Return how many columns a text takes: a Chinese character takes two.

    >>> width("价格 1.00")
    9
    """
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)


def wrapped(text: str, columns: int) -> Iterator[str]:
    """Yield a text in parts of at most ``columns``.

    >>> list(wrapped("补贴不超过成交价", 8))
    ['补贴不超', '过成交价']
    """
    part = ""
    for char in text:
        if width(part + char) > columns:
            yield part
            part = ""
        part += char
    yield part


def _pair(label: str, value: str, columns: int) -> Iterator[str]:
    gap = columns - width(label) - width(value)
    if gap >= 1:
        yield label + " " * gap + value
        return
    yield from wrapped(label, columns)
    for part in wrapped(value, columns):
        yield " " * (columns - width(part)) + part
