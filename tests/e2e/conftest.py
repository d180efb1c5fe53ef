"""A browser for all tests, a shop with one refrigerator, a shop with a day behind it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from pos_subsidy.clock import system_clock
from pos_subsidy.config import Folder, Settings
from pos_subsidy.domain.product import Product
from pos_subsidy.services import access
from pos_subsidy.store import catalogue
from pos_subsidy.store.db import write_transaction
from pos_subsidy.wiring import open_till_database
from tests.e2e import tour
from tests.e2e.browsing import CHROMIUM, FRIDGE, Service

if TYPE_CHECKING:
    from playwright.sync_api import Browser

AFTERNOON = "2026-11-20T14:00:00+08:00"


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    sync_api = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the pages wrote to the browser's console."""
    return []


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the real service on a demo shop with one refrigerator."""
    folder = Folder(tmp_path_factory.mktemp("shop"))
    folder.init(Settings("DEMO-A", "南湖示范店", "示例商贸有限公司", "", "330402", True))
    db = open_till_database(folder)
    for role in ("cashier", "manager"):
        access.new_staff(db, username=role, display_name=role, role=role, password="pw", till="T1")
    fridge = Product(FRIDGE, "refrigerator", "样例甲", "BCD-501", "双门冰箱", 1, True, "R1", 700_000, None)
    with write_transaction(db):
        catalogue.put(db, [fridge], now=system_clock())
    db.conn.close()
    service = Service(folder.path, AFTERNOON)
    service.start()
    yield service.address
    service.stop()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Run the real service on a shop with a day behind it."""
    found = tour.prepare(tmp_path_factory.mktemp("tour") / "shop")
    found.start()
    yield found
    if found.is_running():
        found.stop()
