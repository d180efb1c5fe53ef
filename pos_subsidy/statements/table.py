"""Rows of a CSV or XLSX file under its headings."""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from pos_subsidy.errors import Invalid
from pos_subsidy.statements.encoding import decode


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
    if content.startswith(b"PK\x03\x04"):
        lines, found = list(_workbook(content, filename)), "xlsx"
    else:
        text, found = decode(content, filename, said=encoding)
        lines = [list(fields) for fields in csv.reader(io.StringIO(text))]
    if not lines:
        raise Invalid("file_unknown", filename=filename)
    columns = _columns([str(one or "").strip() for one in lines[0]], headings)
    if not columns:
        raise Invalid("file_unknown", filename=filename)
    rows = []
    for number, fields in enumerate(lines[1:], start=2):
        if any(str(one or "").strip() for one in fields):
            named = {name: fields[place] if place < len(fields) else None for name, place in columns.items()}
            rows.append((number, named))
    return Table(tuple(rows), frozenset(columns), found)


def _columns(header: Sequence[str], headings: Mapping[str, Sequence[str]]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for name, spellings in headings.items():
        for spelling in (name, *spellings):
            if spelling in header:
                columns[name] = header.index(spelling)
                break
    return columns


def _workbook(content: bytes, filename: str) -> Iterator[list[Any]]:
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        for row in book.worksheets[0].iter_rows(values_only=True):
            yield list(row)
        book.close()
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, EOFError):
        raise Invalid("file_cut", filename=filename) from None
