"""One order of two items with a discount, in a real browser, on a desk and on a small phone."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.browsing import DESKTOP, FRIDGE, SMALL_PHONE, follow, issue, scan, sign_in, window

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def test_two_items_one_discount_one_payment(
    address: str, chromium: "Browser", complaints: list[str], tmp_path: Path
) -> None:
    till = window(chromium, complaints, DESKTOP)
    sign_in(till, address, "cashier")
    issue(till, address, "330402189901010015")
    code = re.sub(r"\s", "", till.inner_text(".voucher-code"))
    till.goto(f"{address}/till")
    scan(till, code)
    scan(till, "SN-BASKET-1")
    scan(till, "JX/2026#1")
    till.screenshot(path=tmp_path / "sale.png", full_page=True)
    follow(till, "button[value=add]")
    till.fill("[name=gtin]", "6934567890122")
    till.fill("[name=price]", "2999")
    follow(till, "button[value=check]")
    till.screenshot(path=tmp_path / "plain.png", full_page=True)
    follow(till, "button[value=plain]")
    follow(till, "a[href*='/till/order']")
    till.fill("[name=discount]", "100")
    follow(till, "button[value=discount]")
    assert "−¥67.04" in till.inner_text("main")
    assert "−¥32.96" in till.inner_text("main") and "¥8,094.06" in till.inner_text(".pay")
    till.screenshot(path=tmp_path / "order.png", full_page=True)

    phone = till.context.new_page()
    phone.set_viewport_size(SMALL_PHONE)
    for language in ("en", "zh"):
        phone.goto(f"{till.url}&lang={language}")
        phone.screenshot(path=tmp_path / f"order-{language}.png", full_page=True)
        assert phone.evaluate("document.documentElement.scrollWidth") <= SMALL_PHONE["width"]

    phone.close()
    till.goto(till.url)
    till.bring_to_front()
    till.wait_for_selector("button:focus")
    with till.expect_navigation():
        till.keyboard.press("Enter")
    assert "¥8,094.06" in till.inner_text(".charge")
    till.screenshot(path=tmp_path / "held.png", full_page=True)
    till.keyboard.press("1")
    till.focus("[name=payment_ref]")
    till.keyboard.type("42000009")
    with till.expect_navigation():
        till.keyboard.press("Enter")
    till.wait_for_selector("[data-state=redeemed]")
    till.screenshot(path=tmp_path / "booked.png", full_page=True)
    follow(till, "a[href*='/till/redemptions/']")
    assert "¥5,128.02" in till.inner_text(".paper") and "JX/2026#1" in till.inner_text(".paper")
    assert FRIDGE in till.inner_text(".paper")
    assert complaints == []
