"""VIN (车架号): 17 characters, no I, O, Q; a check digit in place 9. ISO 3779.

The check digit is compulsory for cars made in China; for imports it is worth a warning only.

>>> validate("LSVAA49J7R2000001")
'LSVAA49J7R2000001'
>>> has_good_check_digit("1M8GDM9AXKP042788")
True
"""

import re
import unicodedata

from pos_subsidy.errors import Invalid

_SHAPE = re.compile(r"[0-9A-HJ-NPR-Z]{17}", re.ASCII)
_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True))
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def validate(text: str) -> str:
    """Return the 17 characters in upper case.

    Raises:
        Invalid: ``identifier_invalid`` with the cause.
    """
    number = unicodedata.normalize("NFKC", text).replace(" ", "").strip().upper()
    if len(number) != 17:
        raise _wrong("length", text)
    if not _SHAPE.fullmatch(number):
        raise _wrong("alphabet", text)
    if is_made_in_china(number) and not has_good_check_digit(number):
        raise _wrong("check_digit", text)
    return number


def is_made_in_china(number: str) -> bool:
    return number.startswith("L")


def has_good_check_digit(number: str) -> bool:
    total = sum(int(_VALUES.get(char, char)) * weight for char, weight in zip(number, _WEIGHTS, strict=True))
    return number[8] == "0123456789X"[total % 11]


def _wrong(cause: str, text: str) -> Invalid:
    return Invalid("identifier_invalid", kind="vin", cause=cause, found=text[:40])
