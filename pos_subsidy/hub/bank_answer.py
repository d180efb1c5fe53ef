"""Takes apart the file in which a bank says what became of payments: CSV or an Excel workbook."""

from collections.abc import Collection
from decimal import Decimal, InvalidOperation

from pos_subsidy.domain.money import fen
from pos_subsidy.errors import Invalid
from pos_subsidy.protocol.table import read_table

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
            bank; ``file_row``, a quote or a field has no end; ``file_cut``, the workbook is damaged.
    """
    if not content:
        raise Invalid("file_missing")
    try:
        table = read_table(content, filename, {key: (name,) for key, name in _HEADINGS.items()})
    except Invalid as error:
        if error.code != "file_unknown":
            raise
        raise Invalid("file_column_missing", filename=filename, column=_listed(_HEADINGS)) from None
    if missing := _HEADINGS.keys() - table.fields:
        raise Invalid("file_column_missing", filename=filename, column=_listed(missing))
    return [(line, {key: _text(told[key]) for key in _HEADINGS}) for line, told in table.rows]


def _listed(fields: Collection[str]) -> str:
    return "、".join(name for key, name in _HEADINGS.items() if key in fields)


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()
