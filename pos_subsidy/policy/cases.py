"""The policy by example: a case file in TOML, worked through the rules."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pos_subsidy.domain.attributes import read_attributes
from pos_subsidy.domain.decision import Assessment, Item
from pos_subsidy.domain.money import fen
from pos_subsidy.domain.rules import Rulebook
from pos_subsidy.domain.subsidy import assess
from pos_subsidy.errors import Invalid

_KEYS = frozenset(
    {
        *("name", "on", "category", "price", "rating", "attributes", "units_used", "granted_fen"),
        *("used_as", "coupons_used", "grants_fen", "refuses"),
    }
)


@dataclass(frozen=True, slots=True)
class Case:
    """One worked example. ``grants_fen`` is expected, or every refusal in its order."""

    name: str
    on: date
    category: str
    price_fen: int
    rating: int | None
    attributes: Mapping[str, object]
    units_used: int | None
    granted_fen: int
    used_as: str | None
    coupons_used: int | None
    grants_fen: int
    refuses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Worked:
    """A case and what the rules say."""

    case: Case
    outcome: Assessment

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(reason.code for reason in self.outcome.refusals)

    @property
    def agrees(self) -> bool:
        return (self.outcome.subsidy_fen, self.codes) == (self.case.grants_fen, self.case.refuses)


def read_cases(paths: Sequence[Path]) -> list[Case]:
    """Return every case of some files or folders.

    Raises:
        Invalid: ``cases_invalid``, naming file and case.
    """
    files = [found for path in paths for found in (sorted(path.glob("*.toml")) if path.is_dir() else [path])]
    cases = []
    for file in files:
        try:
            written = tomllib.loads(file.read_text("utf-8"), parse_float=Decimal)["case"]
        except (OSError, KeyError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise Invalid("cases_invalid", file=file.name, name="", found=str(error)) from None
        cases += [_case(file, one) for one in written]
    return cases


def work(case: Case, rulebook: Rulebook) -> Worked:
    """Work a case through the rules."""
    item = Item(case.category, case.price_fen, case.rating, case.attributes)
    outcome = assess(
        item,
        on=case.on,
        rulebook=rulebook,
        units_used=case.units_used,
        granted_fen=case.granted_fen,
        used_as=case.used_as,
        coupons_used=case.coupons_used,
    )
    return Worked(case, outcome)


def _case(file: Path, written: dict[str, Any]) -> Case:
    name = str(written.get("name", ""))
    try:
        if unknown := written.keys() - _KEYS:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(sorted(_KEYS))}")
        return Case(
            name=name,
            on=written["on"],
            category=written["category"],
            price_fen=fen(written["price"]),
            rating=written.get("rating"),
            attributes=read_attributes(written.get("attributes", {})),
            units_used=written.get("units_used"),
            granted_fen=written.get("granted_fen", 0),
            used_as=written.get("used_as"),
            coupons_used=written.get("coupons_used"),
            grants_fen=written.get("grants_fen", 0),
            refuses=tuple(written.get("refuses", ())),
        )
    except (KeyError, ValueError, TypeError, Invalid) as error:
        raise Invalid("cases_invalid", file=file.name, name=name, found=str(error)) from None
