"""GS1 element strings, as bar codes on boxes carry them: application identifiers and their values.

>>> parse("(01)06901234567892(21)SN-0001")
{'01': '06901234567892', '21': 'SN-0001'}
>>> parse("]C10106901234567892" + "21SN-0001")
{'01': '06901234567892', '21': 'SN-0001'}
>>> parse("6901234567892") is None
True
"""

import re

SEPARATOR = "\x1d"  # FNC1, as scanners send it
_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_GS1_SYMBOLOGIES = ("]C1", "]e0", "]d2", "]Q3", "]J1")
_WRITTEN = re.compile(r"(?:\(\d{2,4}\)[^()]+)+", re.ASCII)
_ELEMENT = re.compile(r"\((\d{2,4})\)([^()]+)", re.ASCII)
# Length of the value; None where it ends with a separator or the text.
_FIXED = {"00": 18, "01": 14, "02": 14, "11": 6, "12": 6, "13": 6, "15": 6, "16": 6, "17": 6, "20": 2}
_VARIABLE = {"10": 20, "21": 20, "22": 20, "30": 8, "37": 8, "240": 30, "241": 30, "250": 30, "251": 30}


def parse(text: str) -> dict[str, str] | None:
    """Return values by application identifier, or None where the text is no element string.

    Brackets, a symbology prefix or a separator say that it is one; without them it is one
    only if it begins with a GTIN-14 and goes on with known identifiers to its end.
    """
    plain = without_symbology(text)
    if _WRITTEN.fullmatch(plain):
        return dict(_ELEMENT.findall(plain))
    marked = text.startswith(_GS1_SYMBOLOGIES) or SEPARATOR in text
    if not marked and not (plain.startswith("01") and plain[:16].isdigit() and len(plain) > 18):
        return None
    return _elements(plain.strip(SEPARATOR))


def without_symbology(text: str) -> str:
    """Return the text without the AIM prefix by which a scanner may name the symbology."""
    return text[3:] if _SYMBOLOGY.match(text) else text


def _elements(text: str) -> dict[str, str] | None:
    found: dict[str, str] = {}
    while text:
        name = next((text[:size] for size in (2, 3) if text[:size] in _FIXED or text[:size] in _VARIABLE), "")
        if not name or name in found:
            return None
        text = text[len(name) :]
        if name in _FIXED:
            value, text = text[: _FIXED[name]], text[_FIXED[name] :].removeprefix(SEPARATOR)
            if len(value) != _FIXED[name] or not (value.isascii() and value.isdigit()):
                return None
        else:
            value, _, text = text.partition(SEPARATOR)
            if not 0 < len(value) <= _VARIABLE[name]:
                return None
        found[name] = value
    return found or None
