"""Readers of real files: bills of the channels, exports of POS programs, catalogues."""

from collections.abc import Mapping
from types import MappingProxyType

from pos_subsidy.errors import Invalid
from pos_subsidy.protocol.encoding import decode, unzipped
from pos_subsidy.statements import alipay, mapping, pos, wechat, wechat_funds
from pos_subsidy.statements.mapping import ColumnMapping, Proposal
from pos_subsidy.statements.rows import Row, Statement, must_be_of_day

__all__ = ["ColumnMapping", "Proposal", "Row", "Statement", "must_be_of_day", "propose", "read", "suited"]
_NONE: Mapping[str, ColumnMapping] = MappingProxyType({})


def read(
    content: bytes,
    filename: str,
    *,
    kind: str | None = None,
    mappings: Mapping[str, ColumnMapping] = _NONE,
) -> Statement:
    """Read a statement file, whatever it is; ``kind`` is what it must be, where that is known.

    ``mappings`` are those remembered for headings that are not known by themselves.

    Raises:
        Invalid: it is none we know (``file_unknown``), damaged, cut, or a row is wrong; each
            with the file's name and, where there is one, the line.
    """
    found = _read(unzipped(content, filename), filename, mappings)
    if kind is not None and found.kind != kind:
        raise Invalid("file_unknown", filename=filename)
    return found


def propose(content: bytes, filename: str) -> Proposal | None:
    """Return which column of a table seems to be what; None if it is no table.

    Raises:
        Invalid: it cannot be opened at all.
    """
    return mapping.propose(unzipped(content, filename), filename)


def suited(content: bytes, filename: str, by: ColumnMapping) -> str | None:
    """Return the fingerprint under which to remember a mapping for a file, if it suits it."""
    return mapping.suited(unzipped(content, filename), filename, by)


def _read(content: bytes, filename: str, mappings: Mapping[str, ColumnMapping]) -> Statement:
    if not content.strip():
        raise Invalid("file_unknown", filename=filename)
    if content.startswith(b"PK\x03\x04"):
        bundle = None if b"[Content_Types].xml" in content else alipay.unpack(content, filename)
        if bundle is not None:
            detail, summary = bundle
            return alipay.read(detail, filename, summary=summary)
        return _table(content, filename, mappings)
    text, _ = decode(content, filename)
    if wechat.is_bill(text):
        return wechat.read(text, filename)
    if wechat_funds.is_bill(text):
        return wechat_funds.read(text, filename)
    if alipay.is_detail(text):
        return alipay.read(text, filename)
    return _table(content, filename, mappings)


def _table(content: bytes, filename: str, mappings: Mapping[str, ColumnMapping]) -> Statement:
    known = mapping.mapped_by(content, filename, mappings)
    return mapping.read(content, filename, known) if known else pos.read(content, filename)
