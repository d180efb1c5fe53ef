"""GTIN (商品条码): EAN-8, UPC-A, EAN-13 and GTIN-14.

>>> validate("6901234567892")
'6901234567892'
"""

import unicodedata

from stdnum import ean

from pos_subsidy.errors import Invalid

_LENGTHS = (8, 12, 13, 14)


def validate(text: str) -> str:
    """Return the number in its one form: 8, 13 or 14 digits.

    A UPC-A of 12 digits and a GTIN-14 that begins with 0 are the EAN-13 they stand for.

    Raises:
        Invalid: ``identifier_invalid`` with the cause.
    """
    number = unicodedata.normalize("NFKC", text).strip()
    if not number.isascii() or not number.isdigit():
        raise _wrong("alphabet", text)
    if len(number) not in _LENGTHS:
        raise _wrong("length", text)
    if ean.calc_check_digit(number[:-1]) != number[-1]:
        raise _wrong("check_digit", text)
    if len(number) == 12:
        return "0" + number
    if len(number) == 14 and number.startswith("0"):
        return number[1:]
    return number


def _wrong(cause: str, text: str) -> Invalid:
    return Invalid("identifier_invalid", kind="gtin", cause=cause, found=text[:40])
