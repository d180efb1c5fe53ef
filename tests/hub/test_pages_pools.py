"""Decisions about the budget on its page: shown before and after, confirmed, carried out once."""

import re

import pytest

from pos_subsidy.hub import audit, office_log, pools
from tests.hub.office import Desk, cells, hire, pages
from tests.hub.test_pools import BECAUSE, CITY, NANHU, fund
from tests.support import ANNA, BAO

WEEK = "appliance-2026/330402/2026-W47"
TOLD = {"why": "年末调剂", "clause": "嘉商〔2026〕9号"}


@pytest.fixture
def desk(city, clock):
    hire(city)
    return Desk(pages(city, clock)).sign_in("finance")


def confirm(desk, *, status=200):
    """Send the confirmation page's form as it stands."""
    return desk.send(desk.path, status=status)


def before_and_after(desk):
    rows = re.findall(r"<tr[^>]*><th scope=\"row\">(.*?)</th>(.*?)</tr>", desk.page, re.S)
    return {name: re.findall(r"<td[^>]*>(.*?)</td>", cells_) for name, cells_ in rows}


def test_a_pool_is_opened_after_what_it_is_was_shown(desk, city):
    about = {"programme": "appliance-2026", "region": "330402", "period": "2026-W47", "percent": "80"}
    desk.get("/budgets")
    desk.send("/budgets", yuan="12,000.50", **about, **TOLD)
    assert before_and_after(desk)["投入"] == ["—", "¥12,000.50"]
    assert pools.listing(city) == [], "nothing is decided before it is confirmed"
    confirm(desk)
    assert desk.path == f"/budgets/{WEEK}" and "年末调剂" in desk.page and "用到 80% 起提醒门店" in desk.page
    found = pools.show(city, WEEK)
    assert (found["left_fen"], found["decisions"][0]["by"]) == (1_200_050, "finance")
    assert [one["what"] for one in office_log.view(city, by="finance").lines][0] == "pool_granted"
    desk.get("/budgets")
    desk.send("/budgets", status=409, yuan="1", **about, **TOLD)
    assert "pool_exists" in desk.page and 'value="2026-W47"' in desk.page, "what was typed stays"


def test_money_is_put_in_moved_and_the_warning_changed(desk, city):
    fund(city, CITY, 5_000_000)
    fund(city, "digital-2026/330400/2026", 1_000_000)
    here = f"/budgets/{CITY}"
    desk.get(here)
    desk.send(f"{here}/grant", yuan="1000", **TOLD)
    assert before_and_after(desk)["投入"] == ["¥50,000.00", "¥51,000.00"]
    confirm(desk)
    desk.send(f"{here}/move", yuan="20000", target="digital-2026/330400/2026", **TOLD)
    assert "¥31,000.00" in desk.page and "¥30,000.00" in desk.page, "both ends"
    confirm(desk)
    desk.send(f"{here}/warn", percent="70", **TOLD)
    assert before_and_after(desk)["提醒门店"] == ["不提醒", "70%"]
    confirm(desk)
    assert [row[1] for row in cells(desk.page, "decisions")][1:] == [
        "投入",
        "调出到 digital-2026/330400/2026",
        "用到 70% 起提醒门店",
    ]
    assert pools.show(city, CITY)["left_fen"] == 3_100_000
    assert audit.audit(city) == []


def test_a_confirmation_that_comes_twice_or_after_another_decision_changes_nothing(desk, city, clock):
    fund(city, CITY, 5_000_000)
    here = f"/budgets/{CITY}"
    desk.get(here)
    desk.send(f"{here}/grant", yuan="1000", **TOLD)
    shown, desk_path = desk.page, desk.path
    confirm(desk)
    desk.page, desk.path = shown, desk_path
    confirm(desk, status=409)
    assert "pool_decided_meanwhile" in desk.page
    desk.send(f"{here}/grant", yuan="1000", **TOLD)
    pools.grant(city, CITY, fen=1, because=BECAUSE, now=clock())
    confirm(desk, status=409)
    assert pools.show(city, CITY)["put_in_fen"] == 5_100_001


@pytest.mark.parametrize(
    ("act", "typed", "code"),
    [
        ("grant", {"yuan": "1.234"}, "amount_invalid"),
        ("grant", {"yuan": "-5"}, "amount_invalid"),
        ("grant", {"yuan": "5", "why": " "}, "decision_incomplete"),
        ("grant", {"yuan": "5", "clause": ""}, "decision_incomplete"),
        ("warn", {"percent": "120"}, "percent_invalid"),
        ("warn", {"percent": "x"}, "percent_invalid"),
        ("move", {"yuan": "5", "target": NANHU}, "pool_nested"),
        ("move", {"yuan": "5", "target": "appliance-2026/330400/2030"}, "pool_unknown"),
        ("move", {"yuan": "60000", "target": "digital-2026/330400/2026"}, "pool_short"),
    ],
)
def test_what_cannot_be_decided_is_said_before_it_is_confirmed(desk, city, act, typed, code):
    for pool_id in (CITY, NANHU, "digital-2026/330400/2026"):
        fund(city, pool_id, 5_000_000)
    before = pools.listing(city)
    desk.get(f"/budgets/{CITY}")
    status = {"pool_unknown": 404, "pool_nested": 409, "pool_short": 409}.get(code, 400)
    page = desk.send(f"/budgets/{CITY}/{act}", status=status, **{**TOLD, **typed})
    assert code in page and f'id="{act}" open' in page
    assert pools.listing(city) == before


def test_only_finance_and_the_administrator_decide(desk, city, clock):
    fund(city, CITY, 5_000_000)
    for role in ("operator", "reviewer3", "auditor"):
        other = Desk(pages(city, clock)).sign_in(role)
        assert "/grant" not in other.get(f"/budgets/{CITY}") and 'id="open"' not in other.get("/budgets")
        sent = {**other.form("/sign-out"), "yuan": "5", "confirmed": "1", "seen": "1", **TOLD}
        assert other.client.post(f"/budgets/{CITY}/grant", data=sent).status_code == 403
    administrator = Desk(pages(city, clock)).sign_in("administrator")
    assert "/grant" in administrator.get(f"/budgets/{CITY}")


def test_the_overview_says_that_a_pool_is_low_and_that_it_is_used_up(city, shops, clock):
    hire(city)
    fund(city, CITY, 183_000, warn=50)
    desk = Desk(pages(city, clock)).sign_in()

    def tag():
        part = desk.get("/overview").split('id="limits"', 1)[1]
        return re.search(r'class="tag (\w+)">([^<]*)', part).groups()

    assert tag() == ("yes", "可用")
    shops[0].api.sell(ANNA, serial_no="SN-1")
    assert tag() == ("doubt", "快用完：已用 50% 以上，已提醒门店")
    assert "Low: over 50% gone" in desk.get("/overview?lang=en")
    desk.get("/overview?lang=zh")
    shops[0].api.sell(BAO, serial_no="SN-2")
    assert tag() == ("no", "已用完")
