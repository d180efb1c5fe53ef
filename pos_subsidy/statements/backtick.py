"""Tables in the manner of WeChat Pay: a header, rows of backticked fields, totals at the end.

Goods' names may hold commas, so rows are cut at comma and backtick, never at a comma alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from pos_subsidy.errors import Invalid
from pos_subsidy.statements.rows import broken


@dataclass(frozen=True, slots=True)
class Table:
    """The rows by the names of their header, each with its line, and the totals."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    totals: Mapping[str, str]


def read(text: str, filename: str, *, totals: str) -> Table:
    """Read a table whose totals' header starts with ``totals``.

    Raises:
        Invalid: ``file_cut`` or ``file_row``.
    """
    # Not splitlines: a goods' name may hold what that takes for the end of a line.
    lines = [line.rstrip("\r") for line in text.split("\n")]
    header = tuple(name.strip() for name in lines[0].split(","))
    last = max((number for number, line in enumerate(lines, start=1) if line.strip()), default=0)
    rows: list[tuple[int, Mapping[str, str]]] = []
    for number, line in enumerate(lines[1:], start=2):
        if line.startswith(totals):
            return Table(header, tuple(rows), _totals(line, lines[number : number + 1], filename))
        if line.strip():
            rows.append((number, _row(header, line, number, filename, is_last=number == last)))
    raise Invalid("file_cut", filename=filename)


def must_have(table: Table, filename: str, *names: str) -> None:
    """Pass if the header has every one of these columns.

    Raises:
        Invalid: ``file_column_missing``.
    """
    for name in names:
        if name not in table.header:
            raise Invalid("file_column_missing", filename=filename, column=name)


def count(written: str) -> int:
    """Return a number of rows; some bills write it as ``2.0``.

    Raises:
        ValueError: it is none.
    """
    try:
        found = Decimal(written)
        whole = int(found)
    except (InvalidOperation, OverflowError):
        raise ValueError("number") from None
    if whole != found:
        raise ValueError("number")
    return whole


def _row(
    header: tuple[str, ...], line: str, number: int, filename: str, *, is_last: bool
) -> Mapping[str, str]:
    if not line.startswith("`"):
        raise broken(filename, number, "", "backtick")
    fields = line[1:].split(",`")
    if len(fields) < len(header) and is_last:
        raise Invalid("file_cut", filename=filename)
    if len(fields) != len(header):
        raise broken(filename, number, "", "columns")
    return dict(zip(header, (field.strip() for field in fields), strict=True))


def _totals(line: str, following: list[str], filename: str) -> dict[str, str]:
    if not following or not following[0].startswith("`"):
        raise Invalid("file_cut", filename=filename)
    values = following[0][1:].split(",`")
    names = line.split(",")
    if len(values) != len(names):
        raise Invalid("file_cut", filename=filename)
    return {
        name.strip(): value.strip().rstrip("`").strip() for name, value in zip(names, values, strict=True)
    }
