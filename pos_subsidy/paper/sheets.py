"""Tables as finance people expect them: typed XLSX, and CSV that no program takes for formulas.

XlsxWriter in its constant-memory mode writes a row and forgets it, so rows may come from a
generator of any length.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any, Literal

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from pos_subsidy.domain.money import yuan

Kind = Literal["text", "yuan", "count", "number", "day", "moment"]
Cell = str | int | date | datetime | None
ENCODINGS = {"gb18030": "gb18030", "utf-8": "utf-8-sig"}

_FORMATS = {
    "yuan": "#,##0.00;[Red]-#,##0.00",
    "count": "0",
    "number": "0",
    "day": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm",
}
_WIDTHS = {"text": 18, "yuan": 14, "count": 9, "number": 9, "day": 12, "moment": 17}
# Text with which a spreadsheet would do something: a formula (full-width signs count as well), a
# number that loses its last digits or leading zeros, a date.
_TAKEN_FOR_MORE = re.compile(r"[=+\-@＝＋－＠\t\r'].*|[\d\s.,:/eE%-]+", re.DOTALL)
_GUARD = "'"


@dataclass(frozen=True, slots=True)
class Column:
    """A heading and what stands below it: text, yuan (given as fen), a count, a day or a moment.

    A ``number`` is a count that is not added up.
    """

    title: str
    kind: Kind = "text"
    width: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table. ``total`` names the row of sums below it; without it there is none."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    total: str = ""


def write_xlsx(sheets: Iterable[Sheet], into: IO[bytes]) -> None:
    """Write a workbook: frozen heading, sums, and a layout that prints."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(into, options) as book:
        heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        plain = {kind: book.add_format({"num_format": form}) for kind, form in _FORMATS.items()}
        bold = {
            kind: book.add_format({"bold": True, "top": 1, "num_format": form})
            for kind, form in (*_FORMATS.items(), ("text", "@"))
        }
        for sheet in sheets:
            _add(book.add_worksheet(sheet.name[:31]), sheet, heading, plain, bold)


def _add(page: Any, sheet: Sheet, heading: Any, plain: dict[str, Any], bold: dict[str, Any]) -> None:
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.freeze_panes(1, 0)
    page.set_footer("&C&P / &N")
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width or _WIDTHS[column.kind])
        page.write_string(0, place, column.title, heading)
    sums = [0] * len(sheet.columns)
    writers = [_writer(page, column.kind, plain, sums, place) for place, column in enumerate(sheet.columns)]
    at = 0
    for at, row in enumerate(sheet.rows, start=1):
        for place, cell in enumerate(row):
            if cell is not None and cell != "":
                writers[place](at, cell)
    if sheet.total:
        _add_sums(page, sheet, at, sums, bold)


def _writer(page: Any, kind: Kind, plain: dict[str, Any], sums: list[int], place: int) -> Any:
    """Return the function that writes one column's cells and adds them up."""
    if kind == "text":
        write_string = page.write_string
        return lambda at, cell: write_string(at, place, cell)
    form = plain[kind]
    if kind in ("day", "moment"):
        return lambda at, cell: page.write_datetime(at, place, cell, form)
    write_number, unit = page.write_number, 100 if kind == "yuan" else 1

    def write(at: int, cell: int) -> None:
        sums[place] += cell
        write_number(at, place, cell / unit, form)

    return write


def _add_sums(page: Any, sheet: Sheet, last: int, sums: Sequence[int], bold: dict[str, Any]) -> None:
    for place, column in enumerate(sheet.columns):
        if column.kind in ("yuan", "count") and last:
            name = xl_col_to_name(place)
            # The sum is written beside its formula: not every reader reckons.
            known = sums[place] / 100 if column.kind == "yuan" else sums[place]
            page.write_formula(last + 1, place, f"=SUM({name}2:{name}{last + 1})", bold[column.kind], known)
        else:
            page.write_string(last + 1, place, sheet.total if place == 0 else "", bold["text"])


def write_csv(sheet: Sheet, encoding: str) -> bytes:
    """Return a table as CSV. What ``guarded`` adds, ``unguarded`` takes away again."""
    text = io.StringIO(newline="")
    out = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    out.writerow([guarded(column.title) for column in sheet.columns])
    kinds = [column.kind for column in sheet.columns]
    out.writerows([_written(kind, cell) for kind, cell in zip(kinds, row, strict=True)] for row in sheet.rows)
    return text.getvalue().encode(ENCODINGS[encoding])


def read_csv(content: bytes, encoding: str) -> Iterator[list[str]]:
    """Yield the rows that ``write_csv`` wrote, text as it was."""
    for row in csv.reader(io.StringIO(content.decode(ENCODINGS[encoding]), newline="")):
        yield [unguarded(cell) for cell in row]


def guarded(text: str) -> str:
    """Return text with a leading apostrophe where a spreadsheet would take it for more than text.

    >>> guarded("=1+1"), guarded("20261120000100010001"), guarded("冰箱")
    ("'=1+1", "'20261120000100010001", '冰箱')
    """
    return _GUARD + text if _TAKEN_FOR_MORE.fullmatch(text) else text


def unguarded(cell: str) -> str:
    """Return what ``guarded`` was given."""
    return cell.removeprefix(_GUARD)


def _written(kind: Kind, cell: Cell) -> str:
    if cell is None:
        return ""
    if kind == "text":
        return guarded(str(cell))
    if kind == "yuan":
        assert isinstance(cell, int)
        return yuan(cell)
    if kind == "moment":
        return f"{cell:%Y-%m-%d %H:%M}"
    return str(cell)
