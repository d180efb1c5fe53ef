"""A customer scans the shop's poster, applies on her phone, and pays less at the till."""

import re
from contextlib import ExitStack
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
    scan,
    sign_in,
    turns_at_once,
    window,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


def _apply(phone: "Page", opened: str, id_number: str) -> None:
    phone.goto(opened)
    phone.fill("[name=gtin]", FRIDGE)
    phone.fill("[name=price]", "6100")
    follow(phone, "form[method=get] button")
    assert "¥915.00" in phone.inner_text(".verdict.yes")
    phone.check("[name=consent]")
    for name, value in {"name": "李晓梅", "phone": "13700000025", "id_number": id_number}.items():
        phone.fill(f"#apply [name={name}]", value)


def _both_turn(phone: "Page", other: "Page", state: str) -> ExitStack:
    turning = ExitStack()
    for one in (phone, other):
        turning.enter_context(turns_at_once(one, state))
    return turning


def test_from_the_poster_to_the_deduction(
    address: str,
    chromium: "Browser",
    complaints: list[str],
    tmp_path: Path,
) -> None:
    """CP-01"""
    till = window(chromium, complaints, DESKTOP)
    sign_in(till, address, "cashier")
    till.goto(f"{address}/till/issue")
    follow(till, "a[href='/till/poster']")
    till.evaluate("document.querySelector('.poster-qr').decode()")
    till.screenshot(path=tmp_path / "poster.png", full_page=True)
    till.pdf(path=tmp_path / "poster.pdf", prefer_css_page_size=True, format="A4")
    opened = zxingcpp.read_barcodes(Image.open(tmp_path / "poster.png"))[0].text
    assert opened == f"{address}/apply"

    phone = window(chromium, complaints, PHONE, device_scale_factor=2, is_mobile=True)
    _apply(phone, opened, "330402189901010031")
    phone.screenshot(path=tmp_path / "apply.png", full_page=True)
    phone.click("#apply button.primary")
    phone.wait_for_url(re.compile(r"/wallet/"))
    other_phone = window(chromium, complaints, PHONE, is_mobile=True)
    other_phone.goto(phone.url)
    phone.evaluate("document.getElementById('qr').decode()")
    phone.screenshot(path=tmp_path / "wallet.png", full_page=True)
    token = zxingcpp.read_barcodes(Image.open(tmp_path / "wallet.png"))[0].text

    till.goto(f"{address}/till")
    scan(till, token)
    scan(till, "SN-SELF-1")
    scan(till, "JX-SELF-1")
    assert till.is_disabled("button[value=hold]") and "核对证件" in till.inner_text(".verdict")
    till.screenshot(path=tmp_path / "compare.png")
    till.check("[name=identity_checked]")
    with till.expect_navigation():
        till.click("button[value=check]")
    with till.expect_navigation(url=re.compile(r"/till/holds/")):
        till.click("button[value=hold]")
    till.keyboard.press("1")
    with _both_turn(phone, other_phone, "redeemed"):
        till.click("form.card button.yes")
        till.wait_for_url(re.compile(r"/till/redemptions/"))
    number = re.search(r"R-\d{8}-\w+", till.url)[0]
    for one in (phone, other_phone):
        assert number in one.inner_text("#wallet") and "南湖示范店" in one.inner_text("#wallet")

    till.goto(f"{address}/till/redemptions/{number}/reverse?kind=full&reason=x")
    with _both_turn(phone, other_phone, "reversed"):
        till.click(".legs button")
        till.wait_for_url(re.compile(r"done=1"))
    for one in (phone, other_phone):
        assert "资格已用掉" in one.inner_text("#wallet")

    follow(phone, "a[href$='/vouchers']")
    assert "已冲正" in phone.inner_text("main")
    phone.screenshot(path=tmp_path / "vouchers.png", full_page=True)
    phone.goto(phone.url.replace("/vouchers", "/data"))
    phone.fill("[name=phone]", "13700000025")
    follow(phone, "button[value=show]")
    assert "李**" in phone.inner_text("#mine")
    phone.screenshot(path=tmp_path / "data.png", full_page=True)
    phone.fill("[name=phone]", "13700000025")
    follow(phone, "button[value=delete]")
    assert "已记下删除申请" in phone.inner_text(".verdict")
    assert complaints == []


