"""Real-format files: read whole, or refused in words with the line."""

import gzip
import io
import re
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook

from pos_subsidy import statements
from pos_subsidy.demo.folder import PACKAGED
from pos_subsidy.domain.amounts import amount_fen
from pos_subsidy.errors import Invalid
from pos_subsidy.protocol.encoding import MAX_BYTES
from pos_subsidy.protocol.table import lines_of

WECHAT = (PACKAGED / "wechat_bill.csv").read_bytes()
ALIPAY = (PACKAGED / "alipay_detail.zip").read_bytes()
POS = (PACKAGED / "pos_export.csv").read_bytes()
DAY = date(2026, 11, 18)

BILL_2014 = (
    "交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "总金额,代金券或立减优惠金额,微信退款单号,商户退款单号,退款金额,代金券或立减优惠退款金额,退款类型,退款状态,"
    "商品名称,商户数据包,手续费,费率\n"
    "`2026-11-18 10:00:00,`wx0,`1,`0,`,`42,`O-1,`u,`NATIVE,`SUCCESS,`OTHERS,`CNY,"
    "`10.50,`0.00,`0,`0,`0.00,`0.00,`,`,`灯,泡,`,`0.06,`0.60%\n"
    "`2026-11-18 11:00:00,`wx0,`1,`0,`,`43,`O-1,`u,`NATIVE,`REFUND,`OTHERS,`CNY,"
    "`0.00,`0.00,`50,`R1,`10.50,`0.00,`ORIGINAL,`SUCCESS,`灯,泡,`,`-0.06,`0.60%\n"
    "总交易单数,总交易额,总退款金额,总代金券或立减优惠退款金额,手续费总金额\n"
    "`2,`10.50,`10.50,`0.00,`0.00000\n"
)


def _alipay_detail() -> str:
    with zipfile.ZipFile(io.BytesIO(ALIPAY)) as archive:
        return archive.read(archive.namelist()[0]).decode("gb18030")


