"""Takes apart the file in which a bank says what became of payments."""

import csv
import io
from decimal import Decimal, InvalidOperation

from pos_subsidy.domain.money import fen
from pos_subsidy.errors import Invalid

_HEADINGS = {"payment_no": "付款编号", "status": "结果", "amount": "金额（元）", "bank_ref": "银行流水号"}


def amount_fen(written: str) -> int | None:
    """Return an amount as a bank or a spreadsheet writes it (1,500.00, 869.7, ¥15), in fen; None for none."""
    try:
        return fen(Decimal(written.replace(",", "").strip("¥￥ ")))
    except (InvalidOperation, ValueError):
        return None


def read(text: str, filename: str) -> list[tuple[int, dict[str, str]]]:
    """Return what the bank says of each payment, with its line; a line without text is none.

    Raises:
        Invalid: ``file_column_missing``, or ``file_row``: a quote or a field has no end.
    """
    # Strict: a quote that is never closed would swallow the payments below it.
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    lines: list[tuple[int, list[str]]] = []
    try:
        for fields in reader:
            lines.append((reader.line_num, [field.strip() for field in fields]))
    except csv.Error:
        raise Invalid(
            "file_row", filename=filename, line=reader.line_num, field="", cause="columns"
        ) from None
    header = lines[0][1] if lines else []
    missing = [name for name in _HEADINGS.values() if name not in header]
    if missing:
        raise Invalid("file_column_missing", filename=filename, column="、".join(missing))
    return [
        (
            line,
            {key: dict(zip(header, fields, strict=False)).get(name, "") for key, name in _HEADINGS.items()},
        )
        for line, fields in lines[1:]
        if any(fields)
    ]
