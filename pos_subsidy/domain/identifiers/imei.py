"""IMEI: exactly 15 digits, the last a Luhn check digit.

>>> validate("490154203237518")
'490154203237518'
"""

import unicodedata

from stdnum import luhn

from pos_subsidy.errors import Invalid


def validate(text: str) -> str:
    """Return the 15 digits.

    Raises:
        Invalid: ``identifier_invalid`` with the cause.
    """
    number = unicodedata.normalize("NFKC", text).replace(" ", "").replace("-", "").strip()
    if not number.isascii() or not number.isdigit():
        raise _wrong("alphabet", text)
    if len(number) != 15:
        raise _wrong("length", text)
    if not luhn.is_valid(number):
        raise _wrong("check_digit", text)
    return number


def _wrong(cause: str, text: str) -> Invalid:
    return Invalid("identifier_invalid", kind="imei", cause=cause, found=text[:40])
