"""Exports whose headings nobody knows: which column is what, proposed, corrected, remembered."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pos_subsidy.domain.amounts import amount_fen, moment_of
from pos_subsidy.errors import Invalid
from pos_subsidy.protocol.table import Table, fingerprint, headings_of, lines_of, read_table
from pos_subsidy.statements import pos
from pos_subsidy.statements.order_numbers import must_be_whole, order_no
from pos_subsidy.statements.rows import Row, Statement, broken
from pos_subsidy.statements.totals import check, is_totals, is_totals_of

KINDS = ("unionpay", "card", "pos")
CHANNEL_FIELDS = ("order_no", "at", "amount", "refund", "status", "merchant")
POS_FIELDS = ("order_no", "at", "price", "subsidy", "payable", "status", "channel")
FIELDS = tuple(dict.fromkeys((*CHANNEL_FIELDS, *POS_FIELDS)))
_NEEDED = {"pos": ("order_no", "at", "price", "subsidy", "payable")}
_NEEDED_OF_CHANNEL = ("order_no", "at", "amount")
# The first heading that holds the first of these words wins; taken ones are not offered again.
_HINTS = {
    "merchant": ("商户号", "商户编号", "商户代码", "merchant"),
    "order_no": (*pos.HEADINGS["order_no"], "订单", "凭证号", "流水", "参考号", "order", "reference"),
    "at": ("交易时间", "交易日期", "入账时间", "时间", "日期", "time", "date"),
    "refund": ("退款金额", "退货金额", "撤销金额", "退款", "退货", "refund"),
    "subsidy": (*pos.HEADINGS["subsidy"], "subsidy"),
    "price": ("成交价", "成交金额", "销售金额", "应收", "原价", "价", "price"),
    "payable": (*pos.HEADINGS["payable"], "实付", "实收", "paid"),
    "amount": ("交易金额", "收款金额", "入账金额", "金额", "amount"),
    "status": ("交易状态", "状态", "交易类型", "类型", "status", "type"),
    "channel": ("支付方式", "付款方式", "收款方式", "方式", "channel"),
}
_GIVEN_BACK = ("退", "撤", "冲正", "refund", "revers", "void")
_NOT_MOVED = ("失败", "关闭", "未支付", "待支付", "fail", "closed", "declined")
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Which heading is which of our fields, and whose file it is."""

    kind: str
    columns: Mapping[str, str]

    def __post_init__(self) -> None:
        needed = _NEEDED.get(self.kind, _NEEDED_OF_CHANNEL)
        wrong = [name for name in self.columns if name not in FIELDS]
        missing = [name for name in needed if not self.columns.get(name)]
        if self.kind not in KINDS or wrong or missing:
            raise Invalid("mapping_invalid", field=", ".join(wrong or missing or [self.kind]))


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a file seems to hold, for a person to correct."""

    filename: str
    fingerprint: str
    headings: tuple[str, ...]
    first_rows: tuple[tuple[str, ...], ...]
    kind: str
    columns: Mapping[str, str]


def propose(content: bytes, filename: str) -> Proposal | None:
    """Return a guess by headings and first rows; None if the file holds no table.

    Raises:
        Invalid: it cannot be opened at all.
    """
    lines, _ = lines_of(content, filename)
    found = headings_of(lines)
    if found is None:
        return None
    place, headings = found
    first = [fields for _, fields in lines[place + 1 :] if not is_totals(fields)][:_SHOWN]
    columns = _guess(headings, first)
    kind = "pos" if "subsidy" in columns else "unionpay" if _is_unionpay(filename, headings) else "card"
    kept = POS_FIELDS if kind == "pos" else CHANNEL_FIELDS
    shown = tuple(tuple("" if one is None else str(one) for one in fields) for fields in first)
    return Proposal(
        filename,
        fingerprint(headings),
        headings,
        shown,
        kind,
        {name: heading for name, heading in columns.items() if name in kept},
    )


def suited(content: bytes, filename: str, mapping: ColumnMapping) -> str | None:
    """Return the fingerprint of a file's headings if the mapping's are among them."""
    try:
        found = headings_of(lines_of(content, filename)[0])
    except Invalid:
        return None
    wanted = {heading for heading in mapping.columns.values() if heading}
    return fingerprint(found[1]) if found and wanted <= set(found[1]) else None


def mapped_by(content: bytes, filename: str, known: Mapping[str, ColumnMapping]) -> ColumnMapping | None:
    """Return the mapping that is remembered for a file's headings, if there is one."""
    if not known:
        return None
    lines, _ = lines_of(content, filename)
    found = headings_of(lines)
    return known.get(fingerprint(found[1])) if found else None


