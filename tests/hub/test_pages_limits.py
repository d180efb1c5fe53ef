"""HB-15: 'used up' is shown only when the pool is; what is shown is what is enforced. And the forecast."""

from datetime import date, timedelta

import pytest

from pos_subsidy.domain.forecast import run_out
from pos_subsidy.hub import pools
from pos_subsidy.look import charts_city
from tests.hub.office import Desk, hire, pages
from tests.hub.test_coupons import batches, city, selling, use, voucher  # noqa: F401
from tests.support import ANNA, BAO, PERSONS

USED_UP = '<span class="tag no">已用完</span>'


def limits(desk):
    """Return the part of the overview on limits, by the name of each."""
    parts = desk.get("/overview").split('id="limits"', 1)[1].split("</section>")[0].split('class="limit"')[1:]
    return {name: part for part in parts for name in ("may-200", "may-50") if name in part}


def test_used_up_is_shown_only_when_the_pool_is_and_is_what_holds_are_told(selling, city, clock):  # noqa: F811
    """HB-15"""
    hire(city)
    desk = Desk(pages(city, clock)).sign_in()
    shop, other = selling
    shop.api.redeem(use(shop, "may-200").json)
    shop.line._tend()
    assert voucher(shop, "may-200").codes == ["units_exhausted"], "she is at her own limit"
    shown = limits(desk)
    assert USED_UP not in shown["may-200"] and "1 张<" in shown["may-200"] and "已用 0%" in shown["may-200"]
    assert use(other, "may-200", BAO).status == 201, "and others are served, as is shown"

    shop.api.redeem(use(shop, "may-50").json)
    assert USED_UP not in limits(desk)["may-50"], "one of two is left"
    held = use(other, "may-50", BAO)
    assert held.status == 201
    assert USED_UP in limits(desk)["may-50"], "the last one is on hold"
    assert use(shop, "may-50", PERSONS[2]).codes == ["budget_exhausted"], "and holds are told so"

    other.api.post(f"/holds/{held.json['hold_id']}/release")
    other.line._tend()
    assert USED_UP not in limits(desk)["may-50"]
    assert use(shop, "may-50", PERSONS[2]).status == 201, "it is free again, as is shown"


def test_a_pool_of_money_is_used_up_when_nothing_is_left_and_a_sale_too_many_is_refused(shops, city, clock):  # noqa: F811
    """HB-15"""
    hire(city)
    because = pools.Because("wang", "年度预算", "示例文件")
    about = {"programme": "appliance-2026", "region": "330400", "period": "2026", "warn_percent": None}
    pools.open_pool(city, **about, fen=183_000, because=because, now=clock())
    desk = Desk(pages(city, clock)).sign_in()
    shops[0].api.sell(ANNA, serial_no="SN-1")
    assert shops[0].sync().complete
    assert "已用 50%" in desk.get("/overview") and USED_UP not in desk.page
    shops[0].line._tend()
    held = shops[1].api.hold(shops[1].api.voucher(BAO)["token"], serial_no="SN-2")
    assert USED_UP in desk.get("/overview"), "the rest is on hold"
    third = shops[1].api.voucher(PERSONS[2])
    assert shops[1].api.try_hold(third["token"], serial_no="SN-3").codes == ["budget_exhausted"]
    shops[1].api.post(f"/holds/{held['hold_id']}/release")
    shops[1].line._tend()
    assert USED_UP not in desk.get("/overview")
    assert shops[1].api.try_hold(third["token"], serial_no="SN-3").status == 201


def test_every_pool_is_shown_with_the_decisions_that_filled_and_moved_it(city, clock):  # noqa: F811
    hire(city)
    because = pools.Because("wang", "年度预算", "示例文件第一条")
    about = {"programme": "appliance-2026", "region": "330400", "warn_percent": None}
    for period, fen in (("2026-11", 20_000), ("2026-12", 500)):
        pools.open_pool(city, **about, period=period, fen=fen, because=because, now=clock())
    first, second = (f"appliance-2026/330400/{period}" for period in ("2026-11", "2026-12"))
    pools.move(city, first, second, fen=20_000, because=because, now=clock())
    desk = Desk(pages(city, clock)).sign_in("finance")
    assert desk.get("/budgets").count("已用完") == 1 and "¥205.00" in desk.page
    page = desk.get(f"/budgets/{second}")
    assert f"从 {first} 调入" in page and "示例文件第一条" in page and "wang" in page
    assert f"调出到 {second}" in desk.get(f"/budgets/{first}")
    desk.get("/budgets/none/none/none", status=404)


@pytest.mark.parametrize(
    "left, used, per_day, on",
    [
        (100, {}, 0, None),
        (100, {0: 10}, 10, 9),  # only today is known
        (100, {-1: 10, -2: 10}, 10, 9),
        (95, {-1: 10, -2: 10}, 10, 9),
        (91, {-1: 10, -2: 10}, 10, 9),
        (90, {-1: 10, -2: 10}, 10, 8),
        (0, {-1: 10}, 10, 0),
        (140, {-30: 1_000, -1: 140}, 10, 13),  # what was long ago does not count
    ],
)
def test_a_budget_runs_out_at_the_pace_of_the_last_days(left, used, per_day, on):
    today = date(2026, 11, 20)
    found = run_out(left, {today + timedelta(day): pieces for day, pieces in used.items()}, today=today)
    assert (found.per_day, found.on) == (per_day, None if on is None else today + timedelta(on))


def test_a_burn_down_stays_inside_its_frame_whatever_comes():
    today = date(2026, 11, 20)
    for left, days in ((0, 0), (50, 400), (100, -3)):
        drawn = charts_city.burn_down(
            100,
            {today - timedelta(2): 40, today: 500},
            first=today - timedelta(10),
            today=today,
            last=today + timedelta(5),
            left=left,
            runs_out=today + timedelta(days),
            label="<a>",
        )
        points = [
            float(one)
            for part in drawn.split('points="')[1:]
            for pair in part.split('"')[0].split()
            for one in pair.split(",")
        ]
        assert all(0 <= one <= 380 for one in points) and "&lt;a&gt;" in drawn
