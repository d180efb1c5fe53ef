"""Exports whose headings nobody knows, and tables that a spreadsheet has spoilt."""

import io
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from pos_subsidy import statements
from pos_subsidy.errors import Invalid
from pos_subsidy.statements import ColumnMapping
from pos_subsidy.statements.rows import must_be_of_day

UNIONPAY = """某某银行商户对账单,,,,
账号,6222****0001,,,
商户代码,终端号,系统参考号,商户订单,交易日期,交易金额,交易类型
898330400000001,T01,000000000017,0202611180001,2026/11/18 10:00:01,"5,185.00",消费
898330400000001,T01,000000000018,0202611180002,2026/11/18 11:00:01,"１,２９９.５０",消费
898330400000001,T01,000000000019,0202611180002,2026/11/18 12:00:01,-299.50,退货
合计,,,,,"6,185.00",
"""
COLUMNS = {
    "order_no": "商户订单",
    "at": "交易日期",
    "amount": "交易金额",
    "status": "交易类型",
    "merchant": "商户代码",
}
POS = "单据,销售日,原价,国补,实付,付款\n{rows}合计,,{price},0.00,{paid},\n"
DAY = date(2026, 11, 18)


def workbook(*lines) -> bytes:
    book, sink = Workbook(), io.BytesIO()
    for line in lines:
        book.active.append(line)
    book.save(sink)
    return sink.getvalue()


def mapped(content, mapping, name="export.csv"):
    fingerprint = statements.suited(content, name, mapping)
    return statements.read(content, name, mappings={fingerprint: mapping})


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig"])
def test_the_mapping_of_an_unknown_export_is_proposed(encoding):
    found = statements.propose(UNIONPAY.encode(encoding), "银联对账.csv")
    assert (found.kind, found.columns) == ("unionpay", COLUMNS)
    assert found.first_rows[0][5] == "5,185.00" and len(found.first_rows) == 3


def test_headings_that_say_nothing_are_judged_by_their_rows():
    text = "A栏,B栏,C栏\nX-2026-0001,2026-11-18 10:00:00,12.50\nX-2026-0002,2026-11-18 10:01:00,7.00\n"
    found = statements.propose(text.encode(), "bank.csv")
    assert found.columns == {"order_no": "A栏", "at": "B栏", "amount": "C栏"}
    assert found.kind == "card"


@pytest.mark.parametrize("content", ["hello,world\n1,2\n", "a,b,c\n"[:3], "1,2,3\n4,5,6\n"])
def test_what_is_no_table_gets_no_proposal(content):
    assert statements.propose(content.encode(), "x.csv") is None


def test_a_mapped_export_is_read_with_its_refunds_and_numbers_as_they_stand():
    found = mapped(UNIONPAY.encode("gb18030"), ColumnMapping("unionpay", COLUMNS))
    assert (found.kind, found.merchants) == ("unionpay", ("898330400000001",))
    assert [(row.line, row.order_no, row.amount_fen, row.refund) for row in found.rows] == [
        (4, "0202611180001", 518_500, False),
        (5, "0202611180002", 129_950, False),
        (6, "0202611180002", 29_950, True),
    ]


def test_a_line_may_tell_payment_and_refund_in_two_columns():
    text = "单号,交易时间,收款,退款\nA-1,2026-11-18 10:00:00,100.00,20.00\nA-2,2026-11-18 10:00:00,5.00,--\n"
    mapping = ColumnMapping(
        "card", {"order_no": "单号", "at": "交易时间", "amount": "收款", "refund": "退款"}
    )
    rows = mapped(text.encode(), mapping).rows
    assert [(row.order_no, row.amount_fen, row.refund) for row in rows] == [
        ("A-1", 10_000, False),
        ("A-1", 2_000, True),
        ("A-2", 500, False),
    ]


def test_a_workbook_is_mapped_as_well():
    content = workbook(
        ["订单", "交易时间", "金额", "状态"],
        ["0001", datetime(2026, 11, 18, 10, 0), 518.5, "成功"],
        ["0002", datetime(2026, 11, 18, 10, 0), 10, "失败"],
        ["合计", None, 528.5, None],
    )
    mapping = ColumnMapping(
        "card", {"order_no": "订单", "at": "交易时间", "amount": "金额", "status": "状态"}
    )
    found = mapped(content, mapping, "bank.xlsx")
    assert [(row.order_no, row.amount_fen) for row in found.rows] == [("0001", 51_850)]