def read(content: bytes, filename: str, mapping: ColumnMapping) -> Statement:
    """Read an export by its mapping.

    Raises:
        Invalid: ``file_column_missing``, ``file_row``, ``file_spoilt``, ``file_totals_differ``.
    """
    headings = {name: (heading,) for name, heading in mapping.columns.items() if heading}
    if mapping.kind == "pos":
        return pos.read(content, filename, headings=headings)
    table = read_table(content, filename, headings)
    must_have(table, headings, filename)
    check(table.rows, ("amount", "refund"), filename)
    rows: list[Row] = []
    for line, named in table.rows:
        if not is_totals_of(named):
            rows += _rows(named, line, filename, mapping)
    must_be_whole(rows, filename, column=mapping.columns["order_no"])
    return Statement(
        mapping.kind,
        filename,
        tuple(rows),
        at_column=mapping.columns["at"],
        order_column=mapping.columns["order_no"],
    )


def must_have(table: Table, headings: Mapping[str, Sequence[str]], filename: str) -> None:
    """Pass if the file has every column that its mapping names.

    Raises:
        Invalid: ``file_column_missing``.
    """
    for name, spellings in headings.items():
        if name not in table.fields:
            raise Invalid("file_column_missing", filename=filename, column=spellings[0])


def _rows(named: Mapping[str, Any], line: int, filename: str, mapping: ColumnMapping) -> list[Row]:
    """Return the payment of a line, and its refund where a column of its own tells one."""
    status = str(named.get("status") or "").strip()
    lowered = status.lower()
    paid = _amount(named, "amount", line, filename, mapping)
    given = _amount(named, "refund", line, filename, mapping)
    number = order_no(named["order_no"], line, filename, column=mapping.columns["order_no"])
    try:
        day, at = moment_of(named["at"])
    except ValueError as error:
        raise broken(filename, line, mapping.columns["at"], str(error)) from None
    failed = any(word in lowered for word in _NOT_MOVED)
    back = paid < 0 or any(word in lowered for word in _GIVEN_BACK)
    if back and given:
        # The line is the refund itself; its amount tells the payment it belongs to.
        paid = 0
    merchant = str(named.get("merchant") or "").strip().lstrip("`'").strip()
    moved = ((abs(paid), back), (abs(given), True))
    return [
        Row(
            line,
            number,
            day,
            at,
            fen,
            refund,
            channel=mapping.kind,
            status=status,
            refund_state="failed" if failed else "paid",
            merchant=merchant,
        )
        for fen, refund in moved
        if fen and (refund or not failed)
    ]


def _amount(named: Mapping[str, Any], name: str, line: int, filename: str, mapping: ColumnMapping) -> int:
    written = named.get(name)
    if name == "refund" and str(written or "").strip() in ("", "-", "--"):
        return 0
    try:
        return amount_fen(written)
    except ValueError as error:
        raise broken(filename, line, mapping.columns[name], str(error)) from None


def _guess(headings: Sequence[str], first: Sequence[Sequence[Any]]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for name, words in _HINTS.items():
        fitting = [
            heading
            for place, heading in enumerate(headings)
            if heading and heading not in columns.values() and _fits(name, place, first)
        ]
        found = next(
            (heading for word in words for heading in fitting if word.lower() in heading.lower()), None
        )
        if found:
            columns[name] = found
    for name in _NEEDED_OF_CHANNEL:
        if name not in columns and not (name == "amount" and "payable" in columns):
            by_look = [
                heading
                for place, heading in enumerate(headings)
                if heading and heading not in columns.values() and first and _looks(name, place, first)
            ]
            if by_look:
                columns[name] = by_look[0]
    return columns


def _fits(name: str, place: int, first: Sequence[Sequence[Any]]) -> bool:
    """Say whether the first rows do not contradict that this column is the field."""
    values = [fields[place] for fields in first if place < len(fields) and str(fields[place] or "").strip()]
    if name == "at":
        return all(_is(moment_of, value) for value in values)
    if name in ("amount", "refund", "price", "payable", "subsidy"):
        return all(_is(amount_fen, value) for value in values)
    return True


def _looks(name: str, place: int, first: Sequence[Sequence[Any]]) -> bool:
    values = ["" if place >= len(fields) or fields[place] is None else fields[place] for fields in first]
    if not all(str(value).strip() for value in values):
        return False
    if name == "order_no":
        texts = [unicodedata.normalize("NFKC", str(value)).strip("`' \t") for value in values]
        plain = all(text.isascii() and text.replace("-", "").isalnum() for text in texts)
        return plain and len(set(texts)) == len(texts) and len(texts[0]) > len("0000000")
    if name == "amount":
        return all(_is(amount_fen, value) and "." in str(value) for value in values)
    return _fits(name, place, first)


def _is(reading: Any, value: Any) -> bool:
    try:
        reading(value)
    except ValueError:
        return False
    return True


def _is_unionpay(filename: str, headings: Sequence[str]) -> bool:
    said = " ".join((filename, *headings)).lower()
    return any(word in said for word in ("银联", "云闪付", "unionpay", "ums"))


__all__ = ["KINDS", "ColumnMapping", "Proposal", "mapped_by", "propose", "read"]
