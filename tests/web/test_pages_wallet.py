"""The consumer's page in every state."""

import io
from datetime import timedelta

import pytest
import zxingcpp
from flask import Flask
from PIL import Image

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.domain import qr_token
from pos_subsidy.services import identifying, issuance, sweeping
from pos_subsidy.services.shop import By
from tests.web.pages_shop import AFTERNOON, ID_NUMBER, OTHER_ID, Browser, issue, journal_kinds


@pytest.fixture
def phone(app: Flask) -> Browser:
    return Browser(app)


def _later(app: Flask, **after: int) -> None:
    app.extensions["training_clock"].advance_to(AFTERNOON + timedelta(**after))


def _claims(app: Flask, phone: Browser, address: str) -> qr_token.Claims:
    """Draw the page's QR as a phone would show it, and read it as a scanner would."""
    svg = phone.client.get(address)
    assert svg.content_type == "image/svg+xml" and svg.headers["Cache-Control"] == "no-store"
    path = svg.text.split(' d="')[1].split('"')[0]
    side = int(float(svg.text.split('viewBox="0 0 ')[1].split(" ")[0]))
    image = Image.new("L", (side * 8, side * 8), 255)
    for corner in path.split("M")[1:]:
        x, y = (float(part) for part in corner.split("H")[0].split(","))
        image.paste(0, (round(x * 8), round(y * 8), round(x * 8) + 8, round(y * 8) + 8))
    text = zxingcpp.read_barcodes(Image.open(_png(image)))[0].text
    with app.app_context():
        return qr_token.read(text, get_shop().keyring, outlet=get_shop().outlet_id)


def _png(image: Image.Image) -> io.BytesIO:
    out = io.BytesIO()
    image.save(out, "PNG")
    out.seek(0)
    return out


def test_an_unused_voucher_shows_its_qr_code_amount_and_time(app: Flask, phone: Browser) -> None:
    issued = issue(app)
    page = phone.get(f"/wallet/{issued.wallet_link}")
    code = issued.voucher.code
    assert f"{code[:4]} {code[4:8]} {code[8:]}" in page
    assert "¥915.00" in page and "怎么算的" in page
    assert f"/wallet/{issued.wallet_link}/qr.svg" in page and issued.voucher.valid_until in page


def test_a_forwarded_link_tells_strangers_nothing_of_her_and_opening_it_changes_nothing(
    app: Flask, phone: Browser
) -> None:
    """CP-07"""
    issued = issue(app)
    before = journal_kinds(app)
    for path in ("", "/state.json", "/qr.svg"):
        page = phone.get(f"/wallet/{issued.wallet_link}{path}")
        for personal in (ID_NUMBER, ID_NUMBER[-4:], "张", "13800000014", "0014"):
            assert personal not in page.replace("这张券", ""), (path, personal)
    assert "¥915.00" in phone.get(f"/wallet/{issued.wallet_link}") and journal_kinds(app) == before


def test_a_saved_picture_of_redeemed_convinces_no_till(app: Flask, phone: Browser) -> None:
    """CP-06"""
    cashier = Browser(app).sign_in()
    issued = issue(app)
    path = cashier.hold(app, id_number=OTHER_ID)
    cashier.send(path, channel="wechat", payment_ref="42000")
    assert "已核销" in cashier.page
    cashier.get("/till")
    page = cashier.send("/till", scan=issued.voucher.code, act="next")
    assert 'data-verdict="wait"' in page, "what is unused here is unused, whatever a phone shows"
    spent = issue(app, id_number="330411189901010011")
    other = Browser(app).sign_in()
    other.scan(spent.voucher.code, "SN-9", "JX-9")
    other.send("/till", act="hold")
    other.send(other.path, channel="cash", payment_ref="")
    page = cashier.send("/till", status=400, scan=spent.voucher.code, act="next")
    assert "这笔销售已有一张券" in page, "a second voucher is never taken for a serial number"
    cashier.send("/till", act="clear")
    page = cashier.send("/till", status=409, scan=spent.voucher.code, act="next")
    assert 'data-verdict="no"' in page and "已使用" in page


def test_the_countdown_follows_the_services_clock(app: Flask, phone: Browser) -> None:
    """CP-05"""
    page = phone.get(f"/wallet/{issue(app).wallet_link}")
    assert 'data-now="2026-11-20T06:0' in page, "the page counts from the service's moment, not the phone's"


def test_the_qr_is_read_by_a_scanner_and_good_for_two_minutes(app: Flask, phone: Browser) -> None:
    issued = issue(app)
    claims = _claims(app, phone, f"/wallet/{issued.wallet_link}/qr.svg")
    assert claims.voucher == issued.voucher.code
    assert claims.expires_at - claims.issued_at == timedelta(seconds=120)


def test_the_qr_of_a_paper_voucher_lasts_as_long_as_the_voucher(app: Flask, phone: Browser) -> None:
    issued = issue(app, kind="paper")
    claims = _claims(app, phone, f"/wallet/{issued.wallet_link}/qr.svg")
    assert claims.expires_at - claims.issued_at > timedelta(hours=9)


