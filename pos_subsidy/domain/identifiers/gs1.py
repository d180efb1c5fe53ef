"""GS1 element strings: a bar code of several fields, each after its application identifier.

``(01)06901234567892(21)SN-0001`` as people read it; a scanner sends ``0106901234567892``
``21SN-0001``, with the character FNC1 (ASCII 29) after every field of no fixed length that
is not the last one. Many scanners lose that character. Then a serial number with ``10``
inside may be a serial number and a lot, and every reading is returned.

>>> readings("(01)06901234567892(21)SN-0001", certain=False)
({'01': '06901234567892', '21': 'SN-0001'},)

Source: GS1 General Specifications, section 7.8; the identifiers are python-stdnum's list.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from stdnum import numdb

from pos_subsidy.domain.identifiers import gtin as gtins
from pos_subsidy.errors import Invalid

GTIN, SERIAL = "01", "21"
LONGEST = 200
_FNC1 = "\x1d"
_IN_BRACKETS = re.compile(r"\((\d{2,4})\)", re.ASCII)
_PART = re.compile(r"(\[?)([NXYZ])(\.\.)?(\d+)")
_CHARACTERS = {
    "N": "[0-9]",
    "X": r"""[!"%-?A-Z_a-z]""",
    "Y": "[#-/0-9A-Z]",
    "Z": "[-_=0-9A-Za-z]",
}
# What may follow a field whose FNC1 was lost. Any more would find a break in every number.
_MAY_FOLLOW = re.compile(r"10.|21.|1[17][0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])(?:[0-9]{2}|$)")


def readings(text: str, *, certain: bool) -> tuple[Mapping[str, str], ...]:
    """Return every way to read the text, the longest fields first; nothing where it is no GS1 string.

    ``certain`` says that the scanner named the text a GS1 string. Otherwise brackets, or a
    GTIN as the first field, must show it.

    Raises:
        Invalid: ``identifier_invalid``, a GS1 string's GTIN is wrong.
    """
    if len(text) > LONGEST:
        return ()
    bracketed = text.startswith("(") and _IN_BRACKETS.match(text) is not None
    text = text.lstrip(_FNC1)
    if bracketed:
        found = tuple(_of_brackets(text))
    elif certain or text.startswith(GTIN):
        found = tuple(_of_fields(text, frozenset(), lost=_FNC1 not in text))
    else:
        return ()
    good = tuple(one for one in found if _is_good(one))
    if found and not good and (certain or bracketed or _FNC1 in text):
        _check(found[0])
    return good


def _check(reading: Mapping[str, str]) -> None:
    if GTIN in reading:
        gtins.validate(reading[GTIN])


def _is_good(reading: Mapping[str, str]) -> bool:
    try:
        _check(reading)
    except Invalid:
        return False
    return True


def _of_brackets(text: str) -> Iterator[dict[str, str]]:
    _, *parts = _IN_BRACKETS.split(text)
    names, values = parts[::2], parts[1::2]
    known = all(
        _identifier(name) == name and _shape(name).fullmatch(value)
        for name, value in zip(names, values, strict=True)
    )
    if known and len(set(names)) == len(names):
        yield dict(zip(names, values, strict=True))


def _of_fields(text: str, before: frozenset[str], *, lost: bool) -> Iterator[dict[str, str]]:
    if not text:
        yield {}
        return
    name = _identifier(text)
    if name is None or name in before:
        return
    for value, rest in _values(name, text[len(name) :], lost=lost):
        for others in _of_fields(rest, before | {name}, lost=lost):
            yield {name: value, **others}


def _values(name: str, text: str, *, lost: bool) -> Iterator[tuple[str, str]]:
    """Yield what the field may hold, each with the text after it."""
    shape = _shape(name)
    if not _ends_by_fnc1(name):
        if found := shape.match(text):
            yield found[0], text[found.end() :].removeprefix(_FNC1)
        return
    run, _, rest = text.partition(_FNC1)
    if shape.fullmatch(run):
        yield run, rest
    if lost:
        for end in range(len(run) - 1, 0, -1):
            if _MAY_FOLLOW.match(run, end) and shape.fullmatch(run[:end]):
                yield run[:end], run[end:]


def _identifier(text: str) -> str | None:
    name, known = _list().info(text)[0]
    return str(name) if known else None


def _ends_by_fnc1(name: str) -> bool:
    return bool(_list().info(name)[0][1].get("fnc1"))


@lru_cache
def _shape(name: str) -> re.Pattern[str]:
    written = _list().info(name)[0][1]["format"]
    return re.compile(
        "".join(
            f"{_CHARACTERS[letters]}{{{0 if optional else 1 if up_to else most},{most}}}"
            for optional, letters, up_to, most in _PART.findall(written)
        )
    )


@lru_cache
def _list() -> numdb.NumDB:
    return numdb.get("gs1_ai")
