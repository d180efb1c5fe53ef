"""Totals rows at the end of tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from pos_subsidy.domain.amounts import amount_fen
from pos_subsidy.errors import Invalid
from pos_subsidy.protocol.table import FIRST

_WORDS = ("合计", "总计", "小计", "总金额合计", "total", "sum", "subtotal", "grand total")


def is_totals(fields: Sequence[Any]) -> bool:
    """Say whether a line is a totals row: one of its cells says so and nothing else."""
    return any(str(one or "").strip().rstrip(":：").lower() in _WORDS for one in fields)


def is_totals_of(named: Mapping[str, Any]) -> bool:
    """Say so of a row by our field names: the first cell tells it, or the order number's."""
    return is_totals((named.get(FIRST), named.get("order_no")))


def check(rows: Sequence[tuple[int, Mapping[str, Any]]], columns: Sequence[str], filename: str) -> None:
    """Pass if every totals row is the sum of what stands above it, as written there.

    Raises:
        Invalid: ``file_totals_differ`` with both sums and the line.
    """
    sums = dict.fromkeys(columns, 0)
    for line, named in rows:
        if not is_totals_of(named):
            for name in columns:
                sums[name] += _fen(named.get(name))
            continue
        for name in columns:
            if str(named.get(name) or "").strip() and _fen(named.get(name)) != sums[name]:
                told = _fen(named.get(name))
                raise Invalid("file_totals_differ", filename=filename, line=line, told=told, found=sums[name])


def _fen(written: Any) -> int:
    try:
        return amount_fen(written)
    except ValueError:
        return 0