def test_a_held_voucher_shows_what_to_pay_and_no_qr(app: Flask, phone: Browser) -> None:
    Browser(app).sign_in().hold(app)
    link = _link(app)
    page = phone.get(f"/wallet/{link}")
    assert "收银员正在收款" in page and "¥5,185.00" in page and "qr.svg" not in page
    assert phone.client.get(f"/wallet/{link}/qr.svg").status_code == 409


def test_a_redeemed_voucher_says_when_where_and_under_which_number(app: Flask, phone: Browser) -> None:
    number = Browser(app).sign_in().sell(app)
    page = phone.get(f"/wallet/{_link(app)}")
    assert "已核销" in page and "14:00 · 南湖示范店" in page and number in page and "¥915.00" in page
    assert "qr.svg" not in page


def test_a_reversed_voucher_says_what_came_back_and_what_became_of_the_right(
    app: Flask, phone: Browser
) -> None:
    cashier = Browser(app).sign_in()
    path = f"/till/redemptions/{cashier.sell(app)}/reverse"
    cashier.get(f"{path}?kind=full&reason=x")
    cashier.send(path)
    page = phone.get(f"/wallet/{_link(app)}")
    assert "已退货冲正" in page and "¥5,185.00" in page and "资格已用掉" in page


def test_a_partly_reversed_voucher_stays_redeemed_with_the_new_amounts(app: Flask, phone: Browser) -> None:
    cashier = Browser(app).sign_in()
    path = f"/till/redemptions/{cashier.sell(app)}/reverse"
    cashier.get(f"{path}?kind=partial&new_price=6000&reason=x")
    cashier.send(path)
    page = phone.get(f"/wallet/{_link(app)}")
    assert "已部分冲正，退还 ¥85.00" in page and "¥900.00" in page


def test_a_voided_voucher_says_so(app: Flask, phone: Browser) -> None:
    issued = issue(app)
    with app.app_context():
        issuance.void(get_db(), get_shop(), issued.voucher.code, reason="x", by=By("T1"), now=now())
    page = phone.get(f"/wallet/{issued.wallet_link}")
    assert "这张券已作废" in page and "qr.svg" not in page


def test_a_replaced_voucher_points_to_the_new_one(app: Flask, phone: Browser) -> None:
    """VQ-11"""
    first = issue(app)
    issue(app, replaces=first.voucher.code)
    page = phone.get(f"/wallet/{first.wallet_link}")
    assert "已作废" in page and "已换发新券" in page


@pytest.mark.parametrize("swept", [False, True])
def test_an_expired_voucher_says_that_the_right_is_not_lost(app: Flask, phone: Browser, swept: bool) -> None:
    """CP-03"""
    link = issue(app).wallet_link
    _later(app, hours=1)
    if swept:
        with app.app_context():
            sweeping.sweep(get_db(), get_shop(), now=now())
    page = phone.get(f"/wallet/{link}")
    assert "这张券已过期" in page and "资格没有用掉" in page
    assert phone.client.get(f"/wallet/{link}/qr.svg").status_code == 409


@pytest.mark.parametrize("part", ["", "/state.json", "/qr.svg"])
def test_a_wrong_link_is_a_friendly_404_that_tells_nothing(app: Flask, phone: Browser, part: str) -> None:
    """CP-03"""
    issue(app)
    page = phone.get(f"/wallet/{'0' * 40}{part}", status=404)
    assert "找不到这张券" in page and "张" not in page.split("<main", 1)[1].replace("这张券", "")


def test_guessing_links_is_slowed_down(app: Flask, phone: Browser) -> None:
    link = issue(app).wallet_link
    for guess in range(30):
        assert phone.client.get(f"/wallet/{guess:040x}").status_code == 404
    assert phone.client.get(f"/wallet/{99:040x}").status_code == 429
    assert link


def test_the_state_changes_its_mark_only_when_the_page_would(app: Flask, phone: Browser) -> None:
    issued = issue(app)
    address = f"/wallet/{issued.wallet_link}/state.json"
    first = phone.client.get(address)
    assert first.json["state"] == "issued"
    again = phone.client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.data
    with app.app_context():
        issuance.void(get_db(), get_shop(), issued.voucher.code, reason="x", by=By("T1"), now=now())
    after = phone.client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert after.status_code == 200 and after.json["state"] == "voided"


def test_watching_the_page_is_never_limited(app: Flask, phone: Browser) -> None:
    address = f"/wallet/{issue(app).wallet_link}/state.json"
    assert {phone.client.get(address).status_code for _ in range(60)} == {200}


def test_a_phone_set_to_english_reads_english(app: Flask) -> None:
    link = issue(app).wallet_link
    assert "Expected subsidy" in Browser(app, language="en-GB,en").get(f"/wallet/{link}")
    assert "预计补贴" in Browser(app, language="fr").get(f"/wallet/{link}")


def _link(app: Flask) -> str:
    with app.app_context():
        code = get_db().execute("SELECT code FROM voucher ORDER BY issued_at DESC").fetchone()[0]
        return identifying.wallet_link(code, secret=get_shop().secret)
