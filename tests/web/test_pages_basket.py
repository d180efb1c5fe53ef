"""An order of several items, as a browser without scripts sees it."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from flask import Flask

from pos_subsidy.context import get_db
from tests.web.pages_shop import (
    AFTERNOON,
    OTHER_ID,
    Browser,
    Form,
    _Forms,
    issue,
    journal_kinds,
)

DISHWASHER = "6934567890122"


def _add_fridge(
    app: Flask, browser: Browser, *, order_no: str = "JX-1", serial_no: str = "SN-0001", **about: str
) -> str:
    code = str(issue(app, **about).voucher.code)
    browser.scan(code, serial_no)
    browser.send("/till", act="add", order_no=order_no)
    assert "看整单" in browser.page, browser.page
    return code


def _add_plain(browser: Browser, price: str, *, order_no: str = "JX-1", gtin: str = DISHWASHER) -> None:
    browser.get("/till")
    browser.send("/till", act="plain", gtin=gtin, price=price, order_no=order_no)


def _open(browser: Browser, order_no: str = "JX-1") -> str:
    return browser.get(f"/till/order?no={quote(order_no, safe='')}")


def _forms(browser: Browser, act: str) -> Form:
    """Return the form of the page that has the button ``act``."""
    reader = _Forms()
    reader.feed(browser.page)
    pieces = re.findall(r"<form.*?</form>", browser.page, re.DOTALL)
    place = next(at for at, piece in enumerate(pieces) if f'value="{act}"' in piece)
    return reader.forms[place]


def _change(browser: Browser, act: str, *, status: int = 200, **typed: str) -> str:
    form = _forms(browser, act)
    data = {**form.fields, **typed, "act": act}
    answer = browser.client.post(form.action, data=data, headers=browser.headers, follow_redirects=True)
    return browser._show(answer, status)


def _tag_states(page: str) -> list[str]:
    return re.findall(r'data-state="(\w+)"', page)


def _sold(app: Flask) -> list[tuple[int, int, int]]:
    with app.app_context():
        return get_db().execute("SELECT price_fen, subsidy_fen, payable_fen FROM redemption").fetchall()


def test_a_refrigerator_and_a_dishwasher_the_deduction_touches_the_refrigerator_only(
    app: Flask, browser: Browser
) -> None:
    """HR-22"""
    _add_fridge(app, browser)
    _add_plain(browser, "2999")
    page = _open(browser)
    assert _tag_states(page) == ["open", "plain"]
    assert "¥9,099.00" in page and "−¥915.00" in page and "¥8,184.00" in page
    page = browser.send("/till/order/hold")
    assert _tag_states(page) == ["held", "plain"]
    assert '<div class="huge num">¥8,184.00</div>' in page
    page = browser.send("/till/order/redeem", channel="wechat", payment_ref="42")
    assert _tag_states(page) == ["redeemed", "plain"] and "本单已全部核销" in page
    assert _sold(app) == [(610_000, 91_500, 518_500)]
    with app.app_context():
        paid = get_db().execute("SELECT channel, payment_ref, amount_fen FROM payment").fetchall()
    assert paid == [("wechat", "42", 518_500)]


def _payments(app: Flask) -> list[tuple[str, str, int]]:
    with app.app_context():
        return (
            get_db().execute("SELECT channel, payment_ref, amount_fen FROM payment ORDER BY rowid").fetchall()
        )


def test_an_order_paid_in_two_ways_is_told_line_by_line(app: Flask, browser: Browser) -> None:
    _add_fridge(app, browser)
    _add_fridge(app, browser, serial_no="SN-0002", id_number=OTHER_ID, price_fen=500_000)
    _add_plain(browser, "2999")
    _open(browser)
    browser.send("/till/order/hold")
    second = {"channel2": "cash", "amount2": "6000", "payment_ref2": "K-1"}
    page = _pay(browser, payment_ref="42", **second)
    assert _tag_states(page) == ["redeemed", "redeemed", "plain"]
    # 12,434.00 are due: 6,434.00 by WeChat, from the first line on; the last 2,999.00 are of no subsidy.
    assert _payments(app) == [("wechat", "42", 518_500), ("wechat", "42", 124_900), ("cash", "K-1", 300_100)]


@pytest.mark.parametrize(
    "typed",
    [
        {"amount": "5000", "channel2": "cash", "amount2": "185.01"},
        {"amount": "5000", "channel2": "cash", "amount2": "184.99"},
        {"channel2": "cash", "amount2": "5185"},
        {"channel2": "cash"},
        {"amount": "5000"},
    ],
)
def test_amounts_that_do_not_come_to_what_is_due_book_nothing(
    app: Flask, browser: Browser, typed: dict[str, str]
) -> None:
    _add_fridge(app, browser)
    _open(browser)
    browser.send("/till/order/hold")
    before = journal_kinds(app)
    page = browser.send("/till/order/redeem", status=409, channel="wechat", **typed)
    assert "paid_amount_differs" in page and _tag_states(page) == ["held"]
    assert journal_kinds(app) == before and _payments(app) == []
    if "amount2" in typed:
        assert f'value="{typed["amount2"]}"' in page, "what was typed is mended, not typed anew"
    second = {"amount": "5000", "channel2": "cash", "amount2": "185"}
    page = browser.send("/till/order/redeem", **{"channel": "wechat", **second})
    assert _tag_states(page) == ["redeemed"] and [one[2] for one in _payments(app)] == [500_000, 18_500]


def test_a_second_amount_needs_its_channel(app: Flask, browser: Browser) -> None:
    _add_fridge(app, browser)
    _open(browser)
    browser.send("/till/order/hold")
    page = browser.send("/till/order/redeem", status=400, channel="wechat", amount2="100")
    assert "payment_required" in page and "redeemed" not in journal_kinds(app)


def test_with_nothing_eligible_the_till_stops_before_anything_is_held(app: Flask, browser: Browser) -> None:
    """HR-22"""
    _add_plain(browser, "2999")
    page = _open(browser)
    assert "本单没有可补贴的商品" in page and "全部锁定" not in page
    code = issue(app).voucher.code
    browser.scan(code, "SN-0001")
    browser.send("/till", act="add", order_no="JX-1", price="7500")  # above the filed price
    page = _open(browser)
    assert _tag_states(page) == ["plain", "refused"] and "price_over_filed" in page
    before = journal_kinds(app)
    page = browser.send("/till/order/hold", status=409)
    assert "order_nothing_eligible" in page and journal_kinds(app) == before
    assert "state.issued" not in page and "未使用" in browser.get(f"/till/vouchers/{code}")


def test_an_order_discount_is_told_per_line_before_anything_is_held(app: Flask, browser: Browser) -> None:
    _add_fridge(app, browser)
    _add_plain(browser, "2999")
    _open(browser)
    page = _change(browser, "discount", discount="100")
    # 10000 fen over 610000 : 299900 is 6704.03… : 3295.96…
    assert "−¥67.04" in page and "−¥32.96" in page and "¥6,032.96" in page
    assert "−¥904.94" in page, "15 % of the price after the discount, rounded down"
    assert "hold_taken" not in journal_kinds(app)
    page = browser.send("/till/order/hold")
    browser.send("/till/order/redeem", channel="cash")
    assert _sold(app) == [(603_296, 90_494, 512_802)]


def test_two_people_on_one_order_pay_once_and_each_line_is_booked_with_its_own_amount(
    app: Flask, browser: Browser
) -> None:
    _add_fridge(app, browser)
    _add_fridge(app, browser, serial_no="SN-0002", id_number=OTHER_ID, price_fen=500_000)
    _open(browser)
    browser.send("/till/order/hold")
    page = _pay(browser)
    assert _tag_states(page) == ["redeemed", "redeemed"]
    assert sorted(_sold(app)) == [(500_000, 75_000, 425_000), (610_000, 91_500, 518_500)]
    with app.app_context():
        paid = get_db().execute("SELECT payment_ref, amount_fen FROM payment ORDER BY 2").fetchall()
    assert paid == [("4200", 425_000), ("4200", 518_500)]


def test_a_line_that_is_refused_leaves_the_others_on_hold_and_says_why(app: Flask, browser: Browser) -> None:
    browser.sell(app, id_number="330411189901010011", serial_no="SN-USED", order_no="JX-0")
    _add_fridge(app, browser)
    _add_fridge(app, browser, serial_no="SN-USED", id_number=OTHER_ID)
    _open(browser)
    sent = browser.form("/till/order/hold")
    page = browser.send("/till/order/hold", status=422)
    assert _tag_states(page) == ["held", "open"]
    assert "1 件办好了，1 件没有办成" in page and "serial_used" in page and "第 2 件 样例甲 BCD-501" in page
    held = journal_kinds(app).count("hold_taken")
    browser.client.post("/till/order/hold", data=sent, headers=browser.headers)
    assert journal_kinds(app).count("hold_taken") == held, "sent again, what is on hold is not held twice"
    _open(browser)
    _change(browser, "edit:1")
    assert browser.path == "/till" and "SN-USED" in browser.page
    browser.send("/till", act="add", serial_no="SN-0003")
    _open(browser)
    page = browser.send("/till/order/hold")
    assert _tag_states(page) == ["held", "held"]


def test_one_payment_sent_twice_is_booked_once(app: Flask, browser: Browser) -> None:
    _add_fridge(app, browser)
    _open(browser)
    browser.send("/till/order/hold")
    form = {**browser.form("/till/order/redeem"), "channel": "cash"}
    answers = [
        browser.client.post("/till/order/redeem", data=form, headers=browser.headers) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert journal_kinds(app).count("redeemed") == 1 and "payment_orphaned" not in journal_kinds(app)


def test_a_line_whose_payment_cannot_be_booked_is_told_and_the_other_stands(
    app: Flask, browser: Browser
) -> None:
    _add_fridge(app, browser)
    _add_fridge(app, browser, serial_no="SN-0002", id_number=OTHER_ID)
    _open(browser)
    page = browser.send("/till/order/hold")
    paying = {**browser.form("/till/order/redeem"), "channel": "cash"}
    ids = re.findall(r'name="hold" value="([^"]+)"', page)
    browser.get(f"/till/holds/{ids[1]}")
    browser.send(f"/till/holds/{ids[1]}/release")
    data = {**paying, "hold": ids}
    answer = browser.client.post("/till/order/redeem", data=data, headers=browser.headers)
    assert answer.status_code == 409 and "hold_released" in answer.text and "第 2 件" in answer.text
    assert _tag_states(answer.text) == ["redeemed", "released"]
    assert journal_kinds(app)[-2:] == ["redeemed", "payment_orphaned"]


def test_a_payment_after_the_holds_time_is_booked_late(app: Flask, browser: Browser) -> None:
    _add_fridge(app, browser)
    _open(browser)
    browser.send("/till/order/hold")
    app.extensions["training_clock"].advance_to(AFTERNOON + timedelta(minutes=11))
    assert "已核销" in browser.send("/till/order/redeem", channel="cash")


def test_a_total_that_is_no_longer_true_does_nothing(app: Flask, browser: Browser) -> None:
    _add_fridge(app, browser)
    _open(browser)
    hold = browser.form("/till/order/hold")
    _change(browser, "discount", discount="100")
    answer = browser.client.post("/till/order/hold", data=hold, headers=browser.headers)
    assert answer.status_code == 409 and "order_changed" in answer.text
    assert "hold_taken" not in journal_kinds(app)
    _open(browser)
    browser.send("/till/order/hold")
    page = browser.send("/till/order/redeem", status=409, channel="cash", paid="1.00")
    assert "order_changed" in page and "redeemed" not in journal_kinds(app)


def test_the_discount_cannot_move_under_what_is_on_hold(app: Flask, browser: Browser) -> None:
    _add_fridge(app, browser)
    _add_plain(browser, "2999")
    _open(browser)
    _change(browser, "discount", discount="100")
    page = browser.send("/till/order/hold")
    assert "order_fixed" in _change(browser, "discount", status=409, discount="200")
    _open(browser)
    assert "order_fixed" in _change(browser, "remove:1", status=409)
    held = re.search(r"/till/holds/H-[0-9A-Z-]+", page)
    assert held
    browser.get(held[0])
    browser.send(f"{held[0]}/release")
    _open(browser)
    assert "−¥134.08" in _change(browser, "discount", discount="200")


@pytest.mark.parametrize("typed", ["6100", "99999", "-1", "1e3", "1.001"])
def test_a_discount_that_does_not_fit_is_refused(app: Flask, browser: Browser, typed: str) -> None:
    _add_fridge(app, browser)
    _open(browser)
    page = _change(browser, "discount", status=400, discount=typed)
    assert ("order_discount_too_large" in page) == (typed in ("6100", "99999"))


def test_a_discount_is_taken_off_again(app: Flask, browser: Browser) -> None:
    _add_fridge(app, browser)
    _open(browser)
    _change(browser, "discount", discount="100")
    assert "−¥915.00" in _change(browser, "discount", discount="0")


def test_a_voucher_is_for_one_line(app: Flask, browser: Browser) -> None:
    code = _add_fridge(app, browser)
    browser.scan(code, "SN-0002", "6100")
    assert "order_line_repeated" in browser.send("/till", status=409, act="add", order_no="JX-1")


def test_another_order_is_not_mixed_in(app: Flask, browser: Browser) -> None:
    _add_fridge(app, browser)
    browser.scan(issue(app, id_number=OTHER_ID).voucher.code, "SN-0002")
    assert "order_open_elsewhere" in browser.send("/till", status=409, act="add", order_no="JX-2")
    _open(browser)
    _change(browser, "discard")
    browser.send("/till", act="clear")
    _add_fridge(app, browser, order_no="JX-2", serial_no="SN-0003", id_number="330411189901010011")
    assert "JX-1" not in _open(browser, "JX-2")


@pytest.mark.parametrize("order_no", ["a/b?c=d&e#f", "../till", "单 号", '"><script>', "100%25"])
def test_any_text_is_an_order_number(app: Flask, browser: Browser, order_no: str) -> None:
    _add_fridge(app, browser, order_no=order_no)
    page = _open(browser, order_no)
    assert _tag_states(page) == ["open"] and "<script>" not in page.replace("<script src", "")
    page = browser.send("/till/order/hold")
    assert _tag_states(page) == ["held"]


def test_an_order_shows_what_was_held_elsewhere_under_its_number(app: Flask, browser: Browser) -> None:
    browser.sell(app)
    other = Browser(app).sign_in("manager")
    page = _open(other)
    assert _tag_states(page) == ["redeemed"] and "¥5,185.00" in page


def test_a_page_sent_twice_adds_one_item(app: Flask, browser: Browser) -> None:
    _add_fridge(app, browser)
    _open(browser)
    form = _forms(browser, "plain")
    for _ in range(2):
        data = {**form.fields, "act": "plain", "name": "洗碗机", "price": "2999"}
        browser.client.post(form.action, data=data, headers=browser.headers)
    assert _tag_states(_open(browser)) == ["open", "plain"] and "洗碗机" in browser.page


def test_an_order_has_an_end_and_fits_the_session(app: Flask, browser: Browser) -> None:
    browser.get("/till/order?no=JX-1")
    for _ in range(12):
        _change(browser, "plain", name="一件名字很长很长的商品型号规格颜色样例" * 2, price="1234.56")
    page = _change(browser, "plain", status=409, name="x", price="1")
    assert "order_full" in page and _tag_states(page) == ["plain"] * 12
    cookie = browser.client.get_cookie("session")
    assert cookie is not None and len(cookie.value) < 3_800


def test_the_session_holds_nothing_of_a_person(app: Flask, browser: Browser) -> None:
    _add_fridge(app, browser)
    with browser.client.session_transaction() as kept:
        assert set(kept["basket"]) == {"order_no", "items", "discount_fen", "paid", "seen"}
        assert set(kept["basket"]["items"][0]["draft"]) == {"voucher", "gtin", "serial_no", "price"}
        assert not any(told in str(kept["basket"]) for told in ("张", "330402", "138", "0015"))


def _pay(browser: Browser, **typed: str) -> str:
    """Send the payment with every hold of the page, as a real browser does."""
    ids = re.findall(r'name="hold" value="([^"]+)"', browser.page)
    data = {**browser.form("/till/order/redeem"), "hold": ids, "channel": "wechat", "payment_ref": "4200"}
    answer = browser.client.post(
        "/till/order/redeem", data={**data, **typed}, headers=browser.headers, follow_redirects=True
    )
    return browser._show(answer, 200)
