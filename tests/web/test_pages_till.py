"""The sale at the till, as a browser without scripts sees it."""

import threading
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from pos_subsidy.context import get_db, get_shop
from pos_subsidy.domain.subsidy import Reason
from pos_subsidy.errors import Unavailable
from pos_subsidy.services.shop import OfflineCaps
from pos_subsidy.web.api import shapes
from tests.web.pages_shop import (
    AFTERNOON,
    FRIDGE,
    IMEI,
    OTHER_ID,
    PHONE,
    Browser,
    issue,
    journal_kinds,
    make_shop,
)


def test_a_quoted_voucher_takes_three_actions_to_the_amount(app: Flask, browser: Browser) -> None:
    code = issue(app).voucher.code
    page = browser.scan(code, "SN-0001", "JX-1")
    assert "可以补贴" in page and "¥915.00" in page and "¥5,185.00" in page


def test_a_sale_needs_no_scripts(app: Flask, browser: Browser) -> None:
    code = issue(app, category="refrigerator", gtin=None, price_fen=None).voucher.code
    for text, next_one in [
        (code, "扫商品条码"),
        (FRIDGE, "扫序列号"),
        ("ＳＮ－０００１", "键入成交价"),
        ("6100", "键入或扫订单号"),
        ("JX-1", "可以补贴"),
    ]:
        assert next_one in browser.scan(text)
    page = browser.send("/till", act="next")
    assert "请向顾客收取" in page and "¥5,185.00" in page
    page = browser.send(browser.path, channel="alipay", payment_ref="2026112022")
    assert "已核销" in page and "¥915.00" in page and "SN-0001" in page
    assert journal_kinds(app)[-2:] == ["hold_taken", "redeemed"]


def test_the_order_of_scans_is_free(app: Flask, browser: Browser) -> None:
    code = issue(app).voucher.code
    assert "可以补贴" in browser.scan("S/N.0001", FRIDGE, code, "JX-1")


def test_every_step_is_shown_with_its_clause(app: Flask, browser: Browser) -> None:
    page = browser.scan(issue(app).voucher.code)
    assert "怎么算的" in page and "15%" in page and "发改环资" in page


def test_the_qr_of_the_phone_is_taken_with_full_width_characters(app: Flask, browser: Browser) -> None:
    with app.app_context():
        token = shapes.token(issue(app).voucher, seconds=120)
    wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in token)
    assert "扫序列号" in browser.scan(wide + "\r\n")


def test_an_old_picture_of_the_qr_is_told_to_refresh(app: Flask, browser: Browser) -> None:
    """VQ-17"""
    voucher = issue(app).voucher
    with app.app_context():
        token = shapes.token(voucher, seconds=120)
    app.extensions["training_clock"].advance_to(AFTERNOON + timedelta(minutes=3))
    browser.get("/till")
    page = browser.send("/till", status=409, scan=token, act="next")
    assert "二维码已过期，请刷新" in page


