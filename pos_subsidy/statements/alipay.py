"""Alipay business details (业务明细): a framed table, usually zipped beside its summary."""

import csv
import io
import re
import struct
import zipfile
import zlib

from pos_subsidy.domain.amounts import amount_fen, moment_of
from pos_subsidy.errors import Invalid
from pos_subsidy.protocol.encoding import MAX_BYTES, decode
from pos_subsidy.statements.order_numbers import order_no
from pos_subsidy.statements.rows import Row, Statement, broken

_FIRST, _ORDER_NO, _KIND, _AT, _AMOUNT = (
    "支付宝交易号",
    "商户订单号",
    "业务类型",
    "完成时间",
    "订单金额（元）",
)
_ACCOUNT = re.compile(r"#账号：\[([0-9A-Za-z@._-]+)\]")
_COUNTS = {"交易": re.compile(r"#交易合计：(\d{1,9})笔"), "退款": re.compile(r"#退款合计：(\d{1,9})笔")}
_SUMMARY_COUNTS = {"交易订单总笔数": False, "退款订单总笔数": True}


def is_detail(text: str) -> bool:
    return text.startswith("#支付宝业务明细")


def unpack(content: bytes, filename: str) -> tuple[str, str | None] | None:
    """Return detail and summary of a zip as text, or None if it holds no business detail.

    Raises:
        Invalid: ``file_cut``, the zip is damaged; ``file_password``; ``file_too_large``.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_BYTES:
                raise Invalid("file_too_large", filename=filename)
            texts = [_text(archive, entry, filename) for entry in archive.infolist() if not entry.is_dir()]
    except RuntimeError:
        raise Invalid("file_password", filename=filename) from None
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError):
        raise Invalid("file_cut", filename=filename) from None
    detail = next((text for text in texts if is_detail(text)), None)
    summary = next((text for text in texts if text.startswith("#支付宝业务汇总")), None)
    return (detail, summary) if detail is not None else None


def read(text: str, filename: str, *, summary: str | None = None) -> Statement:
    """Read a detail and check it against its closing lines and the summary.

    Raises:
        Invalid: ``file_cut``, ``file_totals_differ`` or ``file_row``.
    """
    lines = [line.rstrip("\r") for line in text.split("\n")]
    start = next((at for at, line in enumerate(lines) if line.startswith(_FIRST)), None)
    end = next((at for at, line in enumerate(lines) if "明细列表结束" in line), None)
    if start is None or end is None:
        raise Invalid("file_cut", filename=filename)
    header = [name.strip() for name in lines[start].split(",")]
    for name in (_ORDER_NO, _KIND, _AT, _AMOUNT):
        if name not in header:
            raise Invalid("file_column_missing", filename=filename, column=name)
    account = next((found[1] for line in lines[:start] if (found := _ACCOUNT.match(line))), "")
    rows = [
        _row(header, line, number, filename, account)
        for number, line in enumerate(lines[start + 1 : end], start=start + 2)
        if line.strip()
    ]
    _check_counts("\n".join(lines[end:]), rows, filename)
    if summary is not None:
        _check_summary(summary, rows, filename)
    return Statement("alipay", filename, tuple(rows))


def _row(header: list[str], line: str, number: int, filename: str, account: str) -> Row:
    try:
        fields = [field.strip() for field in next(csv.reader([line]))]
    except (csv.Error, StopIteration):
        raise broken(filename, number, "", "columns") from None
    if len(fields) != len(header):
        raise broken(filename, number, "", "columns")
    named = dict(zip(header, fields, strict=True))
    try:
        day, at = moment_of(named[_AT])
    except ValueError as error:
        raise broken(filename, number, _AT, str(error)) from None
    try:
        amount = amount_fen(named[_AMOUNT])
    except ValueError as error:
        raise broken(filename, number, _AMOUNT, str(error)) from None
    back = named[_KIND] == "退款" or amount < 0
    return Row(
        number,
        order_no(named[_ORDER_NO], number, filename, column=_ORDER_NO),
        day,
        at,
        abs(amount),
        back,
        channel="alipay",
        status=named[_KIND],
        merchant=account,
    )


def _check_counts(closing: str, rows: list[Row], filename: str) -> None:
    for kind, pattern in _COUNTS.items():
        told = pattern.search(closing)
        found = sum(row.refund == (kind == "退款") for row in rows)
        if told is None:
            raise Invalid("file_cut", filename=filename)
        if int(told[1]) != found:
            raise Invalid("file_totals_differ", filename=filename, told=told[1], found=found)


def _check_summary(summary: str, rows: list[Row], filename: str) -> None:
    try:
        lines = [[field.strip() for field in fields] for fields in csv.reader(io.StringIO(summary))]
    except csv.Error:
        raise Invalid("file_cut", filename=filename) from None
    header = next((fields for fields in lines if "交易订单总笔数" in fields), None)
    total = next((fields for fields in lines if fields and fields[0] == "合计"), None)
    if header is None or total is None or len(header) != len(total):
        raise Invalid("file_cut", filename=filename)
    named = dict(zip(header, total, strict=True))
    net_fen = sum(-row.amount_fen if row.refund else row.amount_fen for row in rows)
    try:
        pairs = [
            (int(named[column]), sum(row.refund == back for row in rows))
            for column, back in _SUMMARY_COUNTS.items()
        ]
        pairs.append((amount_fen(named[_AMOUNT]), net_fen))
    except (ValueError, KeyError):
        raise Invalid("file_cut", filename=filename) from None
    for told, found in pairs:
        if told != found:
            raise Invalid("file_totals_differ", filename=filename, told=told, found=found)


def _text(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, filename: str) -> str:
    return decode(archive.read(entry), filename)[0]
