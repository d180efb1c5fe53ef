"""The pages of the city's catalogue and blocklist: filed, changed, withdrawn; blocked, taken back."""

import io

import pytest

from pos_subsidy.hub import blocklist, office_log
from tests.hub.office import Desk, cells, hire, pages
from tests.hub.test_city_lists import ROWS, TODAY, blocked, filed
from tests.support import ANNA, FRIDGE

BAD = ROWS + "6934123456786,没有这类,样例乙,XQG100,洗衣机,1,1,3499\n"


@pytest.fixture
def app(city, clock):
    hire(city)
    return pages(city, clock)


def previewed(desk, content, since="2026-11-20", status=200):
    desk.get("/catalogue")
    file = (io.BytesIO(content.encode("gb18030")), "目录.csv")
    return desk.send("/catalogue/file", file=file, since=since, status=status)


def test_a_file_is_looked_at_first_and_filed_with_its_basis(app, city):
    desk = Desk(app).sign_in("operator")
    page = previewed(desk, ROWS.format(price="6100"))
    assert "1 行，1 件改变，其中 1 件新增；0 行有误" in page
    assert cells(page, "changes") == [[FRIDGE, "样例甲 BCD-501WX", "冰箱", "新增", "¥6,100.00"]]
    assert "目录还是空的" in desk.get("/catalogue"), "a preview files nothing"
    previewed(desk, ROWS.format(price="6100"))
    page = desk.send("/catalogue", status=400, why="x")
    assert "office_reason_required" in page and cells(page, "changes"), "what was typed is still there"
    desk.send("/catalogue", why="示例备案文件第三号")
    assert desk.path == "/catalogue"
    assert cells(desk.page, "products") == [
        [FRIDGE, "样例甲 BCD-501WX", "冰箱", "1", "¥6,100.00", "有效", "2026-11-20", "1"]
    ]
    assert "文件里没有改动" in previewed(desk, ROWS.format(price="6100"))
    (deed,) = office_log.view(city, what="catalogue_loaded").lines
    assert (deed["by"], deed["role"]) == ("operator", "operator")


def test_bad_rows_are_named_and_left_out_by_word_only(app):
    desk = Desk(app).sign_in("administrator")
    page = previewed(desk, BAD.format(price="6100"))
    (row,) = cells(page, "problems")
    assert row[:2] == ["3", "品类"] and "没有这类" in row[2]
    assert "catalogue_not_accepted" in desk.send("/catalogue", why="示例备案文件", status=400)
    previewed(desk, BAD.format(price="6100"))
    desk.send("/catalogue", why="示例备案文件", accept_good_rows="1")
    assert len(cells(desk.page, "products")) == 1


def test_a_product_shows_every_filing_and_is_changed_from_tomorrow_on(app, city, clock):
    filed(city, clock)
    desk = Desk(app).sign_in("operator")
    desk.get(f"/catalogue/{FRIDGE}")
    about = {"why": "示例备案文件第四号", "since": "2026-11-21"}
    desk.send(f"/catalogue/{FRIDGE}", act="price", yuan="5,999.00", **about)
    desk.send(f"/catalogue/{FRIDGE}", act="withdrawn", yuan="", **{**about, "since": "2026-12-01"})
    rows = [row[:4] for row in cells(desk.page, "history")]
    assert rows == [
        ["3", "2026-12-01", "已撤销", "¥5,999.00"],
        ["2", "2026-11-21", "有效", "¥5,999.00"],
        ["1", "2026-11-20 今天按此", "有效", "¥6,100.00"],
    ]
    again = desk.send(
        f"/catalogue/{FRIDGE}", act="price", yuan="1", status=400, **{**about, "since": "2026-11-20"}
    )
    assert "filing_day_past" in again
    assert desk.get("/catalogue/6900000000007", status=404)


def test_a_piece_is_blocked_found_and_taken_back(app, city, clock):
    desk = Desk(app).sign_in("operator")
    desk.get("/blocklist")
    about = {"what": "serial.stolen", "since": "2026-11-20", "until": "", "note": "示例协查函第七号"}
    desk.send("/blocklist", number="sn-0001", **about)
    assert [row[:5] for row in cells(desk.page, "entries")] == [
        ["1", "序列号 · 报失或被盗", "SN-0001", "2026-11-20 起", "禁用中"]
    ]
    assert "blocked_already" in desk.send("/blocklist", number="SN-0001", status=409, **about)
    blocked(city, clock, "serial", "SN-0002", "paid_elsewhere", until=TODAY)
    found = desk.send("/blocklist/find", number="SN-0002")
    assert [row[2] for row in cells(found, "entries")] == ["SN-0002"] and "SN-0002" not in desk.path
    desk.get("/blocklist")
    desk.send("/blocklist/1/lift", note="找回，示例回函")
    assert [row[4] for row in cells(desk.page, "entries")] == ["撤回第 1 号", "禁用中", "已由第 3 号撤回"]
    assert [one["entered_by"] for one in blocklist.overview(city).entries] == ["operator", "zhao", "operator"]


def test_the_auditor_reads_both_and_changes_neither(app, city, clock):
    filed(city, clock)
    blocked(city, clock, "serial", "SN-0001")
    desk = Desk(app).sign_in("auditor")
    assert "用文件备案" not in desk.get("/catalogue") and "改备案价" not in desk.get(f"/catalogue/{FRIDGE}")
    page = desk.get("/blocklist")
    assert "撤回</summary>" not in page and "列入名单" not in page
    desk.send("/blocklist/find", number="SN-0001")
    token = desk.form("/blocklist/find")["csrf_token"]
    for address in ("/catalogue", f"/catalogue/{FRIDGE}", "/blocklist", "/blocklist/1/lift"):
        assert desk.client.post(address, data={"csrf_token": token}).status_code == 403
    assert Desk(app).sign_in("finance").get("/blocklist", status=403)


def test_a_claim_rejected_by_a_list_says_why_with_its_clause_and_is_no_conflict(app, shops, city, clock):
    blocked(city, clock, "serial", "SN-0001", "paid_elsewhere")
    shops[0].line._errors = 3
    sold = shops[0].api.sell(ANNA)["redemption_id"]
    shops[0].line._errors = 0
    assert shops[0].sync().complete
    desk = Desk(app).sign_in("operator")
    page = desk.get(f"/claims/{sold}")
    assert "已在另一城市享受过补贴（禁用名单第 1 号）" in page and "商办流通函" in page
    assert sold not in desk.get("/conflicts")
    desk.get(f"/conflicts/claims/{sold}", status=404)
    assert "不通过" in desk.get("/claims?verdict=rejected")
