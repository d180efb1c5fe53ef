"""Review, money and packs in a real browser: each way clicked through, then every page looked at."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import hub_work
from tests.e2e.browsing import DESKTOP, SMALL_PHONE, Service
from tests.e2e.test_access import AXE, LOOK, WCAG, WIDE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Run the real service of a hub that reviews."""
    found = hub_work.prepare(tmp_path_factory.mktemp("hub-work"))
    found.start()
    yield found
    found.stop()


def test_a_day_is_reviewed_paid_and_a_pack_published(hub: Service, chromium: Any) -> None:
    context = chromium.new_context(viewport=DESKTOP, bypass_csp=True, locale="zh-CN")
    page = context.new_page()
    hub_work.review(page, hub.address)
    assert "待补" in page.inner_text("#lines")
    hub_work.pay(page, hub.address)
    assert "暂扣" in page.inner_text("#payments"), "one person alone pays nobody"
    hub_work.publish(page, hub.address, Path(hub.folder).parent / "new.toml")
    assert "您提出的" in page.inner_text("main")
    wrong = []
    for language in ("zh", "en"):
        for name, shown in hub_work.visit(hub, page, language):
            if language == "zh":
                shown.evaluate(AXE)
                wrong += [f"{name}: {one}" for one in shown.evaluate(LOOK, WCAG)]
            shown.set_viewport_size(SMALL_PHONE)
            if shown.evaluate("document.documentElement.scrollWidth") > SMALL_PHONE["width"]:
                wrong.append(f"{name} {language} is too wide: {shown.evaluate(WIDE)}")
            shown.set_viewport_size(DESKTOP)
    context.close()
    assert wrong == []
