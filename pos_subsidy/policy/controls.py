"""Reads what a day is looked through for before the auditor looks: lint.toml of a folder of packs."""

from collections.abc import Mapping
from datetime import date

from pos_subsidy.domain.lint import LIMITS
from pos_subsidy.domain.rules import PACK_DEFAULT, Control, Source
from pos_subsidy.policy.shape import Table

FILE = "lint.toml"
_KEYS = ("code", "does", "first_day", "last_day", "source")


def read(file: Table, sources: Mapping[str, Source]) -> tuple[Control, ...]:
    """Return the [[control]] tables.

    Raises:
        Invalid: ``policy_invalid``.
    """
    file.only(("lint", "source", "control"))
    head = file.table("lint")
    head.only(("first_day", "last_day"))
    days = head.days()
    found: list[Control] = []
    for entry in file.tables("control"):
        control = _control(entry, sources, days)
        for other in found:
            both = control.first_day <= other.last_day and other.first_day <= control.last_day
            if other.code == control.code and both:
                raise entry.wrong("code", control.code, "one control of a code on a day")
        found.append(control)
    return tuple(found)


def _control(entry: Table, sources: Mapping[str, Source], days: tuple[date, date]) -> Control:
    code = entry.one_of("code", LIMITS)
    entry.only((*_KEYS, *LIMITS[code]))
    first, last = entry.days(within=days)
    limits = {name: entry.whole(name, least=0, required=True) or 0 for name in LIMITS[code]}
    return Control(
        code=code,
        stops=entry.one_of("does", ("warns", "stops")) == "stops",
        first_day=first,
        last_day=last,
        limits=limits,
        source=sources[entry.one_of("source", sources)] if "source" in entry.values else PACK_DEFAULT,
    )
