"""The line to the city in front of a browser: cut, slow, broken in mid-answer, and whole again."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from pos_subsidy.demo.folder import PACKAGED
from pos_subsidy.demo.town import Shop, town
from tests.e2e.browsing import DESKTOP, scan, window

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
FRIDGE = "6951200000007"
CLOSES_AGAIN_MS = 30_000


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("town")
    clock = "2026-11-20T14:00:00+08:00"
    with town(folder, "A", PACKAGED / "catalogue.csv", training_clock=clock) as found:
        yield found.shops["A"]


@pytest.fixture
def till(shop: Shop, chromium: "Browser") -> "Iterator[Page]":
    page = window(chromium, [], DESKTOP)
    page.goto(f"{shop.service.url}/sign-in")
    page.fill("[name=username]", shop.log_ins["cashier"]["username"])
    page.fill("[name=password]", shop.log_ins["cashier"]["password"])
    page.press("[name=password]", "Enter")
    page.wait_for_url(re.compile(r"/till"))
    yield page
    page.context.close()


def _hold(till: "Page", shop: Shop, id_number: str) -> str:
    """Issue and hold a refrigerator by hand; return how the hold was confirmed."""
    till.goto(f"{shop.service.url}/till/issue?lang=zh")
    till.check("[name=consent]")
    typed = {"gtin": FRIDGE, "price": "4000", "name": "张小明", "phone": "138000000" + id_number[-2:]}
    for name, value in {**typed, "id_number": id_number}.items():
        till.fill(f"[name={name}]", value)
    till.press("[name=id_number]", "Enter")
    till.wait_for_url(re.compile(r"/till/vouchers/"))
    code = till.inner_text(".voucher-code")
    till.goto(f"{shop.service.url}/till")
    scan(till, code)
    scan(till, f"SN-{id_number[-6:]}")
    till.keyboard.press("Enter")
    till.wait_for_url(re.compile(r"/till/holds/"))
    return till.inner_text("main")


def _redeem(till: "Page") -> None:
    till.keyboard.press("4")
    till.keyboard.press("Enter")
    till.wait_for_url(re.compile(r"/till/redemptions/"))
    assert "600.00" in till.inner_text(".verdict.yes")


def test_a_whole_line_confirms_city_wide(till: "Page", shop: Shop) -> None:
    assert "市级平台已确认" in _hold(till, shop, "330402189901010015")
    _redeem(till)
    assert till.locator(".strip.doubt:visible").count() == 0


@pytest.mark.parametrize(
    ("fault", "id_number"),
    [("cut", "330402189901010023"), ("slow", "330402189901010031"), ("broken", "330402189901010058")],
)
def test_a_bad_line_sells_on_within_the_caps_and_says_so(
    till: "Page", shop: Shop, fault: str, id_number: str
) -> None:
    line = shop.line
    line.late_seconds = 3.0 if fault == "slow" else 0.0
    line.breaks_answers = fault == "broken"
    if fault == "cut":
        line.cut()
    try:
        assert "离线办理" in _hold(till, shop, id_number)
        _redeem(till)
        till.goto(f"{shop.service.url}/till?lang=zh")
        band = till.inner_text(".strip.doubt:visible")
        assert "离线" in band and "额度还剩" in band
        till.goto(f"{shop.service.url}/till?lang=en")
        assert "offline" in till.inner_text(".strip.doubt:visible").lower()
    finally:
        line.late_seconds, line.breaks_answers = 0.0, False
        line.restore()
    for _turn in range(CLOSES_AGAIN_MS // 500):
        till.goto(f"{shop.service.url}/till?lang=zh")
        if not till.locator(".strip.doubt:visible").count():
            break
        till.wait_for_timeout(500)
    else:
        pytest.fail("the band stayed although the line is whole again")
