"""The QR of an energy label (能效标识): an address at the register, or a short link to one.

Nothing is fetched: the grade stands on the label and the catalogue decides.

>>> parse("https://www.energylabel.com.cn/signDetails?productId=633881710439&productTypeCode=32").record
'633881710439'
>>> parse("http://bbqk.com/Ab3dE9").short_id
'Ab3dE9'
"""

import re
from dataclasses import dataclass

from pos_subsidy.domain.identifiers import web_address
from pos_subsidy.domain.identifiers.web_address import WebAddress
from pos_subsidy.errors import Invalid

_REGISTER = frozenset({"energylabel.com.cn", "www.energylabel.com.cn"})
_SHORT = "bbqk.com"
_CLOSED = frozenset({"energylabelrecord.com", "www.energylabelrecord.com"})
_PAGE = "/signDetails"
_NUMBER = re.compile(r"[0-9]{1,32}")
_SHORT_ID = re.compile(r"/([0-9A-Za-z_-]{1,64})")
_WITHOUT_SCHEME = re.compile(r"(www\.)?(energylabel\.com\.cn|energylabelrecord\.com|bbqk\.com)[/?:@]", re.I)


@dataclass(frozen=True, slots=True)
class EnergyLabel:
    """A label's place in the register. A short link leaves the record unknown (None)."""

    record: str | None
    short_id: str | None = None
    product_type: str | None = None


def parse(text: str) -> EnergyLabel | None:
    """Return where a label points to, None where the text is no such address.

    Raises:
        Invalid: ``energy_label_foreign`` (it looks like a label's, and is not the register's),
            ``energy_label_closed`` (the register's old host), ``energy_label_incomplete``.
    """
    if _WITHOUT_SCHEME.match(text):
        text = "http://" + text
    address = web_address.parse(text)
    if address is None:
        return None
    if address.plain and address.host in _CLOSED:
        raise Invalid("energy_label_closed", host=address.host)
    if address.plain and address.host == _SHORT:
        return _short(address)
    if address.plain and address.host in _REGISTER:
        return _full(address)
    if _pretends(address):
        raise Invalid("energy_label_foreign", host=address.host[:80])
    return None


def _pretends(address: WebAddress) -> bool:
    # An address that only mentions labels in its path or query pretends nothing.
    page = address.path.lower().endswith(_PAGE.lower()) and address.values("productId")
    return bool(page) or "energylabel" in address.authority or _SHORT in address.authority


def _full(address: WebAddress) -> EnergyLabel:
    records, types = address.values("productId"), address.values("productTypeCode")
    good = (
        address.path == _PAGE
        and len(records) == 1
        and len(types) <= 1
        and all(_NUMBER.fullmatch(one) for one in records + types)
    )
    if not good:
        raise Invalid("energy_label_incomplete")
    return EnergyLabel(record=records[0], product_type=types[0] if types else None)


def _short(address: WebAddress) -> EnergyLabel:
    found = _SHORT_ID.fullmatch(address.path)
    if found is None:
        raise Invalid("energy_label_incomplete")
    return EnergyLabel(record=None, short_id=found[1])
