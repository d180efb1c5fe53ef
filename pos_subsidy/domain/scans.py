"""Everything that one scan can be.

15 digits are an IMEI, a frame code and a serial number at once, a voucher code is a good
serial number: the shape alone seldom decides. So all kinds are returned, and what is wanted
next decides among them.

>>> [one.kind for one in candidates("490154203237518")]
['imei', 'frame_code', 'serial']
>>> candidates("]C1010690123456789221SN-0001")[0].value
'6901234567892'
>>> [(one.kind, one.code) for one in broken("01,32,,123")]
[('invoice', 'invoice_number_invalid')]
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from pos_subsidy.domain import qr_token, voucher
from pos_subsidy.domain.identifiers import (
    energy_label,
    frame_code,
    gs1,
    gtin,
    imei,
    invoice,
    serial_no,
    vin,
    web_address,
)
from pos_subsidy.errors import Invalid

LONGEST = 2_000
_GTIN_LENGTHS = frozenset({8, 12, 13, 14})
# A scanner may name the symbology first (AIM, ISO/IEC 15424): ]E is EAN/UPC, these hold GS1.
_SYMBOLOGY = re.compile(r"\]([A-Za-z][0-9A-Za-z])")
_GS1_SYMBOLOGIES = frozenset({"C1", "e0", "d2", "Q3", "J1"})
_EAN_SYMBOLOGY = "E"
_VIN = re.compile(r"[0-9A-Za-z]{17}")
_CODE = re.compile(r"(?=.*[A-Za-z])[0-9A-Za-z]{12}")
_NUMBER_OF_OURS = re.compile(r"([RHC])-[0-9A-Z-]{8,30}")
_OURS = {"R": "redemption", "H": "hold", "C": "claim"}
_RAILS = {
    "wechat": re.compile(r"1[0-5][0-9]{16}"),
    "alipay": re.compile(r"(?=.{16,24}$)(2[5-9]|30)[0-9]+"),
    "unionpay": re.compile(r"62[0-9]{17}"),
}


@dataclass(frozen=True, slots=True)
class Scan:
    """One thing that a scan can be: its kind, its value in the one form, what else the text says.

    The kinds and their fields: token; code; gtin (form, of_gs1); imei; frame_code; serial
    (of_gs1; sure, False where lost separators leave several readings); vin
    (check_digit_good); ebike_certificate (host); energy_label (record, short_id,
    product_type; the value is record or short link); invoice (type, code, number,
    amount_fen, includes_tax, issued_on); payment_code (rail); number_of_ours (of).
    """

    kind: str
    value: str
    fields: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Broken:
    """A kind whose form the text has and which it is not, with the reason.

    The kind ``gs1`` is a GS1 string with a field that cannot be.
    """

    kind: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)


def candidates(text: str) -> tuple[Scan, ...]:
    """Return every kind that a scan can be; nothing for text that can be none.

    Characters are taken as they are: full-width digits are no digits here.
    """
    return tuple(one for one in _read(text) if isinstance(one, Scan))


def broken(text: str) -> tuple[Broken, ...]:
    """Return the kinds that a scan means to be and is not, each with a code that has words."""
    return tuple(one for one in _read(text) if isinstance(one, Broken))


def _read(text: str) -> Iterator[Scan | Broken]:
    if len(text) > LONGEST:
        return
    text, symbology = _without_symbology(text.lstrip())
    if text[: len(qr_token.PREFIX)].upper() == qr_token.PREFIX:
        # Tokens have capitals only; a scanner with caps lock on writes small letters.
        yield Scan("token", text.upper())
        return
    text = text.strip()
    if not text.isascii():
        return
    for kind, read in _readers(symbology).items():
        try:
            yield from read(text)
        except Invalid as error:
            yield Broken(kind, error.code, error.params)


def _without_symbology(text: str) -> tuple[str, str]:
    found = _SYMBOLOGY.match(text)
    return (text[found.end() :], found[1]) if found else (text, "")


def _readers(symbology: str) -> Mapping[str, Callable[[str], Iterable[Scan]]]:
    if symbology in _GS1_SYMBOLOGIES:
        return {"gs1": partial(_gs1, certain=True)}
    if symbology.startswith(_EAN_SYMBOLOGY):
        return {"gtin": _gtin}
    return {
        "number_of_ours": _number_of_ours,
        "energy_label": _energy_label,
        "ebike_certificate": _certificate,
        "invoice": _invoice,
        "payment_code": _payment_code,
        "code": _code,
        "gs1": partial(_gs1, certain=False),
        "gtin": _gtin,
        "imei": _imei,
        "vin": _vin,
        "frame_code": _frame_code,
        "serial": _serial,
    }


def _number_of_ours(text: str) -> Iterator[Scan]:
    if found := _NUMBER_OF_OURS.fullmatch(text.upper()):
        yield Scan("number_of_ours", found[0], {"of": _OURS[found[1]]})


def _energy_label(text: str) -> Iterator[Scan]:
    if label := energy_label.parse(text):
        yield Scan("energy_label", label.record or label.short_id or "", asdict(label))


def _certificate(text: str) -> Iterator[Scan]:
    number, address = frame_code.of_certificate(text), web_address.parse(text)
    if number and address:
        yield Scan("ebike_certificate", number, {"host": address.host})


def _invoice(text: str) -> Iterator[Scan]:
    if found := invoice.parse(text):
        yield Scan("invoice", found.number, asdict(found))


def _payment_code(text: str) -> Iterator[Scan]:
    for rail, shape in _RAILS.items():
        if shape.fullmatch(text):
            yield Scan("payment_code", text, {"rail": rail})


def _code(text: str) -> Iterator[Scan]:
    if _CODE.fullmatch(text.replace("-", "").replace(" ", "")):
        yield Scan("code", voucher.normalise(text))


def _gtin(text: str) -> Iterator[Scan]:
    if text.isdigit() and len(text) in _GTIN_LENGTHS:
        yield _goods(gtin.validate(text), of_gs1=False)


def _gs1(text: str, *, certain: bool) -> Iterator[Scan]:
    found = gs1.readings(text, certain=certain)
    for number in _distinct(one[gs1.GTIN] for one in found if gs1.GTIN in one):
        # An EAN-8 fills the 14 places with six zeros.
        yield _goods(gtin.validate(number.removeprefix("000000")), of_gs1=True)
    numbers = _distinct(one[gs1.SERIAL] for one in found if gs1.SERIAL in one)
    good = [one for one in numbers if _is_serial(one)]
    if numbers and not good:
        serial_no.validate(numbers[0])
    for one in good:
        yield Scan("serial", serial_no.validate(one), {"of_gs1": True, "sure": len(good) == 1})


def _goods(number: str, *, of_gs1: bool) -> Scan:
    upc_a = len(number) == 13 and number.startswith("0")
    form = "UPC-A" if upc_a else {8: "EAN-8", 13: "GTIN-13", 14: "GTIN-14"}[len(number)]
    return Scan("gtin", number, {"form": form, "of_gs1": of_gs1})


def _serial(text: str) -> Iterator[Scan]:
    if _is_serial(text):
        yield Scan("serial", serial_no.validate(text), {"of_gs1": False, "sure": True})


def _imei(text: str) -> Iterator[Scan]:
    if text.isdigit() and len(text) == 15:
        yield Scan("imei", imei.validate(text))


def _vin(text: str) -> Iterator[Scan]:
    if _VIN.fullmatch(text):
        number = vin.validate(text)
        yield Scan("vin", number, {"check_digit_good": vin.has_good_check_digit(number)})


def _frame_code(text: str) -> Iterator[Scan]:
    if text.isdigit() and len(text) == 15:
        yield Scan("frame_code", frame_code.validate(text))


def _is_serial(text: str) -> bool:
    try:
        serial_no.validate(text)
    except Invalid:
        return False
    return True


def _distinct(values: Iterable[str]) -> Sequence[str]:
    return tuple(dict.fromkeys(values))
