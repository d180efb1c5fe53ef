"""The city's pages while shops go on working: history, suspension, both kinds of database."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pos_subsidy.hub import office_log, records
from pos_subsidy.hub.store import outlets
from pos_subsidy.hub.store.db import run as run_in
from tests.hub.office import Desk, cells, hire, pages, sell
from tests.support import ANNA, BAO


@pytest.fixture
def sold(shops):
    return sell(shops)


@pytest.fixture
def app(city, clock):
    hire(city)
    return pages(city, clock)


def test_a_voucher_without_a_claim_shows_what_is_known_of_it(app, shops):
    issued = shops[0].api.voucher(ANNA)
    shops[0].sync()
    page = Desk(app).sign_in().get(f"/claims?voucher={issued['code']}")
    assert "发券" in page and 'id="trail"' in page


def test_a_claim_shows_its_verdict_clause_and_history(app, sold, shops):
    shops[0].api.post(f"/redemptions/{sold[0]}/reverse", {"kind": "full", "reason": "顾客退货"})
    shops[0].sync()
    page = Desk(app).sign_in().get(f"/claims/{sold[0]}")
    history = page.split('id="history"', 1)[1].split("</ol>")[0]
    places = [history.index(word) for word in ("发券", "锁定", "核销", "通过", "冲正")]
    assert places[:3] == sorted(places[:3]) and places[4] > places[2]
    assert "顾客退货" in history and "签名和链条校验通过" in page and "¥0.00" in page
    lost = Desk(app).sign_in().get(f"/claims/{sold[2]}")
    assert "serial_used" in lost and "依据" in lost and "并排查看两条记录" in lost
    assert "redemption_unknown" in Desk(app).sign_in().get("/claims/none", status=404)


def test_a_shop_is_suspended_with_a_reason_and_reinstated(app, sold, shops, city):
    desk = Desk(app).sign_in("administrator")
    page = desk.get("/shops/DEMO-A")
    assert "南湖" in page and "最近一笔" in page
    action = "/shops/DEMO-A/standing"
    assert "office_reason_required" in desk.send(action, status=400, act="suspend", reason=" x ")
    desk.get("/shops/DEMO-A")
    desk.send(action, act="suspend", reason="发票与实物不符，停业核查")
    assert "已停用" in desk.page and "发票与实物不符" in desk.page
    assert run_in(city.engine, lambda db: outlets.find(db, "DEMO-A"))["status"] == "suspended"
    issued = shops[0].api.voucher(BAO)
    assert shops[0].api.try_hold(issued["token"], serial_no="SN-9").codes == ["merchant_suspended"]
    form = {**desk.form(action), "act": "suspend", "reason": "again and again"}
    again = desk.client.post(action, data=form, headers=desk.headers)
    assert again.status_code == 409 and "office_standing_same" in again.text
    desk.get("/shops/DEMO-A")
    desk.send(action, act="reinstate", reason="核查完毕")
    assert [one["what"] for one in office_log.view(city, about="DEMO-A").lines] == [
        "shop_reinstated",
        "shop_suspended",
    ]
    assert desk.client.post("/shops/none/standing", data=form, headers=desk.headers).status_code == 404


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_pages_read_and_write_on_postgresql_too(app, sold, city):
    desk = Desk(app).sign_in("administrator")
    assert '<b class="num" id="claims">3</b>' in desk.get("/overview?period=all")
    voucher = records.story(city, sold[0]).record.said("voucher")
    assert [row[0] for row in cells(desk.get(f"/claims?voucher={voucher}"), "claims")] == [sold[0]]
    assert len(cells(desk.get("/conflicts"), "conflicts")) == 2
    assert "签名和链条校验通过" in desk.get(f"/conflicts/claims/{sold[2]}")
    desk.get("/shops/DEMO-A")
    assert "已停用" in desk.send("/shops/DEMO-A/standing", act="suspend", reason="发票与实物不符")
    with pytest.raises(DBAPIError, match="append-only"):
        run_in(city.engine, lambda db: db.execute(text("DELETE FROM office_log")))
