"""Everybody can use every page: no violation of WCAG 2.2 AA, large type on a small phone, sound or none."""

from importlib.resources import files
from typing import Any

import pytest

from tests.e2e import tour
from tests.e2e.browsing import DESKTOP, SMALL_PHONE, Service, follow, sign_in

pytest.importorskip("axe_playwright_python")
pytestmark = pytest.mark.browser

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOOK = """async (tags) => {
  const found = await axe.run({runOnly: tags, resultTypes: ['violations']});
  return found.violations.flatMap((one) => one.nodes.map((node) =>
    `${one.id} ${node.html.slice(0, 140)} ${(node.any[0] || node.all[0] || node.none[0] || {}).message}`));
}"""
SMALLEST_LARGE_PX = 18
# What is read, with the size of its type; marks for the eye alone are left out.
SMALL_TEXT = """(least) => [...document.querySelectorAll('main *, header *')].filter((one) =>
  one.checkVisibility() && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim())
  && !one.closest('.offscreen, [aria-hidden=true]') && parseFloat(getComputedStyle(one).fontSize) < least)
  .map((one) => one.outerHTML.slice(0, 100))"""
WIDE = """() => [...document.querySelectorAll('body *')].filter((one) => !one.closest('.scroll, .offscreen')
  && one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.outerHTML.slice(0, 100))
  .slice(0, 4)"""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_violates_the_guidelines(service: Service, chromium: Any, language: str) -> None:
    context = chromium.new_context(viewport=DESKTOP, bypass_csp=True)
    wrong = []
    for name, page in tour.visit(service, context, language):
        page.evaluate(AXE)
        wrong += [f"{name}: {one}" for one in page.evaluate(LOOK, WCAG)]
    context.close()
    assert wrong == []


def test_large_type_is_large_on_every_page_and_fits_a_small_phone(service: Service, chromium: Any) -> None:
    context = chromium.new_context(viewport=SMALL_PHONE, is_mobile=True, bypass_csp=True)
    context.add_cookies([{"name": "type", "value": "large", "url": service.address}])
    wrong = []
    for name, page in tour.visit(service, context, "en"):
        if page.evaluate("document.documentElement.scrollWidth") > SMALL_PHONE["width"]:
            wrong.append(f"{name} is too wide: {page.evaluate(WIDE)}")
        if small := page.evaluate(SMALL_TEXT, SMALLEST_LARGE_PX):
            wrong.append(f"{name} has small type: {small[:4]}")
    context.close()
    assert wrong == []


def test_large_type_needs_no_scripts_and_is_kept(service: Service, chromium: Any) -> None:
    context = chromium.new_context(viewport=SMALL_PHONE, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{service.address}/ask?category=tv")
    follow(page, "text=大字")
    assert page.locator("html.large").count() == 1 and "category=tv" in page.url
    page.goto(f"{service.address}/sign-in")
    follow(page, "text=标准字")
    page.goto(f"{service.address}/sign-in")
    assert page.locator("html.large").count() == 0
    context.close()


def test_the_verdict_sounds_until_it_is_muted_and_that_is_kept(service: Service, chromium: Any) -> None:
    context = chromium.new_context(viewport=DESKTOP)
    context.add_init_script(
        "window.tones = 0; const start = OscillatorNode.prototype.start;"
        "OscillatorNode.prototype.start = function (...at)"
        " { window.tones += 1; return start.apply(this, at); };"
        "window.contexts = 0; window.AudioContext = class extends AudioContext"
        " { constructor() { super(); window.contexts += 1; } };"
    )
    page = context.new_page()
    sign_in(page, service.address, "cashier")
    tour.scan(page, "6901234567890")
    assert page.evaluate("window.tones") == 2
    tour.scan(page, "6901234567890")
    assert page.evaluate("[window.tones, window.contexts]") == [4, 1]
    page.click("text=声音 开")
    assert page.locator(".verdict.no").count() == 1, "the refusal stays in sight"
    tour.scan(page, "6901234567890")
    assert page.evaluate("window.tones") == 4
    page.goto(f"{service.address}/till")
    assert "声音 关" in page.inner_text("header")
    page.click("text=声音 关")
    tour.scan(page, "6901234567890")
    assert page.evaluate("window.tones") == 2
    context.close()


def test_there_is_no_mute_without_scripts_and_the_till_still_works(service: Service, chromium: Any) -> None:
    context = chromium.new_context(viewport=DESKTOP, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{service.address}/sign-in")
    page.fill("[name=username]", "cashier")
    page.fill("[name=password]", "pw")
    with page.expect_navigation():
        page.press("[name=password]", "Enter")
    assert page.is_visible("#scan") and not page.is_visible("[data-sound-switch]")
    page.fill("#scan", "6901234567892")
    with page.expect_navigation():
        page.press("#scan", "Enter")
    assert page.input_value("[name=gtin]") == "6901234567892"
    context.close()