def test_her_pages_fit_a_small_phone(
    address: str,
    chromium: "Browser",
    complaints: list[str],
    tmp_path: Path,
) -> None:
    phone = window(chromium, complaints, SMALL_PHONE, is_mobile=True)
    _apply(phone, f"{address}/apply", "330411189901010011")
    phone.click("#apply button.primary")
    phone.wait_for_url(re.compile(r"/wallet/"))
    wallet = phone.url.removeprefix(address)
    for path in (
        "/apply",
        f"/apply?gtin={FRIDGE}&price=6100",
        wallet,
        f"{wallet}/vouchers",
        f"{wallet}/data",
    ):
        for language in ("en", "zh"):
            phone.goto(f"{address}{path}{'&' if '?' in path else '?'}lang={language}")
            assert phone.evaluate("document.documentElement.scrollWidth") <= SMALL_PHONE["width"], path
            low = phone.evaluate(
                "[...document.querySelectorAll('button, .btn, select, input:not([type=hidden])')]"
                ".filter(e => e.checkVisibility() && !/checkbox|radio/.test(e.type))"
                ".map(e => e.getBoundingClientRect().height).filter(height => height < 44)"
            )
            assert low == [], path
        phone.screenshot(
            path=tmp_path / f"small{path.split('?')[0].replace('/', '-')[-14:]}.png", full_page=True
        )
    assert complaints == []


def test_a_countdown_is_a_date_above_a_day_and_a_timer_below(
    address: str,
    chromium: "Browser",
    complaints: list[str],
) -> None:
    """CP-05"""
    phone = window(chromium, complaints, PHONE, is_mobile=True)
    _apply(phone, f"{address}/apply", "330483189901010013")
    follow(phone, "#apply button.primary")
    assert re.fullmatch(r"还剩 \d\d:\d\d", phone.inner_text("b[data-until]"))
    phone.evaluate(
        "() => { const b = document.querySelector('b[data-until]');"
        " b.textContent = '有效至 2026-11-30 12:00';"
        " b.dataset.until = '2026-11-30T04:00:00.000Z'; }"
    )
    phone.wait_for_timeout(600)
    assert phone.inner_text("b[data-until]") == "有效至 2026-11-30 12:00"
    assert complaints == []


def test_a_paper_voucher_prints_its_code_amount_and_end(
    address: str,
    chromium: "Browser",
    complaints: list[str],
    tmp_path: Path,
) -> None:
    till = window(chromium, complaints, DESKTOP)
    sign_in(till, address, "cashier")
    till.goto(f"{address}/till/issue")
    till.select_option("[name=kind]", "paper")
    till.check("[name=consent]")
    typed = {"gtin": FRIDGE, "price": "6100", "name": "王", "phone": "13800000001"}
    for name, value in {**typed, "id_number": "330482189901010017"}.items():
        till.fill(f"[name={name}]", value)
    with till.expect_navigation():
        till.press("[name=id_number]", "Enter")
    till.evaluate("document.querySelector('.paper .qr').decode()")
    till.emulate_media(media="print")
    till.screenshot(path=tmp_path / "paper.png", full_page=True)
    printed = till.inner_text("main")
    assert "¥915.00" in printed and "有效至 2026-11-21" in printed and "南湖示范店" in printed
    assert re.search(r"[0-9A-Z]{4} [0-9A-Z]{4} [0-9A-Z]{4}", printed)
    size = till.evaluate("parseFloat(getComputedStyle(document.querySelector('.voucher-code')).fontSize)")
    assert size >= 22
    assert zxingcpp.read_barcodes(Image.open(tmp_path / "paper.png"))[0].text.startswith("TI1:")
    assert complaints == []
