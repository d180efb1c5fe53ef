"""Issuing and voiding vouchers at the till."""

from flask import Flask

from pos_subsidy.web.speaking import PAGE_WORDS
from tests.web.pages_shop import FRIDGE, ID_NUMBER, Browser, issue, journal_kinds

APPLICANT = {
    "consent": "1",
    "gtin": FRIDGE,
    "price": "6100",
    "name": "张小明",
    "phone": "138 0000 0014",
    "id_type": "resident",
    "id_number": ID_NUMBER,
}


def test_a_voucher_is_issued_and_leads_into_the_sale(browser: Browser) -> None:
    browser.get("/till/issue")
    page = browser.send("/till/issue", **APPLICANT)
    assert "券已发放" in page and "¥915.00" in page and "张**" in page
    assert "http://shop.test/wallet/" in page
    page = browser.send(f"{browser.path}/use")
    assert browser.path == "/till" and "扫序列号" in page and "6100.00" in page


def test_nothing_is_typed_of_an_id_without_consent(app: Flask, browser: Browser) -> None:
    page = browser.get("/till/issue")
    assert page.index("单独同意") < page.index('name="id_number"')
    page = browser.send("/till/issue", status=400, **{**APPLICANT, "consent": ""})
    assert "consent_required" in page and journal_kinds(app) == []


def test_a_page_never_carries_an_id_number(browser: Browser) -> None:
    browser.get("/till/issue")
    page = browser.send("/till/issue", status=422, **{**APPLICANT, "id_number": ID_NUMBER[:-1] + "9"})
    assert "person_invalid" in page and ID_NUMBER[:-1] not in page
    assert "张小明" in page, "the rest need not be typed again"
    page = browser.send("/till/issue", **APPLICANT)
    assert ID_NUMBER not in page


def test_a_second_voucher_is_offered_in_place_of_the_first(app: Flask, browser: Browser) -> None:
    browser.get("/till/issue")
    browser.send("/till/issue", **APPLICANT)
    first = browser.path.rsplit("/", 1)[1]
    browser.get("/till/issue")
    page = browser.send("/till/issue", status=409, **APPLICANT)
    assert "voucher_exists" in page and "重新发放" in page
    browser.send("/till/issue", **APPLICANT, replaces=first)
    assert browser.path.rsplit("/", 1)[1] != first
    assert "已换发" in browser.get(f"/till/vouchers/{first}")
    assert journal_kinds(app) == ["voucher_issued", "voucher_voided", "voucher_issued"]


def test_a_double_click_issues_one_voucher(app: Flask, browser: Browser) -> None:
    browser.get("/till/issue")
    form = {**browser.form("/till/issue"), **APPLICANT}
    went = {browser.client.post("/till/issue", data=form).headers["Location"] for _ in range(2)}
    assert len(went) == 1 and journal_kinds(app) == ["voucher_issued"]


def test_a_voided_voucher_has_no_picture_any_more(app: Flask, browser: Browser) -> None:
    """CP-03"""
    code = issue(app).voucher.code
    browser.get(f"/till/vouchers/{code}")
    assert browser.client.get(f"/till/vouchers/{code}/token.svg").status_code == 200
    page = browser.send(f"/till/vouchers/{code}/void", reason="改主意")
    assert "已作废" in page
    assert browser.client.get(f"/till/vouchers/{code}/token.svg").status_code == 409


def test_a_paper_voucher_is_printed_with_its_own_code(app: Flask, browser: Browser) -> None:
    code = issue(app, kind="paper").voucher.code
    page = browser.get(f"/till/vouchers/{code}")
    assert f"/till/vouchers/{code}/token.svg" in page and "本人证件" in page


def test_an_unknown_voucher_is_not_found(browser: Browser) -> None:
    assert "voucher_unknown" in browser.get("/till/vouchers/7K3M9QWX4T20", status=404)


def test_sentences_that_only_pages_say_are_in_both_languages() -> None:
    for words in PAGE_WORDS.values():
        assert all((words.title_zh, words.title_en, words.detail_zh, words.detail_en))
        assert all((words.next_step_zh, words.next_step_en))
