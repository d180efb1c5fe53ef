"""The consumer applies on her own phone, and nobody has seen her paper yet."""

import io
import re

import pytest
from flask import Flask

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.errors import Invalid
from pos_subsidy.services import holds, looking_up
from pos_subsidy.services.assessment import Goods
from pos_subsidy.services.holds import Sale
from pos_subsidy.services.shop import By
from tests.web.pages_shop import FRIDGE, ID_NUMBER, OTHER_ID, Browser, issue, journal_kinds
from tests.web.test_pages_pictures import code, file

HERSELF = {
    "consent": "1",
    "name": "张小明",
    "phone": "138 0000 0014",
    "id_type": "resident",
    "id_number": ID_NUMBER,
}
ASKED = f"/apply?gtin={FRIDGE}&price=6100"
OPEN_NETWORK = {"REMOTE_ADDR": "192.168.1.7"}


@pytest.fixture
def phone(app: Flask) -> Browser:
    return Browser(app)


def _apply(hers: Browser, *, asked: str = ASKED, status: int = 200, **typed: str) -> str:
    hers.get(asked)
    return hers.send("/apply", status=status, **{**HERSELF, **typed})


def test_she_sees_what_she_would_get_before_anything_is_asked_of_her(app: Flask, phone: Browser) -> None:
    page = phone.get("/apply")
    assert "领补贴券" in page and 'name="id_number"' not in page
    page = phone.get(ASKED)
    assert "¥915.00" in page and "¥5,185.00" in page
    assert page.index("单独同意") < page.index('name="id_number"')
    assert "¥899.85" in phone.get("/apply?category=computer&price=5999&rating=1")
    assert journal_kinds(app) == []


def test_she_gets_her_voucher_with_and_without_a_price(app: Flask, phone: Browser) -> None:
    page = _apply(phone)
    assert phone.path.startswith("/wallet/") and "¥915.00" in page and "本人证件" in page
    page = _apply(phone, asked="/apply?category=computer&price=5999&rating=1")
    assert "¥899.85" in page
    page = _apply(phone, asked="/apply?category=phone")
    assert phone.path.startswith("/wallet/") and "qr.svg" in page
    assert journal_kinds(app) == ["voucher_issued"] * 3


@pytest.mark.parametrize(
    "asked",
    ["category=car", "category=ebike&on=2025-06-18", "gtin=6901234567892&price=0.01", "category=home"],
)
def test_what_gives_nothing_here_asks_for_no_identity(phone: Browser, asked: str) -> None:
    answer = phone.client.get(f"/apply?{asked}", headers=phone.headers)
    assert 'name="id_number"' not in answer.text and "data-verdict" in answer.text


@pytest.mark.parametrize(
    "asked", ["gtin=6901234567891", "gtin=6900000000007", "category=x", "category=phone&price=x"]
)
def test_a_slip_is_said_on_the_page(phone: Browser, asked: str) -> None:
    page = phone.get(f"/apply?{asked}", status=400)
    assert 'data-verdict="doubt"' in page and 'name="gtin"' in page


def test_nothing_is_issued_without_consent_and_the_number_is_never_shown_again(
    app: Flask, phone: Browser
) -> None:
    page = _apply(phone, status=400, consent="")
    assert "consent_required" in page and ID_NUMBER not in page
    page = phone.send("/apply", status=422, **{**HERSELF, "id_number": ID_NUMBER[:-1] + "9"})
    assert "person_invalid" in page and ID_NUMBER[:-1] not in page and "对照证件" in page
    assert journal_kinds(app) == []
    assert ID_NUMBER not in phone.send("/apply", **HERSELF) and journal_kinds(app) == ["voucher_issued"]


def test_identities_do_not_cross_an_open_network(app: Flask, phone: Browser) -> None:
    page = phone.client.get(ASKED, headers=phone.headers, environ_overrides=OPEN_NETWORK).text
    assert 'name="id_number"' not in page and "没有加密" in page and "¥915.00" in page
    phone.get(ASKED)
    form = {**phone.form("/apply"), **HERSELF}
    answer = phone.client.post("/apply", data=form, headers=phone.headers, environ_overrides=OPEN_NETWORK)
    assert answer.status_code == 403 and journal_kinds(app) == []


def test_a_used_right_and_an_open_voucher_look_the_same_to_a_stranger(app: Flask, phone: Browser) -> None:
    issued = issue(app)
    page = _apply(phone, status=409)
    assert "这里不能再发券" in page and "之前收到的券链接" in page
    assert issued.voucher.code not in page and issued.wallet_link not in page
    Browser(app).sign_in().sell(app, id_number=OTHER_ID)
    other = _apply(phone, status=409, id_number=OTHER_ID)
    assert "这里不能再发券" in other
    bands = [text.split('data-verdict="no"')[1].split("<form")[0] for text in (page, other)]
    assert bands[0] == bands[1]


