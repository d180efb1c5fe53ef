"""Reads how a right is handled, whole from a programme's pack or in part from a filling."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pos_subsidy.domain.rules import Source
from pos_subsidy.domain.words_steps import LEFT_OUT
from pos_subsidy.policy.shape import Table

_Reader = Callable[[Table, str], Any]


def _choice(*choices: str) -> _Reader:
    return lambda entry, key: entry.one_of(key, choices)


def _minutes(entry: Table, key: str) -> Any:
    return entry.whole(key, least=1, required=True)


def _yes_no(entry: Table, key: str) -> Any:
    return entry.required(key, bool, "true | false")


def _left_out(entry: Table, key: str) -> tuple[str, ...]:
    found = entry.texts(key, [])
    for one in found:
        if one not in LEFT_OUT:
            raise entry.wrong(key, one, ", ".join(LEFT_OUT))
    return found


_READERS: Mapping[str, _Reader] = {
    "voucher_minutes": _minutes,
    "hold_minutes": _minutes,
    "right_after_full_reversal": _choice("consumed", "restored"),
    "serial_after_full_reversal": _choice("free", "kept"),
    "serial_at": _choice("till", "delivery", "none"),
    "claimed": _choice("till", "afterwards"),
    "catalogue_required": _yes_no,
    "rounding": _choice("down_to_fen"),
    "left_out": _left_out,
}
NAMES = tuple(_READERS)
# How a right is made use of stays with the level that made it; how it is handled may be left open.
FILLABLE = (
    *("voucher_minutes", "hold_minutes", "right_after_full_reversal", "serial_after_full_reversal"),
    *("catalogue_required", "rounding", "left_out"),
)


def read(pack: Table, sources: Mapping[str, Source], names: Iterable[str]) -> dict[str, Any]:
    """Return the named terms of a pack, with the source of each that names one."""
    entry, cited = pack.table("terms"), pack.table("term_source")
    entry.only(NAMES)
    cited.only(NAMES)
    values = {name: _READERS[name](entry, name) for name in names}
    return {**values, "sources": {name: sources[cited.one_of(name, sources)] for name in cited.values}}
