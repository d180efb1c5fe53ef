"""Receipts and shift totals on the shop's printer, and on pages to print."""

import re
from dataclasses import replace

import pytest

from pos_subsidy.paper.printer import Printer
from tests.web.pages_shop import OTHER_ID, Browser, issue, journal_kinds


@pytest.fixture
def paper(app, tmp_path):
    path = tmp_path / "paper"
    path.touch()
    app.extensions["till"] = replace(app.extensions["till"], printer=Printer(f"file:{path}", 58))
    return path


def printed(paper) -> str:
    """Return what came out, its rows joined: a sentence may be wrapped."""
    text = paper.read_bytes().decode("gb18030", "ignore")
    return re.sub(r"\x1c\.\n(?:\x1b[Ea][\x00-\x02])*\x1c&", "", text)


def test_a_receipt_says_everything_the_auditor_asks(app, paper):
    cashier = Browser(app).sign_in()
    sold = cashier.sell(app)
    before = journal_kinds(app)
    cashier.send(f"/till/redemptions/{sold}/print")
    assert "已送打印机" in cashier.page
    text = printed(paper)
    for told in ("以旧换新补贴核销单", sold, "SN-0001", "6100.00", "-915.00", "5185.00", "补贴比例 15%"):
        assert told in text, told
    assert "发改环资〔2025〕1745号" in text and "名额不恢复" in text and "国补 订单号JX-1" in text
    assert "http://shop.test/wallet/" in text, "the QR leads to the consumer's own page"
    assert "330402189901010015" not in text and "张小明" not in text
    cashier.send(f"/till/redemptions/{sold}/print")
    assert printed(paper).count("核销号") == 2, "it may be printed again"
    assert journal_kinds(app) == before


def test_a_printer_that_fails_leaves_the_sale_and_says_so(app, paper):
    cashier = Browser(app).sign_in()
    sold = cashier.sell(app)
    app.extensions["till"] = replace(app.extensions["till"], printer=Printer("tcp:127.0.0.1:1"))
    page = cashier.send(f"/till/redemptions/{sold}/print", status=503)
    assert "打印机没有反应" in page and sold in page and "核销不受影响" in page


def test_without_a_printer_the_button_is_not_there(app):
    cashier = Browser(app).sign_in()
    sold = cashier.sell(app)
    assert f"/till/redemptions/{sold}/print" not in cashier.get(f"/till/redemptions/{sold}")


def test_a_cashier_sees_her_own_totals_and_a_manager_everybodys(app, paper):
    cashier = Browser(app).sign_in()
    cashier.sell(app)
    cashier.get("/till")
    cashier.sell(app, id_number=OTHER_ID, serial_no="SN-0002", order_no="JX-2")
    page = cashier.get("/till/shift")
    assert "¥1,830.00" in page and "¥10,370.00" in page and "微信" in page and "全店" not in page
    manager = Browser(app).sign_in("manager")
    page = manager.get("/till/shift")
    assert "全店" in page and "cashier" in page
    cashier.send("/till/shift/print", cashier="cashier")
    text = printed(paper)
    assert "交班汇总" in text and "核销笔数" in text and "10370.00" in text


def test_a_cashier_cannot_print_anothers_shift(app, paper):
    cashier = Browser(app).sign_in()
    cashier.sell(app)
    cashier.get("/till/shift")
    cashier.send("/till/shift/print", cashier="", status=404)
    assert printed(paper) == ""


def test_reversals_are_in_the_totals(app):
    cashier = Browser(app).sign_in()
    sold = cashier.sell(app)
    cashier.get(f"/till/redemptions/{sold}/reverse?kind=full&reason=x")
    cashier.send(f"/till/redemptions/{sold}/reverse")
    page = cashier.get("/till/shift")
    assert "¥0.00" in page
    assert "退款" in page and "−¥5,185.00" in page, "what the channel took and what went back add up"
    assert issue(app, id_number=OTHER_ID).voucher.status == "issued"