def test_a_double_tap_issues_one_voucher(app: Flask, phone: Browser) -> None:
    phone.get(ASKED)
    form = {**phone.form("/apply"), **HERSELF}
    went = {phone.client.post("/apply", data=form).headers["Location"] for _ in range(2)}
    assert len(went) == 1 and journal_kinds(app) == ["voucher_issued"]


def test_one_person_cannot_be_tried_again_and_again(phone: Browser) -> None:
    _apply(phone)
    for _ in range(5):
        _apply(phone, status=409)
    assert "太频繁" in _apply(phone, status=429)
    _apply(phone, id_number=OTHER_ID)


def test_one_address_is_slowed_down(phone: Browser) -> None:
    for number in range(20):
        _apply(phone, status=400, consent="", id_number=str(number))
    _apply(phone, status=429, consent="", id_number="20")


def test_the_cashier_compares_the_paper_of_one_who_applied_herself(app: Flask, phone: Browser) -> None:
    _apply(phone)
    code = phone.page.split('voucher-code mono">')[1].split("<")[0].replace(" ", "")
    till = Browser(app).sign_in()
    page = till.scan(code, "SN-1", "JX-1")
    assert "核对证件后勾选" in page and 'name="identity_checked"' in page and "自助申领" in page
    till.send("/till", act="hold")
    assert till.path == "/till", "without the tick there is no hold"
    till.send("/till", act="hold", identity_checked="1")
    assert till.path.startswith("/till/holds/"), till.page


def test_no_other_way_to_a_hold_spares_the_comparison(app: Flask, phone: Browser) -> None:
    _apply(phone)
    code = phone.page.split('voucher-code mono">')[1].split("<")[0].replace(" ", "")
    with app.app_context():
        sale = Sale(code, Goods(610_000, None, FRIDGE), "JX-1", "SN-1")
        with pytest.raises(Invalid, match="identity_check_required"):
            holds.hold(get_db(), get_shop(), sale, by=By("T2"), now=now())


def test_a_stranger_who_knows_her_number_learns_and_changes_nothing(app: Flask, phone: Browser) -> None:
    Browser(app).sign_in().sell(app)
    _apply(phone, asked="/apply?category=phone", name="李四", phone="13911112222")
    link = phone.path.rsplit("/", 1)[1]
    with app.app_context():
        key = get_db().execute("SELECT person_key FROM voucher").fetchone()[0]
        card = looking_up.person_of(get_db(), key)
    assert card is not None and (card.masked_name, card.phone_last4) == ("张**", "0014")
    assert "收银员核对证件以后" in phone.get(f"/wallet/{link}/rights") and "已用" not in phone.page
    page = phone.get(f"/wallet/{link}/vouchers")
    assert set(re.findall(r"/wallet/(\w+)", page)) == {link}, "only her own link is told"
    assert "已核销" not in page
    phone.get(f"/wallet/{link}/data")
    phone.send(f"/wallet/{link}/data", status=403, phone="13911112222", act="delete")
    phone.get(f"/wallet/{link}/data")
    assert "张" not in phone.send(f"/wallet/{link}/data", status=403, phone="13800000014", act="show")


def test_the_poster_leads_to_the_page_in_both_languages(app: Flask) -> None:
    browser = Browser(app)
    assert "/sign-in" in browser.client.get("/till/poster").headers["Location"]
    browser.sign_in()
    assert "/till/poster" in browser.get("/till/issue")
    page = browser.get("/till/poster")
    assert "扫一扫" in page and "Scan to see" in page and "http://shop.test/apply" in page
    assert browser.client.get("/till/poster/qr.svg").content_type == "image/svg+xml"


def test_a_phone_set_to_english_reads_english(app: Flask) -> None:
    assert "Get a subsidy voucher" in Browser(app, language="en-GB,en").get("/apply")


def test_a_photo_of_the_bar_code_finds_the_goods(phone: Browser) -> None:
    for shown, status, told in ((FRIDGE, 200, "BCD-501"), ("not goods", 400, "picture_without_code")):
        phone.get("/apply")
        form = {**phone.form("/apply/picture"), "picture": (io.BytesIO(file(code(shown))), "p.png")}
        answer = phone.client.post("/apply/picture", data=form, headers=phone.headers, follow_redirects=True)
        assert answer.status_code == status and told in answer.text


def test_the_poster_says_when_phones_could_not_use_it(app: Flask) -> None:
    assert "pos-subsidy tls" in Browser(app).sign_in().get("/till/poster")