def test_a_totals_row_that_contradicts_gives_both_sums_and_its_line():
    """DR-11"""
    text = UNIONPAY.replace("6,185.00", "6,185.01")
    with pytest.raises(Invalid, match="file_totals_differ") as error:
        mapped(text.encode(), ColumnMapping("unionpay", COLUMNS))
    assert error.value.params == {
        **{"filename": "export.csv", "line": 7, "told": 618_501, "found": 618_500},
    }
    pos = "订单号,下单时间,成交价,国补金额,实付金额\nO-1,2026-11-18 10:00:00,10,1,9\n合计,,10,1,{}\n"
    assert len(statements.read(pos.format("9.00").encode(), "pos.csv").rows) == 1
    with pytest.raises(Invalid, match="file_totals_differ"):
        statements.read(pos.format("8.00").encode(), "pos.csv")


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        ("wechat", COLUMNS),
        ("unionpay", {**COLUMNS, "colour": "红"}),
        ("unionpay", {"order_no": "商户订单", "at": "交易日期"}),
        ("pos", COLUMNS),
    ],
)
def test_a_mapping_that_lacks_something_is_refused(kind, columns):
    with pytest.raises(Invalid, match="mapping_invalid"):
        ColumnMapping(kind, columns)


def pos_export(*order_nos, at="2026-11-18 10:00:00"):
    head = "订单号,下单时间,成交价,国补金额,实付金额\n"
    return (head + "".join(f"{one},{at},10.00,1.00,9.00\n" for one in order_nos)).encode()


@pytest.mark.parametrize(
    ("order_nos", "lines", "cause"),
    [
        (("0202611180001", "202611180002", "0202611180003"), "3", "zeros"),
        (("202611180001000000", "202611180001000000", "202611180001000000"), "2, 3, 4", "digits"),
    ],
)
def test_numbers_that_lost_digits_are_named_by_column_and_line(order_nos, lines, cause):
    """DR-12"""
    with pytest.raises(Invalid, match="file_spoilt") as error:
        statements.read(pos_export(*order_nos), "pos.csv")
    told = error.value.params
    assert (told["field"], told["lines"], told["cause"]) == ("订单号", lines, cause)
    assert order_nos[int(lines[0]) - 2] in told["found"]


@pytest.mark.parametrize(
    "order_nos", [("9", "10", "11"), ("99999", "100000", "100001"), ("A1", "A12", "A123")]
)
def test_numbers_that_are_counted_up_have_lost_nothing(order_nos):
    assert len(statements.read(pos_export(*order_nos), "pos.csv").rows) == 3


def test_a_number_that_a_workbook_holds_as_a_number_is_whole_or_spoilt():
    """DR-12"""
    head = ["订单号", "下单时间", "成交价", "国补金额", "实付金额"]
    row = ["2026-11-18 10:00:00", 10, 1, 9]
    whole = statements.read(workbook(head, [1202611180001.0, *row]), "pos.xlsx")
    assert whole.rows[0].order_no == "1202611180001"
    with pytest.raises(Invalid, match="file_row") as error:
        statements.read(workbook(head, [1.20261118e17, *row]), "pos.xlsx")
    assert (error.value.params["line"], error.value.params["cause"]) == (2, "spoilt")


def test_day_and_month_swapped_are_named_by_column_and_line():
    """DR-12"""
    statement = statements.read(pos_export("O-1", "O-2", at="2026-05-11 10:00:00"), "pos.csv")
    with pytest.raises(Invalid, match="file_spoilt") as error:
        must_be_of_day(statement, date(2026, 11, 5))
    told = error.value.params
    assert (told["field"], told["lines"], told["cause"]) == ("下单时间", "2, 3", "swapped")
    with pytest.raises(Invalid, match="file_other_day"):
        must_be_of_day(statement, DAY)
