"""Attributes of an item as people and programs write them."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from pos_subsidy.domain.identifiers import frame_code, vin
from pos_subsidy.errors import Invalid

# Kept as a hash only.
HIDDEN = ("flat_no",)
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def read_attributes(written: Mapping[str, object]) -> dict[str, object]:
    """Return attributes with the types the rules expect; unknown names pass, the rules judge them.

    Raises:
        Invalid: ``attribute_invalid``, naming the attribute and what is allowed.
    """
    return {
        name: _READERS[name](name, value) if name in _READERS else value for name, value in written.items()
    }


def read_kept(kept: Mapping[str, object]) -> dict[str, object]:
    """Return attributes that were kept as JSON: as they were read, a flat's number still hidden."""
    hidden = {name: kept[name] for name in HIDDEN if name in kept}
    return {**read_attributes({name: value for name, value in kept.items() if name not in hidden}), **hidden}


def is_day(name: str) -> bool:
    """Say whether an attribute is a day."""
    return _READERS.get(name) is _day


def _yes_no(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _WORDS:
        return _WORDS[value.lower()]
    raise Invalid("attribute_invalid", attribute=name, allowed="true, false")


def _rating(name: str, value: object) -> int:
    if isinstance(value, bool) or str(value) not in ("1", "2", "3", "4", "5"):
        raise Invalid("attribute_invalid", attribute=name, allowed="1–5")
    return int(str(value))


def _day(name: str, value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise Invalid("attribute_invalid", attribute=name, allowed="YYYY-MM-DD") from None


def _litres(name: str, value: object) -> Decimal:
    try:
        litres = Decimal(str(value))
    except InvalidOperation:
        litres = Decimal(-1)
    if isinstance(value, bool) or not litres.is_finite() or not 0 <= litres < 100:
        raise Invalid("attribute_invalid", attribute=name, allowed="0.0–99.9")
    return litres


def _region(name: str, value: object) -> str:
    text = str(value)
    if not (2 <= len(text) <= 6 and text.isascii() and text.isdigit()):
        raise Invalid("attribute_invalid", attribute=name, allowed="GB/T 2260")
    return text


def _flat(name: str, value: object) -> str:
    """Return the number of a flat (不动产单元号)."""
    text = unicodedata.normalize("NFKC", str(value)).replace(" ", "").upper()
    if re.fullmatch(r"[0-9A-Z]{28}", text, re.ASCII):
        return text
    raise Invalid("attribute_invalid", attribute=name, allowed="28 × 0-9 A-Z")


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 64:
        raise Invalid("attribute_invalid", attribute=name, allowed="1–64")
    return value


def _one_of(*choices: str) -> Callable[[str, object], str]:
    def read(name: str, value: object) -> str:
        if value not in choices:
            raise Invalid("attribute_invalid", attribute=name, allowed=", ".join(choices))
        return str(value)

    return read


_READERS: dict[str, Callable[[str, object], object]] = {
    "activated_on_site": _yes_no,
    "ccc": _yes_no,
    "coupon_batch": _text,
    "displacement_l": _litres,
    "frame_code": lambda name, value: frame_code.validate(str(value)),
    "flat_no": _flat,
    "fuel": _one_of("nev", "ice"),
    "has_rating_system": _yes_no,
    "house_completed_on": _day,
    "invoice_region": _region,
    "old_bike_handed_in": _yes_no,
    "old_car_disposed_on": _day,
    "old_car_first_registered_on": _day,
    "old_car_fuel": _one_of("petrol", "diesel", "nev"),
    "old_car_held_since": _day,
    "old_car_vin": lambda name, value: vin.validate(str(value)),
    "registered_on": _day,
    "scheme": _one_of("replacement", "scrappage"),
    "stacked_with": _text,
    "vin": lambda name, value: vin.validate(str(value)),
    "water_rating": _rating,
}
