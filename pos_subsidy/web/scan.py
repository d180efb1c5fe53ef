"""Says what a scan is meant for: among all it can be, what the sale wants next decides.

>>> classify("TI1:NCF3R0K", wanted=("voucher",))
Meant(kind='token', value='TI1:NCF3R0K', serial_no='')
>>> classify("6901234567892", wanted=("voucher", "goods"))
Meant(kind='goods', value='6901234567892', serial_no='')
>>> classify("6100", wanted=("price",))
Meant(kind='price', value='6100', serial_no='')
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pos_subsidy.domain import scans
from pos_subsidy.domain import voucher as codes
from pos_subsidy.domain.scans import Scan
from pos_subsidy.errors import Invalid

_PRICE = re.compile(r"[¥$]?\d{1,7}(\.\d{1,2})?元?")
_AMOUNT_ATTEMPT = re.compile(r"[¥$]?[\d.,]+元?")
_OTHER_VOUCHER = re.compile(r"(https?://|[A-Z]{2,4}\d?:)", re.I)
# What has its place elsewhere than at this field.
_STRANGERS = {
    "energy_label": "scan_is_energy_label",
    "invoice": "scan_is_invoice",
    "payment_code": "scan_is_payment_code",
}


@dataclass(frozen=True, slots=True)
class Meant:
    """What a scan is taken for: token, code, goods, imei1, serial_no, price, order_no or ours.

    ``serial_no`` is there where the same bar code names goods and piece.
    """

    kind: str
    value: str
    serial_no: str = ""


def classify(
    text: str, *, wanted: Sequence[str], is_filed: Callable[[str], bool] = lambda _gtin: False
) -> Meant:
    """Return what was scanned. ``wanted`` names what the sale still lacks, the next one first.

    Raises:
        Invalid: ``scan_is_…`` for what belongs elsewhere, ``scan_incomplete`` for a fragment,
            ``price_invalid``, ``scan_unrecognised`` for everything else.
    """
    found = {one.kind: one for one in scans.candidates(text)}
    text = text.strip()
    if "token" in found:
        return Meant("token", found["token"].value)
    _refuse_strangers(text, found)
    if "number" in found:
        return Meant("ours", found["number"].value)
    next_one = wanted[0] if wanted else ""
    goods = found.get("gtin")
    if goods and (next_one in ("", "voucher", "goods") or goods.fields or is_filed(goods.value)):
        return Meant("goods", goods.value, str(goods.fields.get("serial_no", "")))
    if next_one == "order_no":
        return Meant("order_no", text)
    if next_one == "price" and _PRICE.fullmatch(text):
        return Meant("price", text)
    if next_one == "price" and _AMOUNT_ATTEMPT.fullmatch(text):
        raise Invalid("price_invalid")
    if "code" in found and "voucher" in wanted:
        return Meant("code", found["code"].value)
    if "imei" in found and ("imei1" in wanted or "serial_no" not in wanted):
        return Meant("imei1", found["imei"].value)
    return _serial(text, next_one, found)


def _serial(text: str, next_one: str, found: Mapping[str, Scan]) -> Meant:
    digits = text.isascii() and text.isdigit()
    if digits and next_one in ("voucher", "goods"):
        # A bar code that came in two bursts: no part of it may pass for a serial number.
        raise Invalid("scan_incomplete", length=len(text))
    if next_one == "voucher":
        # Whatever has a code's length was meant as one; say which character is at fault.
        compact = re.sub(r"[\s-]", "", text)
        if len(compact) == codes.CODE_LENGTH:
            return Meant("code", text)
    for kind in ("ebike_certificate", "serial_no"):
        if kind in found:
            return Meant("serial_no", found[kind].value)
    raise Invalid("scan_unrecognised")


def _refuse_strangers(text: str, found: Mapping[str, Scan]) -> None:
    for kind, code in _STRANGERS.items():
        if kind in found:
            raise Invalid(code)
    if (wrong := scans.broken(text)) is not None:
        raise Invalid(wrong.code, **wrong.params)
    if "ebike_certificate" not in found and _OTHER_VOUCHER.match(text):
        raise Invalid("scan_is_other_voucher")
