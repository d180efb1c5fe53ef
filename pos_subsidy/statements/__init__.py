"""Readers of real files: bills of the channels, exports of POS programs, catalogues."""

from pos_subsidy.errors import Invalid
from pos_subsidy.statements import alipay, pos, wechat, wechat_funds
from pos_subsidy.statements.encoding import decode, unzipped
from pos_subsidy.statements.rows import Row, Statement, must_be_of_day

__all__ = ["Row", "Statement", "must_be_of_day", "read"]


def read(content: bytes, filename: str, *, kind: str | None = None) -> Statement:
    """Read a statement file, whatever it is; ``kind`` is what it must be, where that is known.

    Raises:
        Invalid: it is none we know (``file_unknown``), damaged, cut, or a row is wrong; each
            with the file's name and, where there is one, the line.
    """
    found = _read(unzipped(content, filename), filename)
    if kind is not None and found.kind != kind:
        raise Invalid("file_unknown", filename=filename)
    return found


def _read(content: bytes, filename: str) -> Statement:
    if not content.strip():
        raise Invalid("file_unknown", filename=filename)
    if content.startswith(b"PK\x03\x04"):
        bundle = None if b"[Content_Types].xml" in content else alipay.unpack(content, filename)
        if bundle is not None:
            detail, summary = bundle
            return alipay.read(detail, filename, summary=summary)
        return pos.read(content, filename)
    text, _ = decode(content, filename)
    if wechat.is_bill(text):
        return wechat.read(text, filename)
    if wechat_funds.is_bill(text):
        return wechat_funds.read(text, filename)
    if alipay.is_detail(text):
        return alipay.read(text, filename)
    return pos.read(content, filename)
