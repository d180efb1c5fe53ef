"""Takes apart the file in which a bank says what became of payments: CSV or an Excel workbook."""

from decimal import Decimal, InvalidOperation

from pos_subsidy.domain.money import fen
from pos_subsidy.errors import Invalid
from pos_subsidy.protocol.table import read_table

_KEPT_BY_EXCEL = 10**15  # of a longer number it drops the last digits
_A_HAIR = 1e-6
_HEADINGS = {"payment_no": "付款编号", "status": "结果", "amount": "金额（元）", "bank_ref": "银行流水号"}


def amount_fen(written: str) -> int | None:
    """Return an amount as a bank or a spreadsheet writes it (1,500.00, 869.7, ¥15), in fen; None for none."""
    try:
        return fen(Decimal(written.replace(",", "").strip("¥￥ ")))
    except (InvalidOperation, ValueError):
        return None


def read(content: bytes, filename: str) -> list[tuple[int, dict[str, str]]]:
    """Return what the bank says of each payment, with its line; a line without text is none.

    Raises:
        Invalid: ``file_missing``; ``file_encoding``; ``file_column_missing``, it is no answer of a
            bank; ``file_row``, a quote or a field has no end, or a spreadsheet has spoilt a long
            number; ``file_cut``, the workbook is damaged.
    """
    if not content:
        raise Invalid("file_missing")
    try:
        table = read_table(content, filename, {name: () for name in _HEADINGS.values()})
    except Invalid as error:
        if error.code != "file_unknown":
            raise
        raise Invalid(
            "file_column_missing", filename=filename, column="、".join(_HEADINGS.values())
        ) from None
    if missing := [name for name in _HEADINGS.values() if name not in table.fields]:
        raise Invalid("file_column_missing", filename=filename, column="、".join(missing))
    rows = []
    for line, told in table.rows:
        for name in ("付款编号", "银行流水号"):
            if isinstance(told[name], float | int) and abs(told[name]) >= _KEPT_BY_EXCEL:
                raise Invalid("file_row", filename=filename, line=line, field=name, cause="spoilt")
        rows.append((line, {key: _text(told[name]) for key, name in _HEADINGS.items()}))
    return rows


def _text(cell: object) -> str:
    if isinstance(cell, float):
        # What a spreadsheet added up is a hair beside the fen it shows.
        shown = round(cell, 2)
        return f"{shown:.2f}".rstrip("0").rstrip(".") if abs(cell - shown) < _A_HAIR else repr(cell)
    return "" if cell is None else str(cell).strip()
