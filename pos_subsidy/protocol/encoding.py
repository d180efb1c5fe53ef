"""Turns a file's bytes into text: UTF-8 where it is, else GB18030 as Chinese shop software writes."""

import codecs
import gzip
import zlib
from collections.abc import Iterable

from pos_subsidy.errors import Invalid

_NAMES = {
    "utf-8": "utf-8-sig",
    "utf8": "utf-8-sig",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
}
MAX_BYTES = 64 * 1024 * 1024


def decode(content: bytes, filename: str, *, said: str | None = None) -> tuple[str, str]:
    """Return the text and the name of its encoding.

    Raises:
        Invalid: ``file_encoding``: it is not in the encoding that was said, or in none we know.
    """
    if said is not None:
        codec = _NAMES.get(said.lower())
        if codec is None:
            raise Invalid("file_encoding", filename=filename, said=said)
        try:
            return _read(content, codec), said.lower()
        except ValueError:
            raise Invalid("file_encoding", filename=filename, said=said) from None
    for codec, name in (("utf-8-sig", "utf-8"), ("gb18030", "gb18030")):
        try:
            return _read(content, codec), name
        except ValueError:
            continue
    raise Invalid("file_encoding", filename=filename, said="UTF-8, GB18030")


def codec_of(parts: Iterable[bytes], filename: str) -> str:
    """Return by which codec a file of these parts can be read; looks at all, keeps none.

    Raises:
        Invalid: ``file_encoding``.
    """
    # The first Chinese word of a long file may stand on its last line.
    known = {codec: codecs.getincrementaldecoder(codec)("strict") for codec in ("utf-8-sig", "gb18030")}
    for part in parts:
        for codec, decoder in list(known.items()):
            try:
                _decoded(part, decoder)
            except ValueError:
                del known[codec]
    if not known:
        raise Invalid("file_encoding", filename=filename, said="UTF-8, GB18030")
    return next(iter(known))


def unzipped(content: bytes, filename: str) -> bytes:
    """Return what a gzip file holds; anything else as it is.

    Raises:
        Invalid: ``file_cut``, the compressed file ends too early.
    """
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        inflating = zlib.decompressobj(wbits=31)
        text = inflating.decompress(content, MAX_BYTES)
    except (zlib.error, gzip.BadGzipFile):
        raise Invalid("file_cut", filename=filename) from None
    if not inflating.eof:
        raise Invalid("file_cut", filename=filename)
    return text


def _read(content: bytes, codec: str) -> str:
    return _decoded(content, codecs.getincrementaldecoder(codec)("strict"))


def _decoded(part: bytes, decoder: codecs.IncrementalDecoder) -> str:
    # A file that ends in the middle of a character is a cut one, not one of another encoding;
    # whoever reads it will find its end missing.
    text = decoder.decode(part, final=False)
    # GB18030 read as UTF-8 fails; binary data read as GB18030 often does not.
    if "\x00" in text:
        raise ValueError("binary")
    return text
