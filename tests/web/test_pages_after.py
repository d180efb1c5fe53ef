"""After the sale: the day's list, finding, reversal, exchange."""

import pytest
from flask import Flask

from tests.web.pages_shop import OTHER_ID, Browser, issue, journal_kinds


def test_the_consequence_is_shown_before_anything_is_booked(app: Flask, browser: Browser) -> None:
    """RX-01"""
    number = browser.sell(app)
    page = browser.get(f"/till/redemptions/{number}/reverse?kind=full&reason=坏了")
    assert "¥5,185.00" in page and "¥915.00" in page and "资格已用掉" in page and "依据" in page
    assert "reversed" not in journal_kinds(app)


def test_a_full_reversal_is_booked_once(app: Flask, browser: Browser) -> None:
    number = browser.sell(app)
    path = f"/till/redemptions/{number}/reverse"
    browser.get(f"{path}?kind=full&reason=坏了")
    form = browser.form(path)
    page = browser.send(path)
    assert "已冲正" in page and "¥5,185.00" in page
    assert browser.client.post(path, data=form).status_code == 303
    assert journal_kinds(app).count("reversed") == 1
    assert "already_reversed" in browser.get(f"{path}?kind=full&reason=x", status=409)


def test_a_partial_reversal_computes_on_the_new_price(app: Flask, browser: Browser) -> None:
    number = browser.sell(app)
    path = f"/till/redemptions/{number}/reverse"
    page = browser.get(f"{path}?kind=partial&new_price=6000&reason=降价")
    assert "¥85.00" in page and "¥15.00" in page
    page = browser.send(path)
    assert "部分冲正" in page and "政府补贴900.00元" in page


@pytest.mark.parametrize("price", ["6100", "7000", "abc", ""])
def test_a_new_price_that_is_not_lower_is_refused_where_it_was_typed(
    app: Flask, browser: Browser, price: str
) -> None:
    number = browser.sell(app)
    address = f"/till/redemptions/{number}/reverse?kind=partial&new_price={price}&reason=x"
    page = browser.get(address, status=400)
    assert "先看结果" in page and "确认冲正" not in page


def test_an_exchange_keeps_the_subsidy_and_names_the_new_piece(app: Flask, browser: Browser) -> None:
    number = browser.sell(app)
    browser.get(f"/till/redemptions/{number}/exchange")
    page = browser.send(f"/till/redemptions/{number}/exchange", serial_no="sn-0002", reason="开箱坏")
    assert "SN-0002" in page and "换货" in page and "¥915.00" in page
    assert journal_kinds(app)[-1] == "exchanged"


def test_an_exchange_for_a_used_piece_is_refused(app: Flask, browser: Browser) -> None:
    browser.sell(app)
    number = browser.sell(app, id_number=OTHER_ID, serial_no="SN-0002", order_no="JX-2")
    browser.get(f"/till/redemptions/{number}/exchange")
    page = browser.send(f"/till/redemptions/{number}/exchange", status=422, serial_no="SN-0001", reason="x")
    assert "serial_used" in page and "不能换成这一台：" in page
    assert "暂不能补贴" not in page, "the sale's subsidy is not in question"


def test_todays_list_shows_sales_and_waiting_holds(app: Flask, browser: Browser) -> None:
    browser.sell(app)
    held = browser.hold(app, id_number=OTHER_ID, serial_no="SN-0002", order_no="JX-2")
    page = browser.get("/till/today")
    assert "JX-1" in page and held in page and "¥915.00" in page


def test_a_number_finds_its_page(app: Flask, browser: Browser) -> None:
    number = browser.sell(app)
    held = browser.hold(app, id_number=OTHER_ID, serial_no="SN-0002", order_no="JX-2")
    code = issue(app, gtin=None, category="phone", price_fen=None).voucher.code
    for asked, page in [
        (number, f"/till/redemptions/{number}"),
        ("sn-0001", f"/till/redemptions/{number}"),
        (held.rsplit("/", 1)[1], held),
        ("SN-0002", held),
        (code.lower(), f"/till/vouchers/{code}"),
    ]:
        browser.get(f"/till/find?q={asked}")
        assert browser.path == page


def test_what_was_never_sold_is_not_found(browser: Browser) -> None:
    assert "not_found" in browser.get("/till/find?q=SN-9999", status=404)
