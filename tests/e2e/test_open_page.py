"""The city's public page in a real browser: fits the smallest phone, breaks no rule of access."""

from datetime import timedelta

import pytest

from pos_subsidy.hub import config as hub_config
from pos_subsidy.hub import open_data, pools
from pos_subsidy.hub.app import create_hub
from pos_subsidy.hub.pools import Because
from tests.e2e.browsing import SMALL_PHONE
from tests.e2e.test_access import AXE, LOOK, WCAG
from tests.hub.shops import serving
from tests.support import NOON, Clock


@pytest.mark.browser
def test_the_public_page_fits_a_small_phone_and_breaks_no_rule(chromium, tmp_path):
    hub_config.init(tmp_path / "hub", name="测试市", demo=True)
    city = hub_config.load(tmp_path / "hub")
    for region, period in (("330400", "2026"), ("330402", "2026-11")):
        pools.open_pool(
            city,
            programme="appliance-2026",
            region=region,
            period=period,
            fen=1_900_000,
            warn_percent=80,
            because=Because("lin", "x", "x"),
            now=NOON,
        )
    open_data.publish(city, "2026-11-19", now=NOON + timedelta(days=1))
    with serving(create_hub(city, Clock())) as url:
        for language in ("zh", "en"):
            context = chromium.new_context(viewport=SMALL_PHONE, bypass_csp=True)
            page = context.new_page()
            page.goto(f"{url}/open?lang={language}")
            assert page.evaluate("document.documentElement.scrollWidth") <= SMALL_PHONE["width"]
            page.evaluate(AXE)
            assert page.evaluate(LOOK, WCAG) == []
            context.close()
    city.engine.dispose()
