"""The locked screen: nobody's data on it, opened by PIN, given up after five wrong ones."""

import pytest

from tests.web.pages_shop import Browser, issue


@pytest.fixture
def browser(app) -> Browser:
    browser = Browser(app).sign_in()
    browser.get("/till/pin")
    browser.send("/till/pin", password="pw", pin="4711")
    return browser


def test_a_locked_screen_shows_nothing_of_a_customer_and_opens_with_the_pin(app, browser):
    voucher = issue(app).voucher
    browser.scan(voucher.code)
    assert "0015" in browser.page
    page = browser.get("/lock")
    assert "屏幕已锁" in page and "0015" not in page and voucher.code not in page
    for path in ("/till", "/till/today", "/till/issue", "/till/claims", "/till/shift"):
        assert "屏幕已锁" in browser.get(path), path
    browser.send("/lock", pin="4711")
    assert browser.path == "/till" and "0015" not in browser.page, "what was begun is not shown again"


def test_a_wrong_pin_opens_nothing_and_five_ask_for_the_password(browser):
    browser.get("/lock")
    for _ in range(4):
        assert "PIN 不对" in browser.send("/lock", status=401, pin="0815")
    browser.send("/lock", pin="0815")
    assert browser.path == "/sign-in"
    assert browser.get("/till").count('name="password"') == 1


def test_a_right_pin_forgets_the_wrong_ones(browser):
    for _ in range(2):
        browser.get("/lock")
        for _ in range(4):
            browser.send("/lock", status=401, pin="0815")
        browser.send("/lock", pin="4711")
        assert browser.path == "/till"


@pytest.mark.parametrize("pin", ["123", "1234", "0000", "4321", "12345678", "47a1", "", "123456789"])
def test_a_pin_too_plain_is_refused(app, pin):
    browser = Browser(app).sign_in()
    browser.get("/till/pin")
    assert "这个 PIN 不行" in browser.send("/till/pin", status=400, password="pw", pin=pin)


def test_a_pin_is_set_with_the_password_only(app):
    browser = Browser(app).sign_in()
    browser.get("/till/pin")
    browser.send("/till/pin", status=401, password="guess", pin="4711")
    browser.get("/lock")
    assert browser.path == "/till", "without a PIN the screen is emptied, not locked"


def test_one_cashiers_pin_opens_no_others_screen(app, browser):
    manager = Browser(app).sign_in("manager")
    manager.get("/till/pin")
    manager.send("/till/pin", password="pw", pin="0816")
    manager.get("/lock")
    manager.send("/lock", status=401, pin="4711")
    manager.send("/lock", pin="0816")
    assert manager.path.startswith("/office")
