"""Says what a scan is, by its shape and by what the sale wants next.

>>> classify("TI1:NCF3R0K", wanted=("voucher",))
Scan(kind='token', value='TI1:NCF3R0K')
>>> classify("6901234567892", wanted=("voucher", "goods"))
Scan(kind='goods', value='6901234567892')
>>> classify("6100", wanted=("price",))
Scan(kind='price', value='6100')
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pos_subsidy.domain import qr_token
from pos_subsidy.domain import voucher as codes
from pos_subsidy.domain.identifiers import gtin as gtins
from pos_subsidy.domain.identifiers import imei as imeis
from pos_subsidy.domain.identifiers import serial_no as serial_nos
from pos_subsidy.errors import Invalid

_GTIN_LENGTHS = frozenset({8, 12, 13, 14})
_PRICE = re.compile(r"[¥$]?\d{1,7}(\.\d{1,2})?元?")
_AMOUNT_ATTEMPT = re.compile(r"[¥$]?[\d.,]+元?")
_INVOICE = re.compile(r"\d{2},\d{0,2},\d{0,12},\d{8,20},")
_PAYMENT_CODE = re.compile(r"(1[0-5]\d{16}|(2[5-9]|30)\d{14,22}|62\d{17})")
_ENERGY_LABEL = re.compile(
    r"https?://([a-z]+\.)?(energylabel\.com\.cn|bbqk\.com|energylabelrecord\.com)/", re.I
)
_OTHER_VOUCHER = re.compile(r"(https?://|[A-Z]{2,4}\d?:)", re.I)
_NUMBER_OF_OURS = re.compile(r"[RH]-[0-9A-Z-]{8,30}")


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan: token, code, goods, imei1, serial_no, price, order_no or ours (a number of this till)."""

    kind: str
    value: str


def classify(
    text: str, *, wanted: Sequence[str], is_filed: Callable[[str], bool] = lambda _gtin: False
) -> Scan:
    """Return what was scanned. ``wanted`` names what the sale still lacks, the next one first.

    Raises:
        Invalid: ``scan_is_…`` for what belongs elsewhere, ``scan_incomplete`` for a fragment,
            ``price_invalid``, ``scan_unrecognised`` for everything else.
    """
    if text[:4].upper() == qr_token.PREFIX:
        # Tokens have capitals only; a scanner with caps lock on writes small letters.
        return Scan("token", text.upper())
    text = text.strip()
    _refuse_strangers(text)
    if _NUMBER_OF_OURS.fullmatch(text.upper()):
        return Scan("ours", text.upper())
    next_one = wanted[0] if wanted else ""
    if is_gtin(text) and (next_one in ("", "voucher", "goods") or is_filed(text)):
        return Scan("goods", text)
    if next_one == "order_no":
        return Scan("order_no", text)
    if next_one == "price" and _PRICE.fullmatch(text):
        return Scan("price", text)
    if next_one == "price" and _AMOUNT_ATTEMPT.fullmatch(text):
        raise Invalid("price_invalid")
    if is_voucher_code(text) and "voucher" in wanted:
        return Scan("code", codes.normalise(text))
    if is_imei(text) and ("imei1" in wanted or "serial_no" not in wanted):
        return Scan("imei1", text)
    return _serial(text, next_one)


def is_gtin(text: str) -> bool:
    """Say whether a text is a bar code number, check digit included."""
    return (
        text.isascii() and text.isdigit() and len(text) in _GTIN_LENGTHS and _is_valid(gtins.validate, text)
    )


def is_imei(text: str) -> bool:
    return len(text) == 15 and text.isascii() and text.isdigit() and _is_valid(imeis.validate, text)


def is_voucher_code(text: str) -> bool:
    return _is_valid(codes.normalise, text)


def _serial(text: str, next_one: str) -> Scan:
    digits = text.isascii() and text.isdigit()
    if digits and next_one in ("voucher", "goods"):
        # A bar code that came in two bursts: no part of it may pass for a serial number.
        raise Invalid("scan_incomplete", length=len(text))
    if next_one == "voucher":
        # Whatever has a code's length was meant as one; say which character is at fault.
        compact = re.sub(r"[\s-]", "", text)
        if len(compact) == codes.CODE_LENGTH:
            return Scan("code", text)
    if not _is_valid(serial_nos.validate, text):
        raise Invalid("scan_unrecognised")
    return Scan("serial_no", serial_nos.validate(text))


def _refuse_strangers(text: str) -> None:
    if _ENERGY_LABEL.match(text):
        raise Invalid("scan_is_energy_label")
    if _INVOICE.match(text):
        raise Invalid("scan_is_invoice")
    if _PAYMENT_CODE.fullmatch(text):
        raise Invalid("scan_is_payment_code")
    if _OTHER_VOUCHER.match(text):
        raise Invalid("scan_is_other_voucher")


def _is_valid(validate: Callable[[str], str], text: str) -> bool:
    try:
        validate(text)
    except Invalid:
        return False
    return True
