"""Rows of a CSV or XLSX file under its headings."""

import csv
import hashlib
import io
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import load_workbook

from pos_subsidy.domain.amounts import amount_fen
from pos_subsidy.errors import Invalid
from pos_subsidy.protocol.encoding import MAX_BYTES, decode

Line = tuple[int, list[Any]]
# Banks write their name and the account above the table.
_HEADINGS_WITHIN = 20
_HEADINGS_AT_LEAST = 3
# Where a totals row says that it is one.
FIRST = "first cell"
_DELIMITERS = ",\t;|"
_COLUMNS_AT_MOST, _ROWS_AT_MOST = 256, 1_048_576


@dataclass(frozen=True, slots=True)
class Table:
    """A file's rows by our own field names; ``line`` counts as a person would, from 1."""

    rows: tuple[tuple[int, Mapping[str, Any]], ...]
    fields: frozenset[str]
    encoding: str


def read_table(
    content: bytes, filename: str, headings: Mapping[str, Sequence[str]], *, encoding: str | None = None
) -> Table:
    """Read a CSV or XLSX whose headings are among those known, in any order.

    ``headings`` names our fields and what files call them.

    Raises:
        Invalid: ``file_encoding``, ``file_unknown`` (no heading is known), ``file_cut``.
    """
    lines, found = lines_of(content, filename, encoding=encoding)
    first = [_columns(_names(fields), headings) for _, fields in lines[:_HEADINGS_WITHIN]]
    columns = max(first, key=len, default={})
    if not columns:
        raise Invalid("file_unknown", filename=filename)
    rows = []
    for number, fields in lines[first.index(columns) + 1 :]:
        if any(str(one or "").strip() for one in fields):
            named = {name: fields[place] if place < len(fields) else None for name, place in columns.items()}
            rows.append((number, {**named, FIRST: fields[0]}))
    return Table(tuple(rows), frozenset(columns), found)


def lines_of(content: bytes, filename: str, *, encoding: str | None = None) -> tuple[list[Line], str]:
    """Return every line with its number, and the encoding.

    Raises:
        Invalid: ``file_encoding``, ``file_unknown`` (it is empty), ``file_cut``, ``file_too_large``.
    """
    if content.startswith(b"PK\x03\x04"):
        lines, found = list(_workbook(content, filename)), "xlsx"
    else:
        text, found = decode(content, filename, said=encoding)
        lines = list(_separated(text, filename))
    if not lines:
        raise Invalid("file_unknown", filename=filename)
    return lines, found


def headings_of(lines: Sequence[Line]) -> tuple[int, tuple[str, ...]] | None:
    """Return which of the lines holds the headings, and these; None if none looks like it.

    It is the first that says several things, and none of them an amount.
    """
    for place, (_, fields) in enumerate(lines[:_HEADINGS_WITHIN]):
        names = _names(fields)
        told = [name for name in names if name]
        if len(told) >= _HEADINGS_AT_LEAST and len(set(told)) == len(told) and not any(map(_is_amount, told)):
            return place, tuple(names)
    return None


def fingerprint(headings: Sequence[str]) -> str:
    """Return by what a mapping of these headings is remembered."""
    return hashlib.sha256("\x1f".join(headings).encode()).hexdigest()[:32]


def _is_amount(written: str) -> bool:
    try:
        amount_fen(written)
    except ValueError as error:
        return str(error) == "decimals"
    return True


def _names(fields: Sequence[Any]) -> list[str]:
    return [unicodedata.normalize("NFKC", str(one or "")).strip().lstrip("`").strip() for one in fields]


def _columns(header: Sequence[str], headings: Mapping[str, Sequence[str]]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for name, spellings in headings.items():
        for spelling in (name, *spellings):
            written = unicodedata.normalize("NFKC", spelling)
            if written in header:
                columns[name] = header.index(written)
                break
    return columns


def _separated(text: str, filename: str) -> Iterator[Line]:
    first = next((line for line in text.split("\n") if line.count(",") + line.count("\t") > 1), "")
    delimiter = max(_DELIMITERS, key=first.count)
    # Strict: a quote that is never closed would swallow the rows below it.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        begun = reader.line_num + 1
        try:
            yield begun, next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise Invalid("file_row", filename=filename, line=begun, field="", cause="columns") from None


def _workbook(content: bytes, filename: str) -> Iterator[Line]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MAX_BYTES:
            raise Invalid("file_too_large", filename=filename)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        # A sheet somebody formatted to its last cell says that it is 17 billion cells large.
        sheet.reset_dimensions()
        found = sheet.iter_rows(values_only=True, max_col=_COLUMNS_AT_MOST, max_row=_ROWS_AT_MOST)
        for number, row in enumerate(found, start=1):
            if row.count(None) < len(row):
                yield number, _without_tail(row)
        book.close()
    except Invalid:
        raise
    # A damaged workbook fails wherever the damage is: in the archive, its XML, or a cell's type.
    except Exception:
        raise Invalid("file_cut", filename=filename) from None


def _without_tail(row: Sequence[Any]) -> list[Any]:
    last = max(place for place, cell in enumerate(row) if cell is not None)
    return list(row[: last + 1])