@pytest.mark.parametrize(
    ("content", "name", "kind", "rows"),
    [
        (WECHAT, "wechat.csv", "wechat", 5),
        (gzip.compress(WECHAT), "wechat.csv.gz", "wechat", 5),
        (WECHAT.removeprefix(b"\xef\xbb\xbf"), "without bom", "wechat", 5),
        (WECHAT.replace(b"\r\n", b"\n"), "unix lines", "wechat", 5),
        (BILL_2014.encode(), "old columns", "wechat", 2),
        (ALIPAY, "alipay.zip", "alipay", 6),
        (_alipay_detail().encode("gb18030"), "detail.csv", "alipay", 6),
        (_alipay_detail().encode("utf-8"), "detail-utf8.csv", "alipay", 6),
        (POS, "pos.csv", "pos", 10),
        (POS.decode("gb18030").encode("utf-8-sig"), "pos-utf8.csv", "pos", 10),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_is_known_by_its_content(content, name, kind, rows):
    found = statements.read(content, name)
    assert (found.kind, len(found.rows)) == (kind, rows)
    assert {row.business_date for row in found.rows} == {DAY}


def test_a_bill_tells_payments_from_refunds():
    old = statements.read(BILL_2014.encode(), "old").rows
    assert [(row.amount_fen, row.refund, row.order_no) for row in old] == [
        (1050, False, "O-1"),
        (1050, True, "O-1"),
    ]


def test_the_pos_may_send_a_workbook():
    book, lines = Workbook(), POS.decode("gb18030").splitlines()
    for line in lines[:4]:
        fields = line.replace('"', "").split(",")
        book.active.append(fields if len(fields) == 10 else fields[:5] + ["1", "1", "0", "微信", "已完成"])
    sink = io.BytesIO()
    book.save(sink)
    assert len(statements.read(sink.getvalue(), "pos.xlsx").rows) == 3


def _pos_workbook(*, far: str = "") -> bytes:
    book, sink = Workbook(), io.BytesIO()
    book.active.append(POS.decode("gb18030").splitlines()[0].replace('"', "").split(","))
    book.active.append(POS.decode("gb18030").splitlines()[1].replace('"', "").split(","))
    if far:
        book.active[far] = " "
    book.save(sink)
    return sink.getvalue()


def test_a_workbook_formatted_far_beyond_its_table_is_as_large_as_its_table():
    """To the last cell, it took 18 s and all of a till's memory."""
    far = lines_of(_pos_workbook(far="XFD2000"), "pos.xlsx")[0]
    assert far == lines_of(_pos_workbook(), "pos.xlsx")[0]


def test_a_workbook_that_unpacks_to_more_than_any_bill_is_refused_unread():
    sink = io.BytesIO(_pos_workbook())
    with zipfile.ZipFile(sink, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.bin", bytes(MAX_BYTES + 1))
    assert len(sink.getvalue()) < 200_000
    with pytest.raises(Invalid) as refused:
        statements.read(sink.getvalue(), "pos.xlsx")
    assert refused.value.code == "file_too_large"


def test_the_parts_of_a_zip_are_not_larger_together_than_one_bill_may_be():
    sink = io.BytesIO(ALIPAY)
    with zipfile.ZipFile(sink, "a", zipfile.ZIP_DEFLATED) as archive:
        for part in range(2):
            archive.writestr(f"{part}.csv", b" " * (MAX_BYTES // 2))
    with pytest.raises(Invalid) as refused:
        statements.read(sink.getvalue(), "alipay.zip")
    assert refused.value.code == "file_too_large"


def test_a_count_of_thousands_of_digits_is_a_cut_bill():
    detail = re.sub(r"交易合计：\d+笔", f"交易合计：{'9' * 5_000}笔", _alipay_detail())
    with pytest.raises(Invalid) as refused:
        statements.read(detail.encode(), "detail.csv")
    assert refused.value.code == "file_cut"


@pytest.mark.parametrize("cut", [3, 40, 200, 900, -5, -30, -150])
def test_a_wechat_bill_cut_anywhere_is_refused(cut):
    """DR-11"""
    with pytest.raises(Invalid) as error:
        statements.read(WECHAT[:cut].rstrip(), "wechat.csv")
    assert error.value.code in (
        "file_cut",
        "file_totals_differ",
        "file_unknown",
        "file_row",
        "file_column_missing",
        "file_encoding",
    )


@pytest.mark.parametrize("lines", [1, 4, 6, 9, -1, -2])
def test_an_alipay_detail_cut_anywhere_is_refused(lines):
    """DR-11"""
    text = "\n".join(_alipay_detail().splitlines()[:lines])
    with pytest.raises(Invalid) as error:
        statements.read(text.encode("gb18030"), "detail.csv")
    assert error.value.code in ("file_cut", "file_totals_differ")


def test_a_damaged_zip_and_a_damaged_gzip_are_cut():
    for content in (ALIPAY[:-40], gzip.compress(WECHAT)[:-20]):
        with pytest.raises(Invalid, match="file_cut"):
            statements.read(content, "x")


def test_a_bill_whose_total_contradicts_its_rows_names_both_sums():
    """DR-11"""
    lines = WECHAT.decode("utf-8-sig").splitlines()
    del lines[2]
    with pytest.raises(Invalid, match="file_totals_differ") as error:
        statements.read("\r\n".join(lines).encode(), "wechat.csv")
    assert error.value.params["told"] != error.value.params["found"]


@pytest.mark.parametrize(
    ("column", "spoilt", "cause"),
    [
        ("1202611180001", "1.20261E+12", "spoilt"),
        ("2026-11-18 09:12:10", "18.11.26", "date"),
    ],
)
def test_a_spreadsheets_damage_is_named_with_its_line(column, spoilt, cause):
    """DR-12"""
    text = POS.decode("gb18030")
    with pytest.raises(Invalid, match="file_row") as error:
        statements.read(text.replace(column, spoilt).encode("gb18030"), "pos.csv")
    assert (error.value.params["line"], error.value.params["cause"]) == (2, cause)


def test_three_decimals_are_refused_with_their_line():
    text = POS.decode("gb18030").replace("39.80", "39.805", 1)
    with pytest.raises(Invalid, match="file_row") as error:
        statements.read(text.encode("gb18030"), "pos.csv")
    assert error.value.params["cause"] == "decimals"


def test_yesterdays_file_is_named_as_such():
    """DR-07"""
    statement = statements.read(WECHAT, "wechat.csv")
    statements.must_be_of_day(statement, DAY)
    with pytest.raises(Invalid, match="file_other_day") as error:
        statements.must_be_of_day(statement, date(2026, 11, 19))
    assert (error.value.params["expected"], error.value.params["found"]) == ("2026-11-19", "2026-11-18")


@pytest.mark.parametrize(
    "content", [b"", b"   ", b"\x89PNG\r\n", b"hello,world\n1,2\n", "订单号\n1\n".encode()]
)
def test_what_is_no_statement_is_said_to_be_none(content):
    with pytest.raises(Invalid) as error:
        statements.read(content, "x")
    assert error.value.code in ("file_unknown", "file_encoding", "file_column_missing")


@pytest.mark.parametrize(
    ("written", "fen"),
    [
        ("1,299.50", 129_950),
        ("２９９９．００", 299_900),
        ("￥12", 1_200),
        ("`0.01", 1),
        ("-5", -500),
        (12, 1_200),
        ("1299.5元", 129_950),
    ],
)
def test_amounts_as_people_write_them(written, fen):
    assert amount_fen(written) == fen


@pytest.mark.parametrize("written", ["", "1,29", "1.2.3", "1e3", "一百", None, True, "NaN", "1,2999.00"])
def test_what_is_no_amount_is_none(written):
    with pytest.raises(ValueError, match="number"):
        amount_fen(written)
