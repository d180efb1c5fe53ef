"""Exports of POS and ERP programs: one line for each item sold."""

from collections.abc import Mapping, Sequence
from typing import Any

from pos_subsidy.domain.amounts import amount_fen, moment_of
from pos_subsidy.errors import Invalid
from pos_subsidy.protocol.table import read_table
from pos_subsidy.statements.order_numbers import must_be_whole, order_no
from pos_subsidy.statements.rows import Row, Statement, broken
from pos_subsidy.statements.totals import check, is_totals_of

HEADINGS = {
    "order_no": ("订单号", "订单编号", "单号", "销售单号", "商户订单号"),
    "at": ("下单时间", "销售时间", "交易时间", "时间", "日期", "下单日期"),
    "gtin": ("商品条码", "条码"),
    "quantity": ("数量", "qty"),
    "price": ("成交价", "成交金额", "销售金额", "应收金额", "金额"),
    "subsidy": ("国补金额", "补贴金额", "政府补贴", "国补", "补贴"),
    "payable": ("实付金额", "实收金额", "顾客实付", "实收"),
    "channel": ("支付方式", "付款方式", "收款方式"),
    "status": ("状态", "订单状态"),
}
_NEEDED = ("order_no", "at", "price", "subsidy", "payable")
_CHANNELS = {
    "wechat": ("微信", "wechat"),
    "alipay": ("支付宝", "alipay"),
    "unionpay": ("银联", "云闪付", "unionpay"),
    "cash": ("现金", "cash"),
    "card": ("银行卡", "刷卡", "card"),
}
_RETURNED = ("退", "取消", "作废", "关闭", "returned", "refunded", "cancelled")


def read(content: bytes, filename: str, *, headings: Mapping[str, Sequence[str]] = HEADINGS) -> Statement:
    """Read an export under the headings that are known, or under those of a mapping.

    Raises:
        Invalid: ``file_unknown``, ``file_column_missing``, ``file_row``, ``file_spoilt``.
    """
    table = read_table(content, filename, headings)
    missing = [name for name in _NEEDED if name not in table.fields]
    if missing:
        wanted = "、".join(headings.get(name, HEADINGS[name])[0] for name in missing)
        raise Invalid("file_column_missing", filename=filename, column=wanted)
    check(table.rows, ("price", "subsidy", "payable"), filename)
    called = {name: headings[name][0] for name in headings}
    rows = tuple(_row(named, line, filename, called) for line, named in table.rows if not is_totals_of(named))
    must_be_whole(rows, filename, column=called["order_no"])
    return Statement("pos", filename, rows, at_column=called["at"], order_column=called["order_no"])


def _row(named: Mapping[str, Any], line: int, filename: str, called: Mapping[str, str]) -> Row:
    try:
        price, subsidy, payable = (_amount(named, name) for name in ("price", "subsidy", "payable"))
    except ValueError as error:
        field, cause = error.args
        raise broken(filename, line, called[field], cause) from None
    try:
        day, at = moment_of(named["at"])
    except ValueError:
        raise broken(filename, line, called["at"], "date") from None
    status = str(named.get("status") or "").strip()
    try:
        quantity = int(str(named.get("quantity") or 1).strip() or 1)
    except ValueError:
        raise broken(filename, line, called["quantity"], "quantity") from None
    return Row(
        line=line,
        order_no=order_no(named["order_no"], line, filename, column=called["order_no"]),
        business_date=day,
        at=at,
        amount_fen=payable,
        refund=any(word in status for word in _RETURNED),
        price_fen=price,
        subsidy_fen=subsidy,
        payable_fen=payable,
        channel=_channel(str(named.get("channel") or "")),
        status=status,
        quantity=quantity,
    )


def _amount(named: Mapping[str, Any], name: str) -> int:
    try:
        return amount_fen(named[name])
    except ValueError as error:
        raise ValueError(name, str(error)) from None


def _channel(written: str) -> str | None:
    return next(
        (channel for channel, words in _CHANNELS.items() if any(word in written.lower() for word in words)),
        None,
    )
