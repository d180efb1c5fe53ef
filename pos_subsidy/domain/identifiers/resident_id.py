"""The resident identity number (居民身份证号), GB 11643.

>>> validate("11010519491231002x", today=date(2026, 1, 1))
'11010519491231002X'
"""

import re
import unicodedata
from datetime import date

from stdnum.cn import ric

from pos_subsidy.errors import Invalid

_SHAPE = re.compile(r"\d{17}[\dX]", re.ASCII)


def validate(number: str, *, today: date) -> str:
    """Return the 18 characters.

    The county is not checked: one that is younger than its bearer is real.

    Raises:
        Invalid: ``person_invalid`` with the cause, never with the number.
    """
    number = unicodedata.normalize("NFKC", number).replace(" ", "").strip().upper()
    if len(number) != 18:
        raise _wrong("length")
    if not _SHAPE.fullmatch(number):
        raise _wrong("alphabet")
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise _wrong("birth_date") from None
    if born > today:
        raise _wrong("birth_date")
    if ric.calc_check_digit(number) != number[-1]:
        raise _wrong("check_digit")
    return number


def _wrong(cause: str) -> Invalid:
    return Invalid("person_invalid", field="id_number", cause=cause)
