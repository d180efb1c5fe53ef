"""One sale in two windows of a real browser: the cashier's till and the consumer's phone."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import zxingcpp
from PIL import Image

from tests.e2e.browsing import (
    DESKTOP,
    FRIDGE,
    PHONE,
    SMALL_PHONE,
    follow,
    issue,
    scan,
    sign_in,
    turns_at_once,
    window,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def test_a_sale_by_keyboard_alone_turns_the_consumers_page_within_two_seconds(
    address: str, chromium: "Browser", complaints: list[str], tmp_path: Path
) -> None:
    till = window(chromium, complaints, DESKTOP)
    sign_in(till, address, "cashier")
    till.screenshot(path=tmp_path / "till.png")
    wallet = issue(till, address, "330402189901010015")
    till.screenshot(path=tmp_path / "voucher.png")

    phone = window(chromium, complaints, PHONE, device_scale_factor=2, is_mobile=True)
    phone.goto(wallet)
    phone.evaluate("document.getElementById('qr').decode()")
    phone.screenshot(path=tmp_path / "phone-issued.png", full_page=True)
    token = zxingcpp.read_barcodes(Image.open(tmp_path / "phone-issued.png"))[0].text
    assert token.startswith("TI1:")

    till.goto(f"{address}/till")
    scan(till, token)
    scan(till, "SN-E2E-1")
    scan(till, "JX-20261120-1")
    assert "¥915.00" in till.text_content(".verdict.yes")
    till.screenshot(path=tmp_path / "ready.png")
    with turns_at_once(phone, "held"):
        till.keyboard.press("Enter")
        till.wait_for_url(re.compile(r"/till/holds/"))
    assert "¥5,185.00" in till.text_content(".charge")
    till.screenshot(path=tmp_path / "hold.png")
    phone.screenshot(path=tmp_path / "phone-held.png", full_page=True)

    till.keyboard.press("1")
    till.focus("[name=payment_ref]")
    till.keyboard.type("42000001")
    with turns_at_once(phone, "redeemed"):
        till.keyboard.press("Enter")
        till.wait_for_url(re.compile(r"/till/redemptions/"))
    number = re.search(r"R-\d{8}-\w+", till.url)[0]
    assert number in phone.text_content("#wallet") and "南湖示范店" in phone.text_content("#wallet")
    till.screenshot(path=tmp_path / "receipt.png")
    phone.screenshot(path=tmp_path / "phone-redeemed.png", full_page=True)
    assert complaints == []


def test_two_tills_and_a_phone_say_the_same_of_one_voucher(
    address: str, chromium: "Browser", complaints: list[str]
) -> None:
    """VQ-10"""
    first, second = window(chromium, complaints, DESKTOP), window(chromium, complaints, DESKTOP)
    phone = window(chromium, complaints, PHONE, is_mobile=True)
    sign_in(first, address, "cashier")
    sign_in(second, address, "manager")
    phone.goto(issue(first, address, "330402189901010074"))
    code = first.inner_text(".voucher-code")

    def told_to_the_second() -> str:
        second.goto(f"{address}/till?lang=zh")
        scan(second, code)
        second.wait_for_selector(".verdict.no")
        return str(second.inner_text("main"))

    first.goto(f"{address}/till")
    scan(first, code)
    scan(first, "SN-THREE-1")
    scan(first, "JX-THREE-1")
    first.wait_for_selector(".verdict.yes")
    first.keyboard.press("Enter")
    first.wait_for_url(re.compile(r"/till/holds/"))
    phone.wait_for_selector("[data-state=held]")
    assert "voucher_held" in told_to_the_second()
    first.keyboard.press("4")
    first.keyboard.press("Enter")
    first.wait_for_url(re.compile(r"/till/redemptions/"))
    phone.wait_for_selector("[data-state=redeemed]")
    number = re.search(r"R-\d{8}-\w+", first.url)[0]
    told = told_to_the_second()
    assert "voucher_spent" in told and "T1" in told and number in phone.inner_text("#wallet")
    second.click(f"a[href*='{number}']")
    second.wait_for_url(re.compile(number))
    assert all("409" in one for one in complaints), complaints


def test_the_amount_fits_small_phones_and_buttons_are_large_enough(
    address: str, chromium: "Browser", complaints: list[str], tmp_path: Path
) -> None:
    page = window(chromium, complaints, SMALL_PHONE, is_mobile=True)
    sign_in(page, address, "manager")
    wallet = issue(page, address, "330402189901010023").removeprefix(address)
    paths = ("/till", "/till/issue", "/till/today", "/office/day/2026-11-20", "/wallet/none", wallet)
    for path in (*paths, "/ask", "/till/claims", "/till/claims/new", f"{wallet}/rights"):
        for language in ("zh", "en"):
            page.goto(f"{address}{path}?lang={language}")
            assert page.evaluate("document.documentElement.scrollWidth") <= SMALL_PHONE["width"], path
            if path.startswith("/office"):
                page.set_viewport_size(PHONE)
                lines = page.evaluate("document.querySelector('header.top').offsetHeight / 44")
                assert lines < 3.5, f"the office's menu takes {lines} lines ({language})"
                page.set_viewport_size(SMALL_PHONE)
            low = page.evaluate(
                "[...document.querySelectorAll('button, .btn, select, input:not([type=hidden])')]"
                ".filter(e => e.checkVisibility() && !e.closest('.offscreen'))"
                ".filter(e => !/checkbox|radio/.test(e.type))"
                ".map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect().height])"
                ".filter(([, height]) => height && height < 44)"
            )
            assert low == [], path
        page.screenshot(path=tmp_path / f"small{path.replace('/', '-')[:20]}.png", full_page=True)


def test_the_consumers_qr_renews_itself_and_a_lost_shop_is_said(
    address: str, chromium: "Browser", complaints: list[str]
) -> None:
    """VQ-17"""
    till = window(chromium, complaints, DESKTOP)
    sign_in(till, address, "cashier")
    phone = window(chromium, complaints, PHONE, is_mobile=True)
    phone.goto(issue(till, address, "330411189901010011"))
    phone.evaluate("document.getElementById('qr').dataset.freshSeconds = 1")
    phone.wait_for_selector("#qr[src*='?n=']")
    assert phone.evaluate("document.getElementById('qr').naturalWidth") > 0
    assert not phone.is_visible("#lost")
    phone.context.set_offline(True)
    phone.wait_for_selector("#lost", state="visible")
    phone.context.set_offline(False)
    phone.wait_for_selector("#lost", state="hidden")


def test_a_scan_in_two_bursts_arrives_whole(address: str, chromium: "Browser", complaints: list[str]) -> None:
    """HR-21"""
    till = window(chromium, complaints, DESKTOP)
    sign_in(till, address, "cashier")
    till.evaluate(
        """() => {
          const scan = document.getElementById('scan');
          scan.value = '69012345'; scan.dispatchEvent(new Event('input'));
          const enter = {key: 'Enter', bubbles: true, cancelable: true};
          scan.dispatchEvent(new KeyboardEvent('keydown', enter));
          // A key has the time it was pressed at, however late a busy page comes to it.
          const second = new Event('input');
          Object.defineProperty(second, 'timeStamp', {value: performance.now() + 60});
          setTimeout(() => { scan.value += '67892'; scan.dispatchEvent(second); }, 60);
        }"""
    )
    till.wait_for_selector("html[data-scans-waiting='0']", state="attached")
    assert till.input_value("[name=gtin]") == FRIDGE


def test_a_claim_from_the_question_to_the_slip(
    address: str, chromium: "Browser", complaints: list[str], tmp_path: Path
) -> None:
    phone = window(chromium, complaints, SMALL_PHONE, is_mobile=True)
    phone.goto(f"{address}/ask")
    with phone.expect_navigation():
        phone.select_option("[name=category]", "car")
    phone.fill("[name=price]", "150000")
    phone.select_option("[name=fuel]", "nev")
    phone.select_option("[name=scheme]", "replacement")
    follow(phone, "form button.primary")
    assert "¥12,000.00" in phone.inner_text(".verdict.yes")
    till = window(chromium, complaints, DESKTOP)
    sign_in(till, address, "cashier")
    till.goto(f"{address}/till/claims/new")
    with till.expect_navigation():
        till.select_option("[name=category]", "car")
    typed = {"price": "150000", "name": "测试", "phone": "13800000000", "id_number": "330482189901010017"}
    till.select_option("[name=scheme]", "replacement")
    till.select_option("[name=fuel]", "nev")
    for name, text in typed.items():
        till.fill(f"form[method=post] [name={name}]", text)
    till.check("[name=consent]")
    follow(till, "form[method=post] .actions button.primary")
    slip = till.get_attribute("a[target=_blank]", "href")
    phone.goto(f"{address}{slip}?lang=en")
    picture = tmp_path / "slip.png"
    phone.locator("img.qr").screenshot(path=picture)
    assert zxingcpp.read_barcodes(Image.open(picture))[0].text.endswith(str(slip))
    for path in (f"{slip}", "/ask?category=car", "/rules"):
        phone.goto(f"{address}{path}")
        assert phone.evaluate("document.documentElement.scrollWidth") <= SMALL_PHONE["width"], path
    assert complaints == []


def test_no_page_asks_anything_of_another_host(
    address: str, chromium: "Browser", complaints: list[str]
) -> None:
    page = window(chromium, complaints, DESKTOP)
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))
    sign_in(page, address, "manager")
    pages = ("/till", "/till/issue", "/till/today", "/office", "/till/claims", "/ask", "/rules")
    for path in pages:
        page.goto(f"{address}{path}")
    assert asked and all(url.startswith(address) for url in asked)
    assert complaints == []


def test_a_screen_left_alone_forgets_the_customer(
    address: str, chromium: "Browser", complaints: list[str]
) -> None:
    """HR-24"""
    till = window(chromium, complaints, DESKTOP)
    till.clock.install()
    sign_in(till, address, "cashier")
    issue(till, address, "330483189901010013")
    shown = till.url
    assert "0013" in till.inner_text("main")
    till.clock.fast_forward(170_000)
    assert till.url == shown
    with till.expect_navigation(url=re.compile(r"/till$")):
        till.clock.fast_forward(20_000)
    assert "0013" not in till.inner_text("body")
    till.keyboard.type("x")
    assert complaints == []
