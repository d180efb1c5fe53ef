"""The page of packs: checked, tried on real claims, published by a second person."""

import io

import pytest

from pos_subsidy.hub import office_log
from pos_subsidy.hub import packs as services
from tests.hub.office import Desk, hire, pages
from tests.hub.test_packs import OLD, STRICTER
from tests.hub.test_pages_claims import cells
from tests.support import ANNA


@pytest.fixture
def app(city, clock):
    hire(city)
    return pages(city, clock)


def sent(desk, body, **about):
    typed = {"from_day": "2026-11-21", "why": "示例文件第二条", **about}
    desk.get("/packs")
    return desk.send("/packs", file=(io.BytesIO(body.encode()), "appliance-2026.toml"), **typed, status=0)


@pytest.fixture
def desk(app):
    class Any(Desk):
        def _show(self, answer, status):
            return super()._show(answer, status or answer.status_code)

    return Any(app).sign_in("administrator")


def test_a_pack_is_proposed_tried_and_published_by_a_second_person(app, desk, shops, city, monkeypatch):
    monkeypatch.setattr(services, "_LOOK_SECONDS", 0.0)
    number = shops[0].api.sell(ANNA, serial_no="SN-1")["redemption_id"]
    shops[0].sync()
    page = sent(desk, STRICTER)
    assert desk.path == "/packs/waiting/1" and "您提出的，须由另一人发布" in page
    assert [row[0] for row in cells(page, "otherwise")] == [number]
    assert "1 笔中 1 笔结果不同" in page and "¥915.00 → ¥900.00" in page
    changes = cells(page, "changes")
    assert ["冰箱", "2026-11-21 – 2026-12-31", "单件上限", "¥1,500.00", "¥900.00"] in changes
    other = Desk(app).sign_in("reviewer3")
    other.get("/packs/waiting/1")
    other.send("/packs/waiting/1/publish")
    assert cells(other.page, "published")[0][:3] == ["1", "appliance-2026 v2", "2026-11-21"]
    assert other.client.get("/packs/1.toml").text == STRICTER
    other.get("/packs/waiting/1", status=404)
    deeds = [one["what"] for one in office_log.view(city, about="appliance-2026 v2").lines]
    assert deeds == ["pack_published", "pack_proposed"]


def test_what_is_wrong_with_a_file_is_said_with_its_place(desk):
    page = sent(desk, STRICTER.replace("units_max", "units_mx", 1))
    assert desk.status == 400 and "policy_invalid" in page and "units_mx" in page
    assert "pack_day_past" in sent(desk, STRICTER, from_day="2026-11-20")
    assert "pack_version_known" in sent(desk, OLD)
    assert "office_reason_required" in sent(desk, STRICTER, why="x")
    assert "day_invalid" in sent(desk, STRICTER, from_day="soon")
    assert "file_missing" in sent(desk, "")
    assert "没有等待确认的规则" in desk.get("/packs")


def test_a_pack_is_withdrawn_and_its_version_may_come_again(desk):
    sent(desk, STRICTER)
    desk.send("/packs/waiting/1/withdraw")
    assert "没有等待确认的规则" in desk.page
    sent(desk, STRICTER)
    assert desk.path == "/packs/waiting/2"
