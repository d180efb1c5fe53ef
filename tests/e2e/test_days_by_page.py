"""Whole days, compared with the shop's own files through the office page and by the command."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pos_subsidy.demo import folder as days
from pos_subsidy.demo import playing, processes, town
from tests.e2e.browsing import DESKTOP, sign_in, window
from tests.e2e.test_days import DAYS

if TYPE_CHECKING:
    from playwright.sync_api import Browser as Chromium

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("path", DAYS or [days.PACKAGED], ids=lambda path: path.name)
def test_a_days_files_handed_in_on_the_page_name_its_differences(
    chromium: "Chromium", complaints: list[str], tmp_path: Path, path: Path
) -> None:
    day = days.open_folder(path)
    clock = f"{day.day}T08:00:00+08:00"
    with town.town(tmp_path, day.shops, day.catalogue, training_clock=clock) as running:
        playing.play(running, day.day, list(day.sales), day.categories)
        running.move_clocks(f"{day.day}T22:00:00+08:00")
        shop = running.shops["A"]
        address, account = shop.service.url, shop.log_ins["manager"]
        page = window(chromium, complaints, DESKTOP)
        sign_in(page, address, account["username"], account["password"])
        page.goto(f"{address}/office/day/{day.day}")
        files = [day.path / name for name, _ in day.statements().values()]
        for _again in range(2):
            page.set_input_files("input[name=files]", files)
            with page.expect_navigation():
                page.click("form.upload button")
            rows = page.locator("#differences tbody tr").all()
            named = {row.locator("td").first.inner_text(): row.get_attribute("data-kind") for row in rows}
            expected = day.expected()["differences"]
            assert named == {one["order_no"]: one["kind"] for one in expected}
            assert len(rows) == len(expected)
        told = processes.run("reconcile", day.day, *map(str, files), "--data", str(shop.data), "--json")
        found = {one["order_no"]: one["kind"] for one in json.loads(told)["differences"]}
        assert found == named, "by the command as on the page"
    assert complaints == []
