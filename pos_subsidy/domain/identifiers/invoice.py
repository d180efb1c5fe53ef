"""The QR of an invoice (发票): ``01,type,code,number,amount,yyyymmdd,check,crc``.

Fully digital invoices (数电票) have no code and a number of 20 digits, and write the total
including tax. Older ones have a code of 10 or 12 digits and a number of 8, and write the
amount without tax. What follows the date may be absent.

>>> parse("01,32,,24417000000034170288,199.00,20240720").amount_fen
19900
>>> parse("6901234567892") is None
True
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pos_subsidy.domain.money import fen
from pos_subsidy.errors import Invalid

_DIGITAL_TYPES = frozenset({"31", "32"})
_NUMBER_DIGITS, _OLD_NUMBER_DIGITS = 20, 8
_FORM = re.compile(r"01,\d{0,2},.*|\d{2},\d{0,2},\d{0,12},\d{8,20}(,.*)?", re.ASCII)
_TYPE = re.compile(r"\d{2}", re.ASCII)
_OLD_CODE = re.compile(r"\d{10}|\d{12}", re.ASCII)
# A credit note's amount is below zero.
_AMOUNT = re.compile(r"-?\d{1,11}(\.\d{1,2})?", re.ASCII)
_BETWEEN = str.maketrans("", "", " -\u3000\t")
_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Invoice:
    """What the QR says. ``code`` is empty on a fully digital invoice."""

    type: str
    code: str
    number: str
    amount_fen: int
    includes_tax: bool
    issued_on: date


def parse(text: str) -> Invoice | None:
    """Return what an invoice's QR says, None where the text does not have its form.

    Raises:
        Invalid: ``invoice_number_invalid`` (how many digits there are and must be),
            ``invoice_invalid`` with the cause: version, type, code, amount or date.
    """
    if not _FORM.fullmatch(text):
        return None
    version, kind, code, number, amount, day, *_ = [*text.split(","), "", "", ""]
    if version != "01":
        raise Invalid("invoice_invalid", cause="version")
    if not _TYPE.fullmatch(kind):
        raise Invalid("invoice_invalid", cause="type")
    digital = kind in _DIGITAL_TYPES
    if not (code == "" if digital else _OLD_CODE.fullmatch(code)):
        raise Invalid("invoice_invalid", cause="code")
    _check_number(number, digits=_NUMBER_DIGITS if digital else _OLD_NUMBER_DIGITS)
    return Invoice(kind, code, number, _amount_fen(amount), digital, _day(day))


def normalise(number: str, code: str = "") -> tuple[str, str]:
    """Return number and code as they are counted: digits alone.

    >>> normalise("2441 7000 0000 3417 0288")
    ('24417000000034170288', '')

    Raises:
        Invalid: ``invoice_number_invalid``; ``invoice_invalid`` with the cause ``code``.
    """
    number, code = (unicodedata.normalize("NFKC", one).translate(_BETWEEN) for one in (number, code))
    if code and not _OLD_CODE.fullmatch(code):
        raise Invalid("invoice_invalid", cause="code", field="invoice.code")
    digits = _OLD_NUMBER_DIGITS if code else _NUMBER_DIGITS
    _check_number(number, digits=digits)
    return number, code


def _check_number(number: str, *, digits: int) -> None:
    if len(number) != digits or not number.isascii() or not number.isdigit():
        raise Invalid("invoice_number_invalid", digits=digits, length=len(number), field="invoice.number")


def _amount_fen(written: str) -> int:
    if not _AMOUNT.fullmatch(written):
        raise Invalid("invoice_invalid", cause="number")
    return fen(Decimal(written))


def _day(written: str) -> date:
    found = _DAY.fullmatch(written)
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        pass
    raise Invalid("invoice_invalid", cause="date")
