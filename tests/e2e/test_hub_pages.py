"""The city's pages in a real browser: a clerk's way, WCAG 2.2 AA in both languages, a small phone."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e import hub_tour
from tests.e2e.browsing import DESKTOP, SMALL_PHONE, Service, follow, window
from tests.e2e.test_access import AXE, LOOK, WCAG, WIDE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Run the real service of a hub with some days behind it."""
    found = hub_tour.prepare(tmp_path_factory.mktemp("hub-tour"))
    found.start()
    yield found
    found.stop()


def test_a_reviewer_signs_in_and_compares_two_records(
    hub: Service, chromium: Any, complaints: list[str]
) -> None:
    page = window(chromium, complaints, DESKTOP, java_script_enabled=False)
    hub_tour.sign_in(page, hub.address, "reviewer2")
    assert page.inner_text("#claims") != "0" and page.locator("svg.burn-down polyline").count() >= 2
    follow(page, "nav >> text=冲突")
    follow(page, "#conflicts a.btn")
    assert "/conflicts/claims/" in page.url
    left, right = page.locator("#compare tr:has-text('订单号') td").all_inner_texts()
    assert left != right and page.locator("#compare .differs").count() >= 2
    assert page.locator("#compare .tag.yes:has-text('校验通过')").count() == 2
    assert page.locator("nav >> text=操作日志").count() == 0, "that is not a reviewer's"
    assert complaints == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_of_the_hub_violates_the_guidelines_or_scrolls_sideways(
    hub: Service, chromium: Any, language: str
) -> None:
    context = chromium.new_context(viewport=DESKTOP, bypass_csp=True)
    wrong = []
    for name, page in hub_tour.visit(hub, context, language):
        # A translation changes how wide things are; what they are for is looked at once.
        if language == "zh" or name in ("hub-overview", "hub-conflict", "hub-claims"):
            page.evaluate(AXE)
            wrong += [f"{name}: {one}" for one in page.evaluate(LOOK, WCAG)]
        page.set_viewport_size(SMALL_PHONE)
        if page.evaluate("document.documentElement.scrollWidth") > SMALL_PHONE["width"]:
            wrong.append(f"{name} is too wide: {page.evaluate(WIDE)}")
        page.set_viewport_size(DESKTOP)
    context.close()
    assert wrong == []
