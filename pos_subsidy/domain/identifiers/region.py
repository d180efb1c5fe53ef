"""Regions by code (GB/T 2260): Jiaxing and its counties."""

_NAMES = {
    "330400": ("嘉兴市", "Jiaxing"),
    "330402": ("嘉兴市南湖区", "Nanhu, Jiaxing"),
    "330411": ("嘉兴市秀洲区", "Xiuzhou, Jiaxing"),
    "330421": ("嘉善县", "Jiashan"),
    "330424": ("海盐县", "Haiyan"),
    "330481": ("海宁市", "Haining"),
    "330482": ("平湖市", "Pinghu"),
    "330483": ("桐乡市", "Tongxiang"),
}


def name_of(code: str) -> tuple[str, str]:
    """Return the name in Chinese and English; the code itself where it is unknown."""
    return _NAMES.get(code, (code, code))


def is_in(code: str, prefix: str) -> bool:
    """Say whether a region lies in another; trailing zeros of ``prefix`` stand for all of it."""
    return code.startswith(prefix.rstrip("0"))


def districts_of(city: str) -> tuple[str, ...]:
    """Return the known counties and districts of a city (its four first digits), in the order of codes."""
    return tuple(code for code in sorted(_NAMES) if code.startswith(city[:4]) and not code.endswith("00"))
