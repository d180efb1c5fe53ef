"""WeChat bills in every real column set, and what a locked zip says."""

import gzip
import io
import zipfile
from datetime import date

import pytest

from pos_subsidy import statements
from pos_subsidy.demo.folder import PACKAGED
from pos_subsidy.errors import Invalid
from tests.statements import bills

DAY = date(2026, 11, 18)
KINDS = {"all": "wechat", "payments": "wechat_payments", "refunds": "wechat_refunds"}


@pytest.mark.parametrize(("year", "side"), bills.HEADERS)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_every_column_set_is_read(year, side, packed):
    content = bills.wechat(year, side)
    found = statements.read(gzip.compress(content) if packed else content, "bill.csv")
    expected = [
        (order, fen, back)
        for _, order, fen, back in bills.MOVES
        if side == "all" or back is (side == "refunds")
    ]
    assert (found.kind, found.channel, found.merchants) == (KINDS[side], "wechat", ("1900000000",))
    assert [(row.order_no, row.amount_fen, row.refund) for row in found.rows] == expected
    # A refund counts on its own day, not on that of the sale it stands under.
    assert {row.business_date for row in found.rows} == {DAY}


def test_the_column_sets_are_those_the_channel_has_had():
    counts = {key: len(header.split(",")) for key, header in bills.HEADERS.items()}
    assert counts == {
        **{(2014, "all"): 24, (2014, "payments"): 18, (2014, "refunds"): 26},
        **{(2019, "all"): 27, (2019, "payments"): 20, (2019, "refunds"): 29},
    }


@pytest.mark.parametrize(("year", "side"), bills.HEADERS)
def test_a_bill_that_lost_a_row_names_both_sums(year, side):
    """DR-11"""
    lines = bills.wechat(year, side).split(b"\r\n")
    with pytest.raises(Invalid, match="file_totals_differ") as error:
        statements.read(b"\r\n".join(lines[:1] + lines[2:]), "bill.csv")
    assert error.value.params["told"] == error.value.params["found"] + 1


@pytest.mark.parametrize(
    ("line", "change", "code"),
    [
        (3, (b"`SUCCESS", b"`SUCCES"), "file_row"),
        (3, (b"`1.00", b"`1.0O"), "file_row"),
        (3, (b"`2026-11-18 11", b"`18.11.26 11"), "file_row"),
        (3, (b"`1202611180002", b"`1.20261E+12"), "file_row"),
        (3, (b"`1202611180002", b"`"), "file_row"),
        (3, (b",`CNY", b""), "file_row"),
        (1, ("商户订单号".encode(), "商户订单号码".encode()), "file_column_missing"),
    ],
)
def test_what_is_wrong_with_a_row_is_named_with_its_line(line, change, code):
    lines = bills.wechat().split(b"\r\n")
    lines[line - 1] = lines[line - 1].replace(*change)
    with pytest.raises(Invalid, match=code) as error:
        statements.read(b"\r\n".join(lines), "bill.csv")
    assert error.value.params.get("line", 1) == line


def test_a_fund_flow_bill_is_known_and_names_no_order():
    found = statements.read(bills.wechat_funds(), "funds.csv")
    assert (found.kind, found.names_orders) == ("wechat_funds", False)
    moved = [(row.status, row.refund, row.amount_fen) for row in found.rows]
    assert moved == [
        *(("交易", False, 518_500), ("交易", False, 100)),
        *(("退款", True, 8_500), ("扣除交易手续费", True, 311)),
    ]


def test_a_fund_flow_bill_is_checked_against_its_totals():
    """DR-11"""
    with pytest.raises(Invalid, match="file_totals_differ"):
        statements.read(bills.wechat_funds().replace(b"`1.00,", b"`1.01,"), "funds.csv")
    with pytest.raises(Invalid, match="file_cut"):
        statements.read(bills.wechat_funds()[:400], "funds.csv")


def test_a_zip_with_a_password_is_said_to_have_one():
    locked = bytearray((PACKAGED / "alipay_detail.zip").read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := locked.find(mark, at + 1)) >= 0:
            locked[at + place] |= 1
    with pytest.raises(Invalid, match="file_password"):
        statements.read(bytes(locked), "alipay.zip")


@pytest.mark.parametrize("utf8", [False, True], ids=["gbk", "utf-8"])
def test_the_names_inside_a_zip_do_not_matter(utf8):
    with zipfile.ZipFile(PACKAGED / "alipay_detail.zip") as packed:
        parts = [packed.read(name).decode("gb18030") for name in packed.namelist()]
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for place, text in enumerate(reversed(parts)):
            # Placeholders of the same length, so that GBK bytes can be put in their stead.
            name = f"明细{place}.csv" if utf8 else f"MMXX{place}.csv"
            archive.writestr(name, text.encode("utf-8" if utf8 else "gb18030"))
    content = sink.getvalue().replace(b"MMXX", "明细".encode("gb18030"))
    found = statements.read(content, "alipay.zip")
    assert (found.kind, len(found.rows), found.merchants) == ("alipay", 6, ("20880000000000000000",))
