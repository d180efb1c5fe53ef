"""One sale in two windows of a real browser: the cashier's till and the consumer's phone."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from pos_subsidy.clock import system_clock
from pos_subsidy.config import Folder, Settings
from pos_subsidy.domain.product import Product
from pos_subsidy.services import access
from pos_subsidy.store import catalogue
from pos_subsidy.store.db import write_transaction
from pos_subsidy.wiring import open_till_database

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]

FRIDGE = "6901234567892"
AFTERNOON = "2026-11-20T14:00:00+08:00"
TURNS_WITHIN_SECONDS = 2.0
STARTS_WITHIN_SECONDS = 40
DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 360, "height": 740}
SMALL_PHONE = {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the real service on a demo shop with one refrigerator."""
    folder = Folder(tmp_path_factory.mktemp("shop"))
    folder.init(Settings("DEMO-A", "南湖示范店", "示例商贸有限公司", "", "330402", True))
    db = open_till_database(folder)
    for role in ("cashier", "manager"):
        access.new_staff(db, username=role, display_name=role, role=role, password="pw", till="T1")
    fridge = Product(FRIDGE, "refrigerator", "样例甲", "BCD-501", "双门冰箱", 1, True, "R1", 700_000, None)
    with write_transaction(db):
        catalogue.put(db, [fridge], now=system_clock())
    db.conn.close()
    port = _free_port()
    command = [sys.executable, "-m", "pos_subsidy", "serve", "--data", str(folder.path)]
    service = subprocess.Popen(
        [*command, "--port", str(port), "--training-clock", AFTERNOON],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz", service)
        yield f"http://127.0.0.1:{port}"
    finally:
        service.terminate()
        service.wait(timeout=20)


@pytest.fixture(scope="module")
def chromium() -> Iterator["sync_api.Browser"]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the pages wrote to the browser's console."""
    return []


def _window(
    chromium: "sync_api.Browser", complaints: list[str], size: dict[str, int], **about: object
) -> "sync_api.Page":
    page = chromium.new_context(viewport=size, locale="zh-CN", **about).new_page()
    page.on("console", lambda told: told.type == "error" and complaints.append(told.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page


def _sign_in(page: "sync_api.Page", address: str, role: str) -> None:
    page.goto(f"{address}/sign-in")
    page.fill("[name=username]", role)
    page.fill("[name=password]", "pw")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/(till|office)"))


def _scan(page: "sync_api.Page", text: str) -> None:
    """Scan as a keyboard wedge does: into whatever has the focus, with Enter at the end."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.wait_for_selector("html[data-scans-waiting='0']", state="attached")


def _issue(page: "sync_api.Page", address: str, id_number: str) -> str:
    """Issue a voucher for a refrigerator and return the address of the consumer's page."""
    page.goto(f"{address}/till/issue?lang=zh")
    page.check("[name=consent]")
    for name, value in {
        "gtin": FRIDGE,
        "price": "6100",
        "name": "张小明",
        "phone": "13800000014",
        "id_number": id_number,
    }.items():
        page.fill(f"[name={name}]", value)
    page.press("[name=id_number]", "Enter")
    page.wait_for_url(re.compile(r"/till/vouchers/"))
    return str(page.get_attribute("a[href*='/wallet/']", "href"))


def test_a_sale_by_keyboard_alone_turns_the_consumers_page_within_two_seconds(
    address: str, chromium: "sync_api.Browser", complaints: list[str], tmp_path: Path
) -> None:
    till = _window(chromium, complaints, DESKTOP)
    _sign_in(till, address, "cashier")
    till.screenshot(path=tmp_path / "till.png")
    wallet = _issue(till, address, "330402189901010015")
    till.screenshot(path=tmp_path / "voucher.png")

    phone = _window(chromium, complaints, PHONE, device_scale_factor=2, is_mobile=True)
    phone.goto(wallet)
    phone.evaluate("document.getElementById('qr').decode()")
    phone.screenshot(path=tmp_path / "phone-issued.png", full_page=True)
    token = zxingcpp.read_barcodes(Image.open(tmp_path / "phone-issued.png"))[0].text
    assert token.startswith("TI1:")

    till.goto(f"{address}/till")
    _scan(till, token)
    _scan(till, "SN-E2E-1")
    _scan(till, "JX-20261120-1")
    assert "¥915.00" in till.text_content(".verdict.yes")
    till.screenshot(path=tmp_path / "ready.png")
    till.keyboard.press("Enter")
    till.wait_for_url(re.compile(r"/till/holds/"))
    assert "¥5,185.00" in till.text_content(".charge")
    till.screenshot(path=tmp_path / "hold.png")
    phone.wait_for_selector("[data-state=held]", timeout=TURNS_WITHIN_SECONDS * 1000)
    phone.screenshot(path=tmp_path / "phone-held.png", full_page=True)

    till.keyboard.press("1")
    till.focus("[name=payment_ref]")
    till.keyboard.type("42000001")
    till.keyboard.press("Enter")
    till.wait_for_url(re.compile(r"/till/redemptions/"))
    paid_at = time.monotonic()
    phone.wait_for_selector("[data-state=redeemed]", timeout=TURNS_WITHIN_SECONDS * 1000)
    assert time.monotonic() - paid_at < TURNS_WITHIN_SECONDS
    number = re.search(r"R-\d{8}-\w+", till.url)[0]
    assert number in phone.text_content("#wallet") and "南湖示范店" in phone.text_content("#wallet")
    till.screenshot(path=tmp_path / "receipt.png")
    phone.screenshot(path=tmp_path / "phone-redeemed.png", full_page=True)
    assert complaints == []


def test_the_amount_fits_small_phones_and_buttons_are_large_enough(
    address: str, chromium: "sync_api.Browser", complaints: list[str], tmp_path: Path
) -> None:
    page = _window(chromium, complaints, SMALL_PHONE, is_mobile=True)
    _sign_in(page, address, "manager")
    wallet = _issue(page, address, "330402189901010023").removeprefix(address)
    paths = ("/till", "/till/issue", "/till/today", "/office/day/2026-11-20", "/wallet/none", wallet)
    for path in (*paths, "/ask", "/till/claims", "/till/claims/new", f"{wallet}/rights"):
        for language in ("zh", "en"):
            page.goto(f"{address}{path}?lang={language}")
            assert page.evaluate("document.documentElement.scrollWidth") <= SMALL_PHONE["width"], path
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
    address: str, chromium: "sync_api.Browser", complaints: list[str]
) -> None:
    """VQ-17"""
    till = _window(chromium, complaints, DESKTOP)
    _sign_in(till, address, "cashier")
    phone = _window(chromium, complaints, PHONE, is_mobile=True)
    phone.goto(_issue(till, address, "330411189901010011"))
    phone.evaluate("document.getElementById('qr').dataset.freshSeconds = 1")
    phone.wait_for_selector("#qr[src*='?n=']", timeout=5_000)
    assert phone.evaluate("document.getElementById('qr').naturalWidth") > 0
    assert not phone.is_visible("#lost")
    phone.context.set_offline(True)
    phone.wait_for_selector("#lost", state="visible", timeout=15_000)
    phone.context.set_offline(False)
    phone.wait_for_selector("#lost", state="hidden", timeout=5_000)


def test_a_scan_in_two_bursts_arrives_whole(
    address: str, chromium: "sync_api.Browser", complaints: list[str]
) -> None:
    """HR-21"""
    till = _window(chromium, complaints, DESKTOP)
    _sign_in(till, address, "cashier")
    till.evaluate(
        """() => {
          const scan = document.getElementById('scan');
          scan.value = '69012345'; scan.dispatchEvent(new Event('input'));
          const enter = {key: 'Enter', bubbles: true, cancelable: true};
          scan.dispatchEvent(new KeyboardEvent('keydown', enter));
          setTimeout(() => { scan.value += '67892'; scan.dispatchEvent(new Event('input')); }, 60);
        }"""
    )
    till.wait_for_selector("html[data-scans-waiting='0']", state="attached")
    assert till.input_value("[name=gtin]") == FRIDGE


def test_a_claim_from_the_question_to_the_slip(
    address: str, chromium: "sync_api.Browser", complaints: list[str], tmp_path: Path
) -> None:
    phone = _window(chromium, complaints, SMALL_PHONE, is_mobile=True)
    phone.goto(f"{address}/ask")
    phone.select_option("[name=category]", "car")
    phone.wait_for_selector("[name=scheme]")
    phone.fill("[name=price]", "150000")
    phone.select_option("[name=fuel]", "nev")
    phone.select_option("[name=scheme]", "replacement")
    phone.click("form button.primary")
    assert "¥12,000.00" in phone.inner_text(".verdict.yes")
    till = _window(chromium, complaints, DESKTOP)
    _sign_in(till, address, "cashier")
    till.goto(f"{address}/till/claims/new")
    till.select_option("[name=category]", "car")
    till.wait_for_selector("[name=scheme]")
    typed = {"price": "150000", "name": "测试", "phone": "13800000000", "id_number": "330482189901010017"}
    till.select_option("[name=scheme]", "replacement")
    till.select_option("[name=fuel]", "nev")
    for name, text in typed.items():
        till.fill(f"form[method=post] [name={name}]", text)
    till.check("[name=consent]")
    till.click("form[method=post] .actions button.primary")
    till.wait_for_selector(".papers")
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
    address: str, chromium: "sync_api.Browser", complaints: list[str]
) -> None:
    page = _window(chromium, complaints, DESKTOP)
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))
    _sign_in(page, address, "manager")
    pages = ("/till", "/till/issue", "/till/today", "/office", "/till/claims", "/ask", "/rules")
    for path in pages:
        page.goto(f"{address}{path}")
    assert asked and all(url.startswith(address) for url in asked)
    assert complaints == []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, service: "subprocess.Popen[bytes]") -> None:
    patience = time.monotonic() + STARTS_WITHIN_SECONDS
    while True:
        assert service.poll() is None, "the service ended"
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            assert time.monotonic() < patience, "the service does not answer"
            time.sleep(0.1)


def test_a_screen_left_alone_forgets_the_customer(
    address: str, chromium: "sync_api.Browser", complaints: list[str]
) -> None:
    """HR-24"""
    till = _window(chromium, complaints, DESKTOP)
    till.clock.install()
    _sign_in(till, address, "cashier")
    _issue(till, address, "330483189901010013")
    shown = till.url
    assert "0013" in till.inner_text("main")
    till.clock.fast_forward(170_000)
    assert till.url == shown
    with till.expect_navigation(url=re.compile(r"/till$")):
        till.clock.fast_forward(20_000)
    assert "0013" not in till.inner_text("body")
    till.keyboard.type("x")
    assert complaints == []
