"""WeChat Pay fund-flow bills (资金账单): what moved on the merchant's account.

They name no order of the shop, so they never take a trade bill's place; they are read to see
whether the sums of the day's trade bill came in.
"""

from collections.abc import Mapping

from pos_subsidy.domain.amounts import amount_fen, moment_of
from pos_subsidy.errors import Invalid
from pos_subsidy.statements import backtick
from pos_subsidy.statements.rows import Row, Statement, broken

KIND = "wechat_funds"
_AT, _FLOW_NO, _TYPE, _DIRECTION = "记账时间", "资金流水单号", "业务类型", "收支类型"
# Both kinds of brackets are in use.
_AMOUNT = ("收支金额(元)", "收支金额（元）")
_DIRECTIONS = {"收入": False, "支出": True}
_TOTALS = {"收入": ("收入笔数", "收入金额"), "支出": ("支出笔数", "支出金额")}


def is_bill(text: str) -> bool:
    first = text.split("\n", 1)[0]
    return first.startswith(f"{_AT},") and _FLOW_NO in first


def read(text: str, filename: str) -> Statement:
    """Read a bill and check its totals; ``status`` of a row is the kind of business.

    Raises:
        Invalid: ``file_cut``, ``file_totals_differ``, ``file_column_missing`` or ``file_row``.
    """
    table = backtick.read(text, filename, totals="资金流水总笔数")
    amount = next((name for name in _AMOUNT if name in table.header), _AMOUNT[0])
    backtick.must_have(table, filename, _FLOW_NO, _TYPE, _DIRECTION, amount)
    rows = [_row(named, amount, number, filename) for number, named in table.rows]
    _check(table.totals, rows, filename)
    return Statement(KIND, filename, tuple(rows))


def _row(named: Mapping[str, str], column: str, number: int, filename: str) -> Row:
    if named[_DIRECTION] not in _DIRECTIONS:
        raise broken(filename, number, _DIRECTION, "unknown")
    try:
        day, at = moment_of(named[_AT])
    except ValueError as error:
        raise broken(filename, number, _AT, str(error)) from None
    try:
        fen = amount_fen(named[column])
    except ValueError as error:
        raise broken(filename, number, column, str(error)) from None
    back = _DIRECTIONS[named[_DIRECTION]]
    return Row(number, "", day, at, abs(fen), back, status=named[_TYPE], ref=named[_FLOW_NO])


def _check(totals: Mapping[str, str], rows: list[Row], filename: str) -> None:
    try:
        pairs = [(backtick.count(totals["资金流水总笔数"]), len(rows))]
        for direction, (counted, summed) in _TOTALS.items():
            of_it = [row.amount_fen for row in rows if row.refund == _DIRECTIONS[direction]]
            pairs += [
                (backtick.count(totals[counted]), len(of_it)),
                (amount_fen(totals[summed]), sum(of_it)),
            ]
    except (ValueError, KeyError):
        raise Invalid("file_cut", filename=filename) from None
    for told, found in pairs:
        if told != found:
            raise Invalid("file_totals_differ", filename=filename, told=told, found=found)
