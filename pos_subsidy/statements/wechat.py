"""WeChat Pay trade bills, in the column sets of 2014 and 2019, whole or SUCCESS or REFUND only.

A SUCCESS bill lacks the columns of refunds and says nothing about them; a REFUND bill holds
refunds only, under the moment of the sale, and tells in two columns of its own when each was
asked for and paid.
"""

from collections.abc import Mapping

from pos_subsidy.domain.amounts import amount_fen, moment_of
from pos_subsidy.errors import Invalid
from pos_subsidy.statements import backtick
from pos_subsidy.statements.order_numbers import order_no
from pos_subsidy.statements.rows import Row, Statement, broken

_ORDER_NO, _AT, _STATUS, _MERCHANT = "商户订单号", "交易时间", "交易状态", "商户号"
_REFUNDED_AT = ("退款申请时间", "退款成功时间")
_PAID = ("订单金额", "应结订单金额", "总金额")
_SETTLED = ("应结订单金额", "总金额")
_GIVEN_BACK = ("申请退款金额", "退款金额")
_SETTLED_BACK = ("退款金额",)
_COUNT = "总交易单数"
# Each total is the sum of one column, over payments or over refunds.
_TOTALS = (
    ("订单总金额", "订单金额", False),
    ("应结订单总金额", "应结订单金额", False),
    ("总交易额", "总金额", False),
    ("申请退款总金额", "申请退款金额", True),
    ("退款总金额", "退款金额", True),
    ("总退款金额", "退款金额", True),
)
_GIVING_BACK = ("REFUND", "REVOKED")
_STATES = ("SUCCESS", *_GIVING_BACK)
_REFUND_NO = ("商户退款单号", "微信退款单号")
_REFUND_STATUS = "退款状态"
_ACCEPTED = ("PROCESSING",)
# CHANGE: the money came back to the merchant, the customer's account could not take it.
_FAILED = ("FAIL", "CLOSED", "REFUNDCLOSE", "CHANGE", "ABNORMAL")


def is_bill(text: str) -> bool:
    first = text.split("\n", 1)[0]
    return first.startswith(f"{_AT},") and _ORDER_NO in first


def read(text: str, filename: str) -> Statement:
    """Read a bill and check its totals.

    Raises:
        Invalid: ``file_cut``, ``file_totals_differ``, ``file_column_missing`` or ``file_row``.
    """
    table = backtick.read(text, filename, totals="总")
    backtick.must_have(table, filename, _ORDER_NO, _STATUS)
    if not set(_PAID) & set(table.header):
        raise Invalid("file_column_missing", filename=filename, column=_PAID[0])
    rows = [_row(named, number, filename) for number, named in table.rows]
    _check(table, rows, filename)
    return Statement(_kind(table.header), filename, tuple(rows))


def _kind(header: tuple[str, ...]) -> str:
    if _REFUNDED_AT[0] in header:
        return "wechat_refunds"
    return "wechat" if set(_GIVEN_BACK) & set(header) else "wechat_payments"


def _row(named: Mapping[str, str], number: int, filename: str) -> Row:
    if named[_STATUS] not in _STATES:
        raise broken(filename, number, _STATUS, "unknown")
    back = named[_STATUS] in _GIVING_BACK
    try:
        # A refund stands under the moment of its sale where the bill tells its own beside it.
        day, at = moment_of(next((named[name] for name in _REFUNDED_AT if named.get(name)), named[_AT]))
    except ValueError as error:
        raise broken(filename, number, _AT, str(error)) from None
    columns = _GIVEN_BACK if back else _PAID
    try:
        amount = _first(named, columns)
        settled = _first(named, _SETTLED_BACK if back else _SETTLED)
    except ValueError as error:
        raise broken(filename, number, columns[0], str(error)) from None
    return Row(
        number,
        order_no(named[_ORDER_NO], number, filename, column=_ORDER_NO),
        day,
        at,
        abs(amount),
        back,
        channel="wechat",
        status=named[_STATUS],
        ref=next((named[name] for name in _REFUND_NO if named.get(name)), "") if back else "",
        refund_state=_refund_state(named.get(_REFUND_STATUS, "")),
        merchant=named.get(_MERCHANT, ""),
        settled_fen=abs(settled),
    )


def _refund_state(written: str) -> str:
    status = written.upper()
    return "accepted" if status in _ACCEPTED else "failed" if status in _FAILED else "paid"


def _first(named: Mapping[str, str], names: tuple[str, ...]) -> int:
    """Return the first amount that says something."""
    found = [amount_fen(named[name]) for name in names if named.get(name)]
    return next((amount for amount in found if amount), 0)


def _check(table: backtick.Table, rows: list[Row], filename: str) -> None:
    try:
        pairs = [(backtick.count(table.totals[_COUNT]), len(rows))]
        for total, column, back in _TOTALS:
            if total in table.totals and column in table.header:
                pairs.append((amount_fen(table.totals[total]), _sum(table, rows, column, back=back)))
    except (ValueError, KeyError):
        raise Invalid("file_cut", filename=filename) from None
    # Of the sums there must be one for each side that the bill tells.
    told = {back for total, column, back in _TOTALS if total in table.totals and column in table.header}
    if not {row.refund for row in rows} <= told:
        raise Invalid("file_cut", filename=filename)
    for said, found in pairs:
        if said != found:
            raise Invalid("file_totals_differ", filename=filename, told=said, found=found)


def _sum(table: backtick.Table, rows: list[Row], column: str, *, back: bool) -> int:
    written = (named[column] for row, (_, named) in zip(rows, table.rows, strict=True) if row.refund is back)
    return sum(abs(amount_fen(one)) for one in written if one)
