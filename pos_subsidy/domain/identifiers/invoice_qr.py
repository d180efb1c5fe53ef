"""The QR of an invoice (发票二维码): comma-separated fields, the last of them may be absent.

>>> read("01,32,,26427000000316294884,100.76,20260330,,5F98").amount_fen
10076
>>> read("01,10,033002100211,12345678,884.96,20230105,1234,1A2B").is_tax_included
False
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from pos_subsidy.domain.money import fen
from pos_subsidy.errors import Invalid

_FULLY_DIGITAL = ("31", "32")  # special, ordinary (数电票)


@dataclass(frozen=True, slots=True)
class InvoiceQr:
    """What an invoice's QR says. The amount (fen) includes tax on fully digital invoices only."""

    kind: str
    code: str
    number: str
    amount_fen: int | None
    issued_on: date | None
    is_tax_included: bool


def looks_like_one(text: str) -> bool:
    """Say whether a text has an invoice's first fields, right or wrong."""
    return re.match(r"01,\d{2},", text, re.ASCII) is not None and text.count(",") >= 3


def read(text: str) -> InvoiceQr:
    """Return what the QR says.

    Raises:
        Invalid: ``invoice_qr_invalid`` with the cause: number, amount or date.
    """
    fields = [*text.strip().split(","), "", "", ""]
    kind, code, number, amount, day = fields[1:6]
    digital = kind in _FULLY_DIGITAL
    if not re.fullmatch(r"\d{20}" if digital and not code else r"\d{8}", number, re.ASCII):
        raise _wrong("invoice_number" if digital else "invoice_number_old", number)
    if not digital and not re.fullmatch(r"\d{10}|\d{12}", code, re.ASCII):
        raise _wrong("invoice_code", code)
    return InvoiceQr(kind, code, number, _amount(amount), _day(day), is_tax_included=digital)


def _amount(written: str) -> int | None:
    if not written:
        return None
    try:
        if not re.fullmatch(r"\d{1,12}(\.\d{1,2})?", written, re.ASCII):
            raise InvalidOperation
        return fen(Decimal(written))
    except (InvalidOperation, ValueError):
        raise _wrong("number", written) from None


def _day(written: str) -> date | None:
    if not written:
        return None
    try:
        if not re.fullmatch(r"\d{8}", written, re.ASCII):
            raise ValueError
        return date(int(written[:4]), int(written[4:6]), int(written[6:]))
    except ValueError:
        raise _wrong("date", written) from None


def _wrong(cause: str, found: str) -> Invalid:
    return Invalid("invoice_qr_invalid", cause=cause, found=found[:30])
