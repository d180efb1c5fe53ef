"""Every kind a scan can be. What is wanted next decides among them; nothing is guessed here.

Fifteen digits may be an IMEI, the frame code of an e-bike and a serial number at once:

>>> [scan.kind for scan in candidates("490154203237518")]
['imei', 'frame_code', 'serial_no']
>>> [scan.kind for scan in candidates("6901234567892")]
['gtin', 'serial_no']
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, urlsplit

from pos_subsidy.domain import gs1, qr_token, voucher
from pos_subsidy.domain.identifiers import frame_code, gtin, imei, invoice_qr, serial_no, vin
from pos_subsidy.errors import Invalid

LONGEST = 2_000
_OURS = re.compile(r"[RHC]-[0-9A-Z-]{8,30}")
_PAYMENT_CODE = re.compile(r"1[0-5][0-9]{16}|(?:2[5-9]|30)[0-9]{14,22}|62[0-9]{17}")
_LABEL_HOSTS = ("energylabel.com.cn", "www.energylabel.com.cn")
_SHORT_HOST = "bbqk.com"
_SHORT_ID = re.compile(r"/[0-9A-Za-z]{3,16}")
_FRAME_KEYS = ("vinCode", "cert_ins_id")


@dataclass(frozen=True, slots=True)
class Scan:
    """One thing a scan can be: ``value`` normalised, ``fields`` what else it says.

    kinds: token, code, number (of ours), gtin, imei, vin, frame_code, energy_label, invoice,
    ebike_certificate, payment_code, serial_no.
    """

    kind: str
    value: str
    fields: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Broken:
    """What a scan looks like without being one, and why: a code that has words."""

    kind: str
    code: str
    params: Mapping[str, object]


def candidates(text: str) -> tuple[Scan, ...]:
    """Return every kind that ``text`` can be, the most telling first; none if it can be nothing."""
    if len(text) > LONGEST:
        return ()
    text = text.strip()
    if text[:4].upper() == qr_token.PREFIX:
        # Tokens have capitals only; a scanner with caps lock on writes small letters.
        return (Scan("token", text.upper()),)
    elements = gs1.parse(text)
    if elements is not None:
        return tuple(_of_elements(elements))
    return tuple(_of_text(gs1.without_symbology(text)))


def broken(text: str) -> Broken | None:
    """Return what ``text`` was meant to be and why it is not, or None."""
    text = text.strip()[:LONGEST]
    if invoice_qr.looks_like_one(text):
        try:
            invoice_qr.read(text)
        except Invalid as error:
            return Broken("invoice", error.code, error.params)
    address = _address(text)
    if address is not None and address.path.strip("/") == "signDetails" and _label(address) is None:
        return Broken("energy_label", "energy_label_foreign", {"host": (address.hostname or "")[:60]})
    return None


def _of_elements(elements: Mapping[str, str]) -> Iterator[Scan]:
    number = _valid(gtin.validate, elements.get("01", ""))
    if number is not None:
        serial = _valid(serial_no.validate, elements.get("21", ""))
        yield Scan("gtin", number, {"serial_no": serial} if serial else {})
    if (serial := _valid(serial_no.validate, elements.get("21", ""))) is not None:
        yield Scan("serial_no", serial)


def _of_text(text: str) -> Iterator[Scan]:
    if (address := _address(text)) is not None:
        yield from _of_address(address)
        return
    if invoice_qr.looks_like_one(text):
        try:
            read = invoice_qr.read(text)
        except Invalid:
            return
        yield Scan("invoice", read.number, {"invoice": read})
        return
    if _OURS.fullmatch(text.upper()):
        yield Scan("number", text.upper())
    digits = text.isascii() and text.isdigit()
    if digits and (number := _valid(gtin.validate, text)) is not None:
        yield Scan("gtin", number)
    if (code := _valid(voucher.normalise, text)) is not None:
        yield Scan("code", code)
    if digits and (number := _valid(imei.validate, text)) is not None:
        yield Scan("imei", number)
    if digits and (number := _valid(frame_code.validate, text)) is not None:
        yield Scan("frame_code", number)
    if (number := _valid(vin.validate, text)) is not None:
        yield Scan("vin", number, {"check_digit_good": vin.has_good_check_digit(number)})
    if digits and _PAYMENT_CODE.fullmatch(text):
        yield Scan("payment_code", text)
    if (number := _valid(serial_no.validate, text)) is not None:
        yield Scan("serial_no", number)


def _of_address(address: SplitResult) -> Iterator[Scan]:
    if (label := _label(address)) is not None:
        yield label
    query = parse_qs(address.query)
    for key in _FRAME_KEYS:
        for written in query.get(key, ()):
            digits = written.isascii() and written.isdigit()
            if digits and (number := _valid(frame_code.validate, written)) is not None:
                yield Scan("ebike_certificate", number, {"host": address.hostname})
                return


def _label(address: SplitResult) -> Scan | None:
    """Return an energy label of the register, by its record or by its short link."""
    if address.hostname in _LABEL_HOSTS and address.path.strip("/") == "signDetails":
        query = parse_qs(address.query)
        record, kind = (query.get(name, [""])[0] for name in ("productId", "productTypeCode"))
        if record.isascii() and record.isdigit() and (kind == "" or (kind.isascii() and kind.isdigit())):
            return Scan("energy_label", record, {"record": record, "product_type": kind or None})
    if address.hostname == _SHORT_HOST and _SHORT_ID.fullmatch(address.path) and not address.query:
        return Scan("energy_label", address.path[1:], {"record": None, "product_type": None})
    return None


def _address(text: str) -> SplitResult | None:
    """Return a plain web address: no user, no strange port, nothing that is read two ways."""
    plain = text.isascii() and text.isprintable() and not set(text) & set(' \\"<>')
    if not plain or not text[:8].lower().startswith(("http://", "https://")):
        return None
    try:
        address = urlsplit(text)
        port = address.port
    except ValueError:
        return None
    if not address.hostname or "@" in address.netloc or port not in (None, 80, 443):
        return None
    return address


def _valid(validate: Callable[[str], str], text: str) -> str | None:
    try:
        return validate(text)
    except Invalid:
        return None
