"""The piece itself: numbers that look alike, box and body compared, used and never seen."""

import pytest
from flask import Flask

from tests.web.pages_shop import IMEI, OTHER_ID, PHONE, Browser, issue, journal_kinds


def test_a_serial_that_looks_like_a_known_one_is_asked_about_before_the_hold(
    app: Flask, browser: Browser
) -> None:
    """HR-20"""
    browser.sell(app, serial_no="ABC-0123")
    page = browser.scan(issue(app, id_number=OTHER_ID).voucher.code, "ABC-O123", "JX-2")
    assert "serial_lookalike" in page and "ABC-0123" in page and 'value="ABC-O123"' in page
    assert "可以补贴" in page, "a signal never refuses"
    assert "serial_lookalike" not in browser.send("/till", act="check", serial_no="XYZ-0999")


@pytest.mark.parametrize(
    ("screen", "same"), [("sn-0001", True), ("ＳＮ－０００１", True), ("SN-000I", False), ("SN-0002", False)]
)
def test_box_and_body_are_compared_before_the_hold(
    app: Flask, browser: Browser, screen: str, same: bool
) -> None:
    browser.scan(issue(app).voucher.code, "SN-0001", "JX-1")
    page = browser.send("/till", status=200 if same else 400, act="hold", screen=screen)
    assert ("piece_differs" in page) != same
    assert ("hold_taken" in journal_kinds(app)) == same
    if not same:
        assert "双门冰箱" in page and "没有这个条码" not in page
        assert "包装上是 SN-0001" in page and f'value="{screen}"' in page


def test_the_imei_on_the_screen_is_compared_too(app: Flask, browser: Browser) -> None:
    browser.scan(issue(app, gtin=PHONE, price_fen=399_900).voucher.code, "SN-P1", IMEI, "JX-9")
    assert "piece_differs" in browser.send("/till", status=400, act="hold", screen="356938035643809")
    assert "请向顾客收取" in browser.send("/till", act="hold", screen=IMEI)


def test_an_order_takes_no_piece_whose_numbers_differ(app: Flask, browser: Browser) -> None:
    browser.scan(issue(app).voucher.code, "SN-0001")
    page = browser.send("/till", status=400, act="add", order_no="JX-1", screen="SN-0002")
    assert "piece_differs" in page


def test_used_free_again_never_sold_and_never_seen_are_four_answers(app: Flask, browser: Browser) -> None:
    number = browser.sell(app)
    page = browser.get("/till/find?q=SN-0001")
    assert "这台机器已用过补贴" in page and "不能再补贴第二次" in page
    browser.get(f"/till/redemptions/{number}/reverse?kind=full&reason=x")
    browser.send(f"/till/redemptions/{number}/reverse")
    page = browser.get("/till/find?q=SN-0001")
    assert "现在又可以卖" in page and browser.path.endswith(number)
    held = browser.hold(app, id_number=OTHER_ID, serial_no="SN-0002", order_no="JX-2")
    browser.send(f"{held}/release")
    page = browser.get("/till/find?q=SN-0002", status=404)
    assert "piece_never_sold" in page and "可以重新核验销售" in page
    page = browser.get("/till/find?q=SN-9999", status=404)
    assert "piece_not_found" in page and "逐位核对号码" in page
    page = browser.get("/till/find?q=SN-OOO1", status=404)
    assert "piece_not_found_but_alike" in page and "SN-0001" in page
