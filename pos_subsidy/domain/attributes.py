"""Attributes of an item as people and programs write them."""

from collections.abc import Mapping

from pos_subsidy.errors import Invalid

_YES_NO = ("activated_on_site", "ccc", "has_rating_system", "old_bike_handed_in")
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def read_attributes(written: Mapping[str, object]) -> dict[str, object]:
    """Return attributes with the types the rules expect.

    Raises:
        Invalid: ``attribute_invalid``, naming the attribute and what is allowed.
    """
    return {name: _read(name, value) for name, value in written.items()}


def _read(name: str, value: object) -> object:
    if name in _YES_NO:
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in _WORDS:
            return _WORDS[value.lower()]
        raise Invalid("attribute_invalid", attribute=name, allowed="true, false")
    if name == "water_rating":
        if value in (1, 2, 3, 4, 5) and not isinstance(value, bool):
            return value
        if value in ("1", "2", "3", "4", "5"):
            return int(str(value))
        raise Invalid("attribute_invalid", attribute=name, allowed="1–5")
    return value
