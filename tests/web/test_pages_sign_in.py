"""Sign-in, who may see what, forged forms, headers."""

import pytest
from flask import Flask

from tests.web.pages_shop import Browser, journal_kinds


def test_each_role_lands_on_its_own_page(app: Flask) -> None:
    assert Browser(app).sign_in("cashier").path == "/till"
    assert Browser(app).sign_in("manager").path == "/office/day/2026-11-20"


@pytest.mark.parametrize("username", ["cashier", "nobody"])
def test_a_wrong_name_and_a_wrong_password_read_the_same(app: Flask, username: str) -> None:
    browser = Browser(app)
    browser.get("/sign-in")
    page = browser.send("/sign-in", status=401, username=username, password="wrong")
    assert "登录失败" in page and "用户名或密码不对" in page


def test_guessing_a_password_is_slowed_down(app: Flask) -> None:
    browser = Browser(app)
    browser.get("/sign-in")
    for _ in range(8):
        browser.send("/sign-in", status=401, username="cashier", password="guess")
    typed = {**browser.form("/sign-in"), "username": "cashier", "password": "pw"}
    assert browser.client.post("/sign-in", data=typed).status_code == 429
    other = {**typed, "username": "manager"}
    assert browser.client.post("/sign-in", data=other).status_code == 303


def test_right_passwords_are_never_counted(app: Flask) -> None:
    for _ in range(10):
        assert Browser(app).sign_in().path == "/till"


@pytest.mark.parametrize("path", ["/", "/till", "/till/issue", "/till/today", "/office/day/2026-11-20"])
def test_nobody_sees_a_page_of_staff_without_signing_in(app: Flask, path: str) -> None:
    browser = Browser(app)
    assert 'name="password"' in browser.get(path)
    assert browser.path == "/sign-in"


def test_after_signing_in_one_goes_where_one_wanted_to(app: Flask) -> None:
    browser = Browser(app)
    browser.get("/till/today")
    browser.send("/sign-in", username="cashier", password="pw")
    assert browser.path == "/till/today"


@pytest.mark.parametrize("wanted", ["https://elsewhere.test/till", "//elsewhere.test", "/till//x", "/\\x"])
def test_signing_in_never_leads_to_another_host(app: Flask, wanted: str) -> None:
    browser = Browser(app)
    browser.get("/sign-in")
    typed = {**browser.form("/sign-in"), "username": "cashier", "password": "pw", "next": wanted}
    assert browser.client.post("/sign-in", data=typed).headers["Location"] == "/till"


def test_a_cashier_may_not_open_the_office(app: Flask) -> None:
    browser = Browser(app).sign_in("cashier")
    assert "没有权限" in browser.get("/office/day/2026-11-20", status=403)
    form = browser.get("/till") and browser.form("/till")
    closing = browser.client.post("/office/day/2026-11-20/close", data=form, headers=browser.headers)
    assert closing.status_code == 403
    assert "day_closed" not in journal_kinds(app)


def test_signing_out_ends_the_session(app: Flask) -> None:
    browser = Browser(app).sign_in()
    browser.send("/sign-out")
    browser.get("/till")
    assert browser.path == "/sign-in"


@pytest.mark.parametrize("path", ["/sign-in", "/till", "/till/issue", "/office/day/2026-11-20/close"])
def test_a_form_without_its_token_is_refused_and_does_nothing(app: Flask, path: str) -> None:
    browser = Browser(app).sign_in("manager")
    before = journal_kinds(app)
    answer = browser.client.post(path, data={"once": "k1", "act": "hold"}, headers=browser.headers)
    assert answer.status_code == 400 and "csrf_invalid" in answer.text
    assert journal_kinds(app) == before


def test_the_api_needs_no_form_token(app: Flask) -> None:
    asked = {"category": "refrigerator", "price_fen": 500_000, "energy_rating": 1}
    assert app.test_client().post("/api/v1/assessments", json=asked).status_code == 200


def test_pages_may_run_nothing_from_elsewhere(app: Flask) -> None:
    answer = Browser(app).client.get("/sign-in")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "//" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_session_is_out_of_reach_of_scripts_and_of_other_sites(app: Flask) -> None:
    cookie = Browser(app).client.get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_a_style_is_named_by_its_content_and_may_be_kept(app: Flask) -> None:
    page = Browser(app).get("/sign-in")
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = app.test_client().get(address)
    assert answer.status_code == 200 and "immutable" in answer.headers["Cache-Control"]
    answer.close()
