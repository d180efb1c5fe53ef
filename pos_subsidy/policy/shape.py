"""Takes values out of a pack's tables; says exactly what is wrong with one and what is allowed."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pos_subsidy.domain.money import fen
from pos_subsidy.errors import Invalid

_HEADER = re.compile(r"\[\[?\s*([^\]]+?)\s*\]\]?")
_KEY = re.compile(r"""\s*["']?([^\s"'=]+)["']?\s*=""")


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a file. ``where`` names it to the person who has to mend it.

    ``above`` is the table it stands in, ``place`` its key there and which of several it is: the
    lines are looked for only once there is a mistake.
    """

    values: Mapping[str, Any]
    file: str
    where: str
    text: str
    above: "Table | None" = None
    place: tuple[str, int] = ("", 1)

    def wrong(self, key: str, found: object, allowed: str, *, near: str = "") -> Invalid:
        """Return the error about one key; its line is where ``near`` is quoted, if that is given."""
        return Invalid(
            "policy_invalid",
            file=self.file,
            line=self._quoted(near) if near else self._line(key),
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
        """Return a table below this one; empty where there is none."""
        found = self.values.get(key, {})
        if not isinstance(found, dict):
            raise self.wrong(key, found, "a table")
        where = f"{self.where}.{key}" if self.where else key
        return Table(found, self.file, where, self.text, self, (key, 1))

    def tables(self, key: str) -> Iterator["Table"]:
        """Yield the tables of a list below this one, named by their place in it."""
        for position, values in enumerate(self.optional(key, list, "a list of tables", []), start=1):
            if not isinstance(values, dict):
                raise self.wrong(key, values, "a list of tables")
            where = f"{self.where}.{key} {position}" if self.where else f"{key} {position}"
            yield Table(values, self.file, where, self.text, self, (key, position))

    def _numbered(self) -> list[tuple[int, str]]:
        if self.above is None:
            return list(enumerate(self.text.splitlines() or [""], start=1))
        first, end = self.above._section(*self.place)
        return [(number, line) for number, line in self.above._numbered() if first <= number < end]

    def _line(self, key: str) -> int:
        headed = (number for number, line in self._numbered() if _path(line)[:1] == (key,))
        own = next(self._keys(key), None) or next(headed, None)
        return own or self._numbered()[0][0]

    def _keys(self, key: str) -> Iterator[int]:
        """Yield the lines on which a key of this table itself stands, not one of those below it."""
        for place, (number, line) in enumerate(self._numbered()):
            if place and _path(line):
                return
            if (found := _KEY.match(line)) and found[1] == key:
                yield number

    def _quoted(self, text: str) -> int:
        return next((number for number, line in self._numbered() if f'"{text}"' in line), 1)

    def _section(self, key: str, position: int) -> tuple[int, int]:
        """Return the first line of a table below this one, and the line after its last.

        It stands under a header of its own, or is written in one place; where it is not there
        at all, all lines of this one are meant.
        """
        own = self._numbered()
        heads = [(number, path) for number, line in own if (path := _path(line)) and path[-1] == key]
        if len(heads) >= position:
            number, path = heads[position - 1]
            following = (other for other, line in own if other > number and _leaves(path, line))
            return number, next(following, own[-1][0] + 1)
        begins = next(self._keys(key), None)
        if begins is None:
            return own[0][0], own[-1][0] + 1
        ends = next(
            (n for n, line in own if n > begins and (_path(line) or _KEY.match(line))), own[-1][0] + 1
        )
        opening = [n for n, line in own if begins <= n < ends for _one in range(line.count("{"))]
        line = opening[position - 1] if len(opening) >= position else begins
        return line, max(line + 1, ends if len(opening) < 2 else 0)


def _path(line: str) -> tuple[str, ...]:
    found = _HEADER.match(line.strip())
    return tuple(part.strip(" \"'") for part in found[1].split(".")) if found else ()


def _leaves(path: tuple[str, ...], line: str) -> bool:
    """Say whether a line opens a table that is not below ``path``."""
    other = _path(line)
    return bool(other) and (len(other) <= len(path) or other[: len(path)] != path)
