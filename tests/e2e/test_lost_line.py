"""The till as an installed app: a lost service is said, and what was typed is not lost."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.e2e.browsing import FRIDGE, Service, follow, scanned, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.fixture
def till(service: Service, chromium: "Browser") -> "Iterator[Page]":
    if not service.is_running():
        service.start()
    context = chromium.new_context(locale="zh-CN")
    page = context.new_page()
    sign_in(page, service.address, "cashier")
    # The worker looks after a page once it has been installed.
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("navigator.serviceWorker.controller")
    yield page
    context.close()


def test_a_lost_service_loses_no_input(service: Service, till: "Page") -> None:
    till.fill("[name=order_no]", "JX-LOST-1")
    till.fill("[name=gtin]", FRIDGE)
    service.stop()
    till.click("[name=act][value=check]")
    till.wait_for_selector("#lost-line", state="visible")
    assert till.input_value("[name=order_no]") == "JX-LOST-1"

    till.goto(f"{service.address}/till/today", wait_until="commit")
    till.wait_for_selector("[data-unreachable]")
    assert "联系不上本店的服务" in till.inner_text("main")
    assert "cannot be reached" in till.inner_text("main")

    service.start()
    till.wait_for_url("**/till", timeout=60_000)
    till.wait_for_selector("#given-back", state="visible")
    assert till.input_value("[name=order_no]") == "JX-LOST-1"
    assert till.input_value("[name=gtin]") == FRIDGE
    follow(till, "[name=act][value=check]")
    assert "BCD-501" in till.inner_text("#sale")
    assert not till.is_visible("#given-back")


def test_a_form_that_waits_is_sent_by_itself(service: Service, till: "Page") -> None:
    till.fill("[name=order_no]", "JX-LOST-2")
    service.stop()
    till.click("[name=act][value=check]")
    till.wait_for_selector("#lost-line", state="visible")
    with till.expect_navigation(timeout=60_000):
        service.start()
    assert till.input_value("[name=order_no]") == "JX-LOST-2"
    assert not till.is_visible("#lost-line")


def test_scans_that_wait_outlive_the_page_and_go_on_in_their_order(service: Service, till: "Page") -> None:
    with till.expect_navigation():
        till.keyboard.press("Escape")
    service.stop()
    for text in (FRIDGE, "SN-WAITS-1", "330402189901010015"):
        till.focus("#scan")
        till.keyboard.type(text)
        till.keyboard.press("Enter")
        till.wait_for_timeout(150)  # no hand holds the next piece before the scanner any sooner
    till.wait_for_selector("html[data-scans-waiting='3']", state="attached")
    till.wait_for_selector("#scans >> text=像身份证号")
    kept = till.evaluate("JSON.stringify({...sessionStorage})")
    assert FRIDGE in kept and "SN-WAITS-1" in kept and "330402189901010015" not in kept

    till.goto(f"{service.address}/till", wait_until="commit")
    till.wait_for_selector("[data-unreachable]")
    assert "330402189901010015" not in till.evaluate("JSON.stringify({...sessionStorage})")
    service.start()
    till.wait_for_selector("#scan", timeout=60_000)
    scanned(till)
    assert till.input_value("[name=gtin]") == FRIDGE
    assert till.input_value("[name=serial_no]") == "SN-WAITS-1"
    assert "SN-WAITS-1" not in till.evaluate("JSON.stringify({...sessionStorage})")


def test_nothing_of_a_customer_is_kept(service: Service, till: "Page") -> None:
    till.goto(f"{service.address}/till/issue")
    for name, text in {"name": "张小明", "id_number": "330402189901010015", "phone": "13800000014"}.items():
        till.fill(f"[name={name}]", text)
    till.goto(f"{service.address}{service.paths['receipt']}")
    kept = till.evaluate("""async () => {
      const texts = [JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage})];
      for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) {
          texts.push(request.url);
          if (!request.url.includes('.png')) texts.push(await (await cache.match(request)).text());
        }
      }
      return texts.join('\\n');
    }""")
    assert "/unreachable" in kept
    for secret in ("张小明", "330402189901010015", "13800000014", "/till/redemptions", "SN-20261120-01"):
        assert secret not in kept


def test_the_till_can_be_installed(service: Service, till: "Page") -> None:
    told = till.evaluate("fetch(document.querySelector('link[rel=manifest]').href).then((it) => it.json())")
    assert told["start_url"] == "/till" and told["display"] == "standalone" and "南湖示范店" in told["name"]
    sizes = {}
    for icon in told["icons"]:
        sizes[icon["sizes"]] = till.evaluate(
            "async (src) => { const image = new Image(); image.src = src; await image.decode();"
            " return `${image.naturalWidth}x${image.naturalHeight}`; }",
            icon["src"],
        )
    assert sizes == {"192x192": "192x192", "512x512": "512x512"}
    session = till.context.new_cdp_session(till)
    problems = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # A window without traces cannot install anything, whatever the page.
    assert [one["errorId"] for one in problems if one["errorId"] != "in-incognito"] == []
    english = till.goto(f"{service.address}/manifest.webmanifest?lang=en").json()
    assert english["name"].startswith("Trade-in till") and english["lang"] == "en"
    worker = till.request.get(f"{service.address}/sw.js")
    assert worker.headers["cache-control"] == "no-store" and "javascript" in worker.headers["content-type"]
