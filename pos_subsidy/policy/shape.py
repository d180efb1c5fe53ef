"""Takes values out of a pack's tables; says exactly what is wrong with one and what is allowed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pos_subsidy.domain.money import fen
from pos_subsidy.errors import Invalid


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a file. ``where`` names it to the person who has to mend it."""

    values: Mapping[str, Any]
    file: str
    where: str
    text: str

    def wrong(self, key: str, found: object, allowed: str) -> Invalid:
        """Return the error about one key."""
        return Invalid(
            "policy_invalid",
            file=self.file,
            line=self._line(key),
            where=f"{self.where}.{key}",
            found=str(found),
            allowed=allowed,
        )

    def only(self, known: Iterable[str]) -> None:
        """Pass if every key is known."""
        known = sorted(known)
        for key in self.values:
            if key not in known:
                raise self.wrong(key, key, ", ".join(known))

    def required(self, key: str, kind: type, allowed: str) -> Any:
        if key not in self.values:
            raise self.wrong(key, "nothing", allowed)
        return self.optional(key, kind, allowed)

    def optional(self, key: str, kind: type, allowed: str, default: Any = None) -> Any:
        found = self.values.get(key, default)
        if found is None:
            return None
        good = isinstance(found, kind) and not (kind is not bool and isinstance(found, bool))
        if not good or (kind is date and isinstance(found, datetime)):
            raise self.wrong(key, found, allowed)
        return found

    def text_of(self, key: str, default: str | None = None) -> str:
        found = self.optional(key, str, "a text", default)
        if not found:
            raise self.wrong(key, "nothing", "a text")
        return str(found)

    def one_of(self, key: str, choices: Iterable[str]) -> str:
        found = self.text_of(key)
        choices = tuple(choices)
        if found not in choices:
            raise self.wrong(key, found, " | ".join(choices))
        return found

    def texts(self, key: str, default: list[str] | None = None) -> tuple[str, ...]:
        found = self.optional(key, list, "a list of texts", default)
        if found is None or not all(isinstance(one, str) for one in found):
            raise self.wrong(key, found, "a list of texts")
        return tuple(found)

    def some_of(self, key: str, choices: Iterable[str], default: list[str] | None = None) -> tuple[str, ...]:
        """Return a list of texts, each one of ``choices``; it must be there unless ``default`` is."""
        found, choices = self.texts(key, default), tuple(choices)
        for one in found:
            if one not in choices:
                raise self.wrong(key, one, ", ".join(choices))
        return found

    def days(self, within: tuple[date, date] | None = None) -> tuple[date, date]:
        """Return ``first_day`` and ``last_day``; inside ``within`` both may be left out."""
        allowed = "a day, e.g. 2026-01-01"
        if within is None:
            first, last = (self.required(key, date, allowed) for key in ("first_day", "last_day"))
        else:
            first = self.optional("first_day", date, allowed, within[0])
            last = self.optional("last_day", date, allowed, within[1])
            if first < within[0]:
                raise self.wrong("first_day", first, f"{within[0]} or later")
            if last > within[1]:
                raise self.wrong("last_day", last, f"{within[1]} or earlier")
        if last < first:
            raise self.wrong("last_day", last, f"{first} or later")
        return first, last

    def whole(self, key: str, *, least: int, required: bool = False) -> int | None:
        allowed = f"a whole number from {least}"
        found = self.required(key, int, allowed) if required else self.optional(key, int, allowed)
        if found is not None and found < least:
            raise self.wrong(key, found, allowed)
        return found

    def amount_fen(self, key: str, *, required: bool = False) -> int | None:
        """Return an amount that is written in yuan, in fen."""
        allowed = "an amount in yuan above 0, with at most two decimals"
        found = self.values.get(key)
        if found is None and not required:
            return None
        try:
            if isinstance(found, bool) or not isinstance(found, int | Decimal):
                raise ValueError
            amount = fen(found)
        except ValueError:
            raise self.wrong(key, found, allowed) from None
        if amount <= 0:
            raise self.wrong(key, found, allowed)
        return amount

    def rate(self, key: str) -> Decimal | None:
        """Return a rate above 0 and at most 1, or None where there is none."""
        found = self.values.get(key)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int | Decimal) or not 0 < found <= 1:
            raise self.wrong(key, found, "a rate above 0 and at most 1")
        return Decimal(found)

    def table(self, key: str) -> "Table":
        found = self.values.get(key, {})
        if not isinstance(found, dict):
            raise self.wrong(key, found, "a table")
        return Table(found, self.file, f"{self.where}.{key}" if self.where else key, self.text)

    def _line(self, key: str) -> int:
        for number, line in enumerate(self.text.splitlines(), start=1):
            if line.replace(" ", "").startswith((f"{key}=", f"[{key}", f"[[{key}")):
                return number
        return 1
