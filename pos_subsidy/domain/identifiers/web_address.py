"""Web addresses as QR codes hold them, read strictly.

>>> parse("HTTP://Example.TEST:80/a?x=1").host
'example.test'
>>> parse("http://example.test@evil.test/").plain
False
>>> parse("http:\\\\\\\\example.test/") is None
True
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

_PORTS = {"http": 80, "https": 443}
# urlsplit drops line ends and tabs, and browsers take a backslash for a slash: an address
# with one of these means different hosts to different readers.
_PRINTABLE = re.compile(r"[!-\[\]-~]+")
_MOST_FIELDS = 50


@dataclass(frozen=True, slots=True)
class WebAddress:
    """The parts of an address. ``plain``: it names no user and no port of its own."""

    authority: str  # host with user and port, as written, in small letters
    host: str
    path: str
    fields: tuple[tuple[str, str], ...]
    plain: bool

    def values(self, name: str) -> tuple[str, ...]:
        """Return every value of a field of the query; more than one where it is repeated."""
        return tuple(value for key, value in self.fields if key == name)


def parse(text: str) -> WebAddress | None:
    """Return the parts of an ``http`` or ``https`` address, None where the text is none."""
    if not _PRINTABLE.fullmatch(text):
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
        fields = tuple(parse_qsl(parts.query, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    plain = "@" not in parts.netloc and port in (None, _PORTS[parts.scheme])
    return WebAddress(parts.netloc.lower(), parts.hostname, parts.path, fields, plain)
