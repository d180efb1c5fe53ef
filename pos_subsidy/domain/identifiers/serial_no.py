"""Serial numbers (S/N): free text of the makers, normalised in width and case, never corrected.

>>> validate("ｓｎ-12/ab")
'SN-12/AB'
>>> lookalike("SNO1I0")
'SN0110'
"""

import re
import unicodedata

from pos_subsidy.errors import Invalid

_SHAPE = re.compile(r"[0-9A-Z\-/.]+")
_LOOKALIKES = str.maketrans("OI", "01")


def validate(text: str) -> str:
    """Return the number in upper case and half width: 4 to 40 of ``0-9A-Z-/.``.

    Raises:
        Invalid: ``identifier_invalid`` with the cause.
    """
    number = unicodedata.normalize("NFKC", text).strip().upper()
    if not 4 <= len(number) <= 40:
        raise _wrong("length", text)
    if not _SHAPE.fullmatch(number):
        raise _wrong("alphabet", text)
    return number


def lookalike(number: str) -> str:
    """Return the number with O read as 0 and I as 1: to ask about, never to equate."""
    return number.translate(_LOOKALIKES)


def _wrong(cause: str, text: str) -> Invalid:
    return Invalid("identifier_invalid", kind="serial_no", cause=cause, found=text[:40])
