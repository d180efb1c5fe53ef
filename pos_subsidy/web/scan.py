"""Says what a scan is, by its shape and by what the sale wants next.

>>> classify("TI1:NCF3R0K", wanted=("voucher",)).kind
'token'
>>> classify("6901234567892", wanted=("voucher", "goods")).kind
'goods'
>>> classify("6100", wanted=("price",)).kind
'price'
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pos_subsidy.domain import scans
from pos_subsidy.domain import voucher as codes
from pos_subsidy.errors import Invalid

_PRICE = re.compile(r"[¥$]?\d{1,7}(\.\d{1,2})?元?")
_AMOUNT_ATTEMPT = re.compile(r"[¥$]?[\d.,]+元?")
_IMEI_ATTEMPT = re.compile(r"[0-9]{15}")
_OTHER_VOUCHER = re.compile(r"(https?://|[A-Z]{2,4}\d?:)", re.I)
# What the sale has no use for. The first that a scan can be is named.
_STRANGERS = ("energy_label", "ebike_certificate", "invoice", "payment_code")
_CERTIFIED = "ebike_certificate"


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan: token, code, goods, imei1, serial_no, price, order_no or ours (a number of this till).

    ``serial_no`` is there where the same symbol names goods and piece.
    """

    kind: str
    value: str
    serial_no: str = ""


def classify(
    text: str,
    *,
    wanted: Sequence[str],
    is_filed: Callable[[str], bool] = lambda _gtin: False,
    is_voucher: Callable[[str], bool] = lambda _code: False,
    by_certificate: bool = False,
) -> Scan:
    """Return what was scanned. ``wanted`` names what the sale still lacks, the next one first.

    ``by_certificate`` says that a certificate names the piece: an e-bike by its frame code.

    Raises:
        Invalid: ``scan_is_…`` for what belongs elsewhere, ``energy_label_foreign``,
            ``scan_incomplete`` for a fragment, ``scan_serial_unclear``, ``price_invalid``,
            ``scan_unrecognised`` for everything else.
    """
    possible: dict[str, list[scans.Scan]] = {}
    for one in scans.candidates(text):
        possible.setdefault(one.kind, []).append(one)
    if "token" in possible:
        return Scan("token", possible["token"][0].value)
    text = text.strip()
    if by_certificate and _CERTIFIED in possible:
        return Scan("serial_no", possible[_CERTIFIED][0].value)
    _refuse_strangers(text, possible)
    if "number_of_ours" in possible:
        return Scan("ours", possible["number_of_ours"][0].value)
    next_one = wanted[0] if wanted else ""
    if goods := _goods(possible, next_one, is_filed):
        return goods
    if next_one == "order_no":
        return Scan("order_no", text)
    if next_one == "price" and _PRICE.fullmatch(text):
        return Scan("price", text)
    if next_one == "price" and _AMOUNT_ATTEMPT.fullmatch(text):
        raise Invalid("price_invalid")
    if "code" in possible and "voucher" in wanted:
        return Scan("code", possible["code"][0].value)
    if "code" in possible and is_voucher(possible["code"][0].value):
        # A voucher's code would pass for a serial number; this one is known to be none.
        raise Invalid("scan_is_second_voucher")
    if "imei" in possible and ("imei1" in wanted or "serial_no" not in wanted):
        return Scan("imei1", possible["imei"][0].value)
    if "imei1" in wanted and _IMEI_ATTEMPT.fullmatch(text):
        # A misread IMEI must not pass for the serial number that a telephone has as well.
        raise Invalid("scan_incomplete", length=len(text))
    return _serial(text, next_one, possible.get("serial", []))


def _goods(
    possible: Mapping[str, Sequence[scans.Scan]], next_one: str, is_filed: Callable[[str], bool]
) -> Scan | None:
    if "gtin" not in possible:
        return None
    number = possible["gtin"][0].value
    if next_one == "serial_no" and any(one.fields["of_gs1"] for one in possible.get("serial", [])):
        # The same symbol names the goods and the piece; the goods are known by now.
        return None
    if next_one not in ("", "voucher", "goods") and not is_filed(number):
        return None
    sure = [one.value for one in possible.get("serial", []) if one.fields["of_gs1"] and one.fields["sure"]]
    return Scan("goods", number, sure[0] if sure else "")


def _serial(text: str, next_one: str, possible: Sequence[scans.Scan]) -> Scan:
    digits = text.isascii() and text.isdigit()
    if digits and next_one in ("voucher", "goods"):
        # A bar code that came in two bursts: no part of it may pass for a serial number.
        raise Invalid("scan_incomplete", length=len(text))
    if next_one == "voucher":
        # Whatever has a code's length was meant as one; say which character is at fault.
        compact = re.sub(r"[\s-]", "", text)
        if len(compact) == codes.CODE_LENGTH:
            return Scan("code", text)
    if not possible:
        raise Invalid("scan_unrecognised")
    first = possible[0]
    if not first.fields["sure"]:
        # A wrongly cut number would let the same piece be sold twice.
        raise Invalid("scan_serial_unclear", readings=" / ".join(_of_gs1(possible)))
    return Scan("serial_no", first.value)


def _of_gs1(possible: Sequence[scans.Scan]) -> list[str]:
    return [one.value for one in possible if one.fields["of_gs1"]]


def _refuse_strangers(text: str, possible: Mapping[str, Sequence[scans.Scan]]) -> None:
    for kind in _STRANGERS:
        if kind in possible:
            raise Invalid(f"scan_is_{kind}")
    for one in scans.broken(text):
        if one.code == "energy_label_foreign":
            raise Invalid(one.code, **one.params)
        # The till needs neither, so that whole or not makes no difference here.
        if one.kind in ("energy_label", "invoice"):
            raise Invalid(f"scan_is_{one.kind}")
    if _OTHER_VOUCHER.match(text):
        raise Invalid("scan_is_other_voucher")
