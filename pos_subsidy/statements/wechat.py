"""WeChat Pay trade bills, in the column sets of 2014 and 2019, whole or SUCCESS or REFUND only.

Every field of a row starts with a backtick, and goods' names may hold commas: rows are cut
at comma and backtick, never at a comma alone.
"""

from pos_subsidy.errors import Invalid
from pos_subsidy.statements.amounts import amount_fen, moment_of
from pos_subsidy.statements.rows import Row, Statement, broken

_ORDER_NO = "商户订单号"
_STATUS = "交易状态"
_PAID = ("订单金额", "应结订单金额", "总金额")
_GIVEN_BACK = ("申请退款金额", "退款金额")
_COUNT = "总交易单数"
_PAID_TOTAL = ("订单总金额", "应结订单总金额", "总交易额")
_GIVEN_BACK_TOTAL = ("申请退款总金额", "退款总金额", "总退款金额")
_GIVING_BACK = ("REFUND", "REVOKED")
_REFUND_NO = ("商户退款单号", "微信退款单号")
_REFUND_STATUS = "退款状态"
_ACCEPTED = ("PROCESSING",)
# CHANGE: the money came back to the merchant, the customer's account could not take it.
_FAILED = ("FAIL", "CLOSED", "REFUNDCLOSE", "CHANGE", "ABNORMAL")


def is_bill(text: str) -> bool:
    first = text.split("\n", 1)[0]
    return first.startswith("交易时间,") and _ORDER_NO in first


def read(text: str, filename: str) -> Statement:
    """Read a bill and check its totals.

    Raises:
        Invalid: ``file_cut``, ``file_totals_differ`` or ``file_row``.
    """
    lines = text.splitlines()
    header = [name.strip() for name in lines[0].split(",")]
    rows: list[Row] = []
    totals: dict[str, str] | None = None
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        if line.startswith("总"):
            totals = _totals(line, lines[number : number + 1], filename)
            break
        rows.append(_row(header, line, number, filename))
    if totals is None:
        raise Invalid("file_cut", filename=filename)
    _check(totals, rows, filename)
    return Statement("wechat", filename, tuple(rows))


def _row(header: list[str], line: str, number: int, filename: str) -> Row:
    if not line.startswith("`"):
        raise broken(filename, number, "", "backtick")
    fields = line[1:].split(",`")
    if len(fields) < len(header):
        raise Invalid("file_cut", filename=filename)
    if len(fields) > len(header):
        raise broken(filename, number, "", "columns")
    named = dict(zip(header, (field.strip() for field in fields), strict=True))
    back = named.get(_STATUS) in _GIVING_BACK
    try:
        day, at = moment_of(named["交易时间"])
        amount = _first(named, _GIVEN_BACK if back else _PAID)
    except ValueError as error:
        raise broken(filename, number, "金额/时间", str(error)) from None
    return Row(
        number,
        named[_ORDER_NO],
        day,
        at,
        abs(amount),
        back,
        channel="wechat",
        status=named.get(_STATUS, ""),
        ref=next((named[name] for name in _REFUND_NO if named.get(name)), "") if back else "",
        refund_state=_refund_state(named.get(_REFUND_STATUS, "")),
    )


def _refund_state(written: str) -> str:
    status = written.upper()
    return "accepted" if status in _ACCEPTED else "failed" if status in _FAILED else "paid"


def _first(named: dict[str, str], names: tuple[str, ...]) -> int:
    """Return the first amount that says something."""
    found = [amount_fen(named[name]) for name in names if named.get(name)]
    return next((amount for amount in found if amount), 0)


def _totals(line: str, following: list[str], filename: str) -> dict[str, str]:
    if not following or not following[0].startswith("`"):
        raise Invalid("file_cut", filename=filename)
    values = following[0][1:].split(",`")
    names = line.split(",")
    if len(values) != len(names):
        raise Invalid("file_cut", filename=filename)
    return dict(zip(names, (value.strip() for value in values), strict=True))


def _check(totals: dict[str, str], rows: list[Row], filename: str) -> None:
    paid_fen = sum(row.amount_fen for row in rows if not row.refund)
    back_fen = sum(row.amount_fen for row in rows if row.refund)
    try:
        counted = int(totals[_COUNT])
        told_paid = _first(totals, _PAID_TOTAL)
        told_back = _first(totals, _GIVEN_BACK_TOTAL)
    except (ValueError, KeyError):
        raise Invalid("file_cut", filename=filename) from None
    for told, found in ((counted, len(rows)), (told_paid, paid_fen), (told_back, back_fen)):
        if told != found:
            raise Invalid("file_totals_differ", filename=filename, told=told, found=found)
