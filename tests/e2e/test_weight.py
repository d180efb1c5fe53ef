"""What a consumer's phone has to fetch, and how soon an old machine can sell."""

import statistics
from typing import Any

import pytest

from tests.e2e.browsing import DESKTOP, PHONE, Service, sign_in

pytestmark = pytest.mark.browser

WALLET_AT_MOST_BYTES = 60_000
INTERACTIVE_WITHIN_MS = 1_000
SLOWER = 4
TRIES = 3


def test_the_consumers_page_is_light(service: Service, chromium: Any) -> None:
    page = chromium.new_context(viewport=PHONE).new_page()
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


def test_the_till_is_soon_ready_on_an_old_machine(service: Service, chromium: Any) -> None:
    page = chromium.new_context(viewport=DESKTOP).new_page()
    sign_in(page, service.address, "cashier")
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
