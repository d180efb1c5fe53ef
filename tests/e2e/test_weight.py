"""What a consumer's phone has to fetch, and how soon an old machine can sell."""

import shutil
import statistics
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e import tour

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]

WALLET_AT_MOST_BYTES = 60_000
INTERACTIVE_WITHIN_MS = 1_000
SLOWER = 4
TRIES = 3


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tour.Service]:
    found = tour.prepare(tmp_path_factory.mktemp("weight") / "shop")
    found.start()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def test_the_consumers_page_is_light(service: tour.Service, chromium: Any) -> None:
    page = chromium.new_context(viewport={"width": 360, "height": 740}).new_page()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    fetched: list[float] = []
    session.on("Network.loadingFinished", lambda told: fetched.append(told["encodedDataLength"]))
    page.goto(service.address + service.paths["wallet"], wait_until="load")
    page.evaluate("document.getElementById('qr').decode()")
    page.context.close()
    # The page, its styles and scripts, the code; whatever else it asked for by then counts as well.
    assert len(fetched) >= 6
    assert sum(fetched) <= WALLET_AT_MOST_BYTES, fetched


def test_the_till_is_soon_ready_on_an_old_machine(service: tour.Service, chromium: Any) -> None:
    page = chromium.new_context(viewport={"width": 1366, "height": 768}).new_page()
    page.goto(f"{service.address}/sign-in")
    page.fill("[name=username]", "cashier")
    page.fill("[name=password]", "pw")
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/till")
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    measured = []
    for _ in range(TRIES):
        page.goto(f"{service.address}/till", wait_until="load")
        measured.append(
            page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
        )
    page.context.close()
    assert 0 < statistics.median(measured) <= INTERACTIVE_WITHIN_MS, measured
