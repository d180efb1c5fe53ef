"""Reads what sales are looked through for: lint.toml (a shop's day) and signals.toml (the city's sales)."""

from collections.abc import Mapping
from datetime import date

from pos_subsidy.domain import lint, signals
from pos_subsidy.domain.rules import PACK_DEFAULT, Control, Source
from pos_subsidy.policy.shape import Table

FILE, SIGNALS_FILE = "lint.toml", "signals.toml"
_KEYS = ("code", "does", "first_day", "last_day", "source")


def read(file: Table, sources: Mapping[str, Source]) -> tuple[Control, ...]:
    """Return the [[control]] tables of lint.toml.

    Raises:
        Invalid: ``policy_invalid``.
    """
    return _read(file, sources, "lint", lint.LIMITS)


def read_signals(file: Table, sources: Mapping[str, Source]) -> tuple[Control, ...]:
    """Return the [[control]] tables of signals.toml, which stop nothing; raises what ``read`` raises."""
    return _read(file, sources, "signals", signals.LIMITS)


def _read(
    file: Table, sources: Mapping[str, Source], name: str, known: Mapping[str, tuple[str, ...]]
) -> tuple[Control, ...]:
    file.only((name, "source", "control"))
    head = file.table(name)
    head.only(("first_day", "last_day"))
    days = head.days()
    found: list[Control] = []
    for entry in file.tables("control"):
        control = _control(entry, sources, days, known)
        for other in found:
            both = control.first_day <= other.last_day and other.first_day <= control.last_day
            if other.code == control.code and both:
                raise entry.wrong("code", control.code, "one control of a code on a day")
        found.append(control)
    return tuple(found)


def _control(
    entry: Table, sources: Mapping[str, Source], days: tuple[date, date], known: Mapping[str, tuple[str, ...]]
) -> Control:
    code = entry.one_of("code", known)
    is_signal = known is signals.LIMITS
    entry.only((*(key for key in _KEYS if key != "does" or not is_signal), *known[code]))
    first, last = entry.days(within=days)
    limits = {name: entry.whole(name, least=0, required=True) or 0 for name in known[code]}
    return Control(
        code=code,
        stops=not is_signal and entry.one_of("does", ("warns", "stops")) == "stops",
        first_day=first,
        last_day=last,
        limits=limits,
        source=sources[entry.one_of("source", sources)] if "source" in entry.values else PACK_DEFAULT,
    )