def test_a_double_click_holds_once(app: Flask, browser: Browser) -> None:
    browser.scan(issue(app).voucher.code, "SN-0001", "JX-1")
    form = {**browser.form("/till"), "act": "hold"}
    first, second = (browser.client.post("/till", data=form, headers=browser.headers) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    assert journal_kinds(app).count("hold_taken") == 1


def test_two_clicks_at_the_same_moment_redeem_once_and_both_see_the_receipt(
    app: Flask, browser: Browser
) -> None:
    path = browser.hold(app)
    form = {**browser.form(path), "channel": "cash"}
    cookie = browser.client.get_cookie("session")
    assert cookie is not None
    went: list[str] = []

    def click() -> None:
        client = app.test_client()
        client.set_cookie("session", cookie.value)
        went.append(client.post(path, data=form, headers=browser.headers).headers["Location"])

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(went) == 4 and len(set(went)) == 1
    assert journal_kinds(app).count("redeemed") == 1


def test_the_same_form_with_other_content_is_refused(app: Flask, browser: Browser) -> None:
    path = browser.hold(app)
    form = {**browser.form(path), "channel": "cash"}
    browser.client.post(path, data=form, headers=browser.headers)
    answer = browser.client.post(path, data={**form, "payment_ref": "other"}, headers=browser.headers)
    assert answer.status_code == 409 and "idempotency_conflict" in answer.text


def test_a_no_names_every_reason_with_its_next_step(app: Flask, browser: Browser) -> None:
    browser.sell(app)
    browser.scan(issue(app, id_number=OTHER_ID).voucher.code, "SN-0001", "JX-2")
    browser.send("/till", act="check", price="7500")
    page = browser.send("/till", status=422, act="hold") if "disabled" not in browser.page else browser.page
    assert "price_over_filed" in page and "下一步" in page and "依据" in page


def test_a_used_serial_number_is_refused_before_money_moves(app: Flask, browser: Browser) -> None:
    browser.sell(app)
    browser.scan(issue(app, id_number=OTHER_ID).voucher.code, "SN-0001", "JX-2")
    page = browser.send("/till", status=422, act="hold")
    assert "serial_used" in page and "暂不能补贴" in page
    assert 'value="SN-0001"' in page, "what was typed is still there to be corrected"
    assert "¥5,185.00" not in page and "怎么算的" not in page, "a no shows no amount"
    browser.send("/till", act="hold", serial_no="SN-0002")
    assert browser.path.startswith("/till/holds/")


def test_goods_of_another_category_are_refused_at_once(app: Flask, browser: Browser) -> None:
    code = issue(app, gtin=None, category="phone", price_fen=None).voucher.code
    page = browser.scan(code, FRIDGE, "SN-0001", "6100")
    assert "category_mismatch" in page and "disabled" in page


def test_a_phone_wants_its_imei(app: Flask, browser: Browser) -> None:
    code = issue(app, gtin=PHONE, price_fen=399_900).voucher.code
    page = browser.scan(code, "SN-P1")
    assert "扫手机串号" in page
    page = browser.scan(IMEI, "JX-9")
    assert "可以补贴" in page and f'value="{IMEI}"' in page
    assert "请向顾客收取" in browser.send("/till", act="hold")


def test_a_paper_voucher_wants_the_identity_compared(app: Flask, browser: Browser) -> None:
    page = browser.scan(issue(app, kind="paper").voucher.code, "SN-0001", "JX-1")
    assert "核对证件后勾选" in page
    page = browser.send("/till", act="hold")
    assert browser.path == "/till"
    browser.send("/till", act="hold", identity_checked="1")
    assert browser.path.startswith("/till/holds/")


@pytest.mark.parametrize("typed", ["abc", "7K3M9QWX4T21", "7K3M9QWX4T20"])
def test_a_wrong_code_typed_by_hand_is_said_to_be_wrong(browser: Browser, typed: str) -> None:
    browser.get("/till")
    answer = browser.client.post(
        "/till", data={**browser.form("/till"), "voucher": typed}, headers=browser.headers
    )
    assert answer.status_code in (400, 404)
    assert "券码有误" in answer.text or "查无此券" in answer.text
    assert typed in answer.text


@pytest.mark.parametrize("price", ["", "6100"])
def test_a_bar_code_with_a_wrong_check_digit_is_refused_without_a_voucher(
    browser: Browser, price: str
) -> None:
    browser.get("/till")
    page = browser.send("/till", status=200 if price else 400, gtin="6901234567890", price=price, act="check")
    assert "identifier_invalid" in page and "校验" in page
    assert 'value="6901234567890"' in page, "it is never corrected by itself"
    page = browser.send("/till", gtin="6999999999997", price="", act="check")
    assert "identifier_invalid" not in page, "a number that could be is only not filed"


def test_a_wrong_price_is_said_to_be_wrong(app: Flask, browser: Browser) -> None:
    browser.scan(issue(app).voucher.code)
    page = browser.send("/till", status=400, price="6l00", scan="SN-0001", act="next")
    assert "price_invalid" in page and 'value="6l00"' in page


def test_a_released_hold_frees_the_voucher(app: Flask, browser: Browser) -> None:
    path = browser.hold(app)
    browser.send(f"{path}/release")
    assert browser.path == "/till"
    assert "锁定已撤销" in browser.get(path)
    assert journal_kinds(app)[-1] == "hold_released"


def test_money_for_a_released_hold_is_journalled_and_explained(app: Flask, browser: Browser) -> None:
    path = browser.hold(app)
    paying = {**browser.form(path), "channel": "wechat", "payment_ref": "42"}
    browser.send(f"{path}/release")
    answer = browser.client.post(path, data=paying, headers=browser.headers)
    assert answer.status_code == 409 and "hold_released" in answer.text
    assert journal_kinds(app)[-1] == "payment_orphaned"


def test_another_amount_than_shown_keeps_the_hold(app: Flask, browser: Browser) -> None:
    path = browser.hold(app)
    page = browser.send(path, status=409, channel="cash", paid="5185.01")
    assert "paid_amount_differs" in page and "没收到钱，撤销锁定" in page


def test_the_way_of_payment_must_be_chosen(app: Flask, browser: Browser) -> None:
    path = browser.hold(app)
    assert "payment_required" in browser.send(path, status=400)


def test_the_receipt_gives_the_invoice_remark_and_the_clause(app: Flask, browser: Browser) -> None:
    number = browser.sell(app)
    page = browser.get(f"/till/redemptions/{number}")
    assert "国补 订单号JX-1 政府补贴915.00元 一级能效" in page
    assert number in page and "appliance-2026@" in page and "张**" in page


def test_the_next_item_of_an_order_keeps_its_number(app: Flask, browser: Browser) -> None:
    browser.sell(app, order_no="JX-77")
    browser.send("/till/again")
    assert browser.form("/till")["order_no"] == "JX-77" and not browser.form("/till")["voucher"]


def test_a_sale_that_was_begun_can_be_cleared(app: Flask, browser: Browser) -> None:
    browser.scan(issue(app).voucher.code)
    browser.send("/till", act="clear")
    assert not browser.form("/till")["voucher"]


def test_a_spent_voucher_says_when_and_under_which_number(app: Flask, browser: Browser) -> None:
    """VQ-10"""
    number = browser.sell(app)
    with app.app_context():
        code = get_db().execute("SELECT code FROM voucher").fetchone()[0]
    browser.get("/till")
    page = browser.send("/till", status=409, scan=code, act="next")
    assert "券已使用" in page and number in page


def test_a_payment_code_is_named_for_what_it_is(browser: Browser) -> None:
    """VQ-13"""
    browser.get("/till")
    page = browser.send("/till", status=400, scan="134567890123456789", act="next")
    assert "这是顾客的付款码" in page and "伪造" not in page


def test_a_label_that_leads_elsewhere_is_named_with_its_host(browser: Browser) -> None:
    browser.get("/till")
    label = "http://energylabel.com.cn@evil.test/signDetails?productId=1"
    page = browser.send("/till", status=400, scan=label, act="next")
    assert "这不是能效标识备案网站的二维码" in page and "evil.test" in page


def test_a_gs1_symbol_fills_in_goods_and_piece_at_once(app: Flask, browser: Browser) -> None:
    symbol = f"(01)0{FRIDGE}(21)SN-0001"
    page = browser.scan(symbol)
    assert FRIDGE in page and "SN-0001" in page
    assert "键入或扫订单号" in browser.scan(issue(app).voucher.code)


def test_a_serial_number_without_its_end_is_asked_for(app: Flask, browser: Browser) -> None:
    browser.scan(issue(app).voucher.code, FRIDGE)
    page = browser.send("/till", status=400, scan=f"010{FRIDGE}21SN0110LOT", act="next")
    assert "分不清序列号到哪里为止" in page and "SN0110LOT / SN01" in page


def test_the_header_says_how_the_line_is(app: Flask, browser: Browser) -> None:
    page = browser.get("/till")
    assert "单店运行" in page and "演示环境" in page
    with app.app_context():
        assert get_shop().name in page


def test_scanning_a_receipts_number_opens_it(app: Flask, browser: Browser) -> None:
    number = browser.sell(app)
    browser.scan(number.lower())
    assert browser.path == f"/till/redemptions/{number}"


class SilentCity:
    """A hub that does not answer."""

    def hold(self, request: Mapping[str, Any]) -> Sequence[Reason]:
        raise Unavailable("hub_unavailable")

    def confirm_later(self, hold_id: str) -> None:
        pass

    def cancel_later(self, hold_id: str) -> None:
        pass

    def budget(self, programme: str) -> Sequence[Mapping[str, Any]] | None:
        return None

    def state(self) -> Mapping[str, Any]:
        return {"hub": "offline", "since": "2026-11-20T05:57:00.000Z"}


class RefusingCity(SilentCity):
    """A hub that knows of a claim elsewhere."""

    def hold(self, request: Mapping[str, Any]) -> Sequence[Reason]:
        return [Reason("claimed_elsewhere", {"where_zh": "秀洲区", "where_en": "Xiuzhou"}, "某条")]

    def state(self) -> Mapping[str, Any]:
        return {"hub": "online", "since": None}


def test_working_offline_is_shown_with_what_is_left(tmp_path: Path) -> None:
    app = make_shop(tmp_path / "offline", city=SilentCity(), offline_caps=OfflineCaps(2, 1_000_000))
    browser = Browser(app).sign_in()
    page = browser.get("/till")
    assert "正在离线工作：13:57 起" in page and "还剩 2 笔 · ¥10,000.00" in page
    browser.hold(app)
    assert "离线办理" in browser.page and "还剩 1 笔 · ¥9,085.00" in browser.page


def test_what_the_city_refuses_is_explained(tmp_path: Path) -> None:
    """AS-14"""
    app = make_shop(tmp_path / "online", city=RefusingCity())
    browser = Browser(app).sign_in()
    browser.scan(issue(app).voucher.code, "SN-0001", "JX-1")
    page = browser.send("/till", status=422, act="hold")
    assert "已联机" in page and "claimed_elsewhere" in page and "某条" in page and "秀洲区" in page


def test_a_customer_may_pay_in_two_ways(app: Flask, browser: Browser) -> None:
    path = browser.hold(app)
    page = browser.send(path, channel="cash", channel2="wechat", amount2="5000", payment_ref2="42")
    assert "现金" in page and "¥185.00" in page and "微信 42" in page and "¥5,000.00" in page


@pytest.mark.parametrize(
    ("channel2", "amount2"), [("wechat", ""), ("", "100"), ("wechat", "5185"), ("wechat", "6000")]
)
def test_two_payments_must_make_sense(app: Flask, browser: Browser, channel2: str, amount2: str) -> None:
    path = browser.hold(app)
    browser.send(path, status=400, channel="cash", channel2=channel2, amount2=amount2)
    assert journal_kinds(app)[-1] == "hold_taken"


def test_a_used_number_links_to_its_receipt(app: Flask, browser: Browser) -> None:
    number = browser.sell(app)
    browser.scan(issue(app, id_number=OTHER_ID).voucher.code, "SN-0001", "JX-2")
    assert f'href="/till/redemptions/{number}"' in browser.send("/till", status=422, act="hold")


def test_without_an_order_number_enter_takes_the_shops_own_and_holds(app):
    browser = Browser(app).sign_in()
    voucher = issue(app)
    browser.get("/till")
    page = browser.scan(voucher.voucher.code, "SN-OWN-1", "")
    assert "¥5,185.00" in page and "T1-20261120-" in page
