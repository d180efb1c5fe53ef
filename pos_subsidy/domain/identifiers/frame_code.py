"""E-bike frame code (电动自行车整车编码): exactly 15 digits, no known check digit.

The certificate's QR is an address that holds it.

>>> validate("https://example.test/c?vinCode=119912345678901")
'119912345678901'
"""

import re
import unicodedata

from pos_subsidy.domain.identifiers import web_address
from pos_subsidy.errors import Invalid

_IN_ADDRESS = re.compile(r"(?:vinCode|cert_ins_id)=(\d{15})(?!\d)", re.ASCII)
_SHAPE = re.compile(r"\d{15}", re.ASCII)


def validate(text: str) -> str:
    """Return the 15 digits, from the code itself or from the certificate's address.

    Raises:
        Invalid: ``identifier_invalid`` with the cause.
    """
    number = unicodedata.normalize("NFKC", text).strip()
    if found := _IN_ADDRESS.search(number):
        return found[1]
    if not _SHAPE.fullmatch(number):
        raise Invalid(
            "identifier_invalid",
            kind="frame_code",
            cause="alphabet" if len(number) == 15 else "length",
            found=text[:40],
        )
    return number


def of_certificate(text: str) -> str | None:
    """Return the 15 digits that a certificate's address names, None where the text is no such address.

    Whose address it is proves nothing: certificates lie with several bodies.

    Raises:
        Invalid: ``identifier_invalid``, it names no 15 digits, or two different numbers.
    """
    address = web_address.parse(text)
    named = {one for name in ("vinCode", "cert_ins_id") for one in address.values(name)} if address else set()
    if not named:
        return None
    number = min(named)
    if len(named) > 1 or not _SHAPE.fullmatch(number):
        cause = "several" if len(named) > 1 else "alphabet" if len(number) == 15 else "length"
        raise Invalid("identifier_invalid", kind="frame_code", cause=cause, found=number[:40])
    return number
