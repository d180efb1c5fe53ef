"""The numbers goods are known by, each in its one form: another spelling is another thing to a database.

>>> irregular({"gtin": "6901234567892", "serial_no": "SN-1", "imei1": None})
>>> irregular({"serial_no": "sn-1"}).params["cause"]
'spelling'
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from pos_subsidy.domain.identifiers import gtin, imei, serial_no
from pos_subsidy.errors import Invalid

_FORMS: Mapping[str, Callable[[str], str]] = {
    "gtin": lru_cache(maxsize=4_096)(gtin.validate),  # of a few products, over and over
    "serial_no": serial_no.validate,
    "imei1": imei.validate,
    "imei2": imei.validate,
}


def irregular(numbers: Mapping[str, Any]) -> Invalid | None:
    """Return what is wrong with the first number that is not in its one form, None if all are.

    What is not told is not wrong; whether it may be left out is for others to say.
    """
    for name, form in _FORMS.items():
        told = numbers.get(name)
        if not told:
            continue
        if not isinstance(told, str):
            return _wrong(name, "alphabet", str(told))
        try:
            plain = form(told)
        except Invalid as error:
            return error
        if plain != told:
            return _wrong(name, "spelling", told)
    return None


def _wrong(name: str, cause: str, found: str) -> Invalid:
    kind = "imei" if name.startswith("imei") else name
    return Invalid("identifier_invalid", kind=kind, cause=cause, found=found[:40])
