"""E-bike frame code (电动自行车整车编码): exactly 15 digits, no known check digit.

The certificate's QR is an address that holds it.

>>> validate("https://example.test/c?vinCode=119912345678901")
'119912345678901'
"""

import re
import unicodedata

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
