"""The city's pages on claims: overview, search, history, conflicts. Real shops, real rows."""

import json
import re
import shutil
from dataclasses import asdict, replace

import pytest
from sqlalchemy import text

from pos_subsidy.domain import words
from pos_subsidy.hub import config as hub_config
from pos_subsidy.hub import enrolment, office_log, records, searching
from pos_subsidy.hub.app import create_hub
from pos_subsidy.hub.store import keys, outlets, rows, traces
from pos_subsidy.hub.store.db import run as run_in
from pos_subsidy.hub.store.schema_traces import row_trace
from tests.hub.office import Desk, cells, hire, pages, sell
from tests.hub.shops import Shop, serving
from tests.support import ANNA, Clock


@pytest.fixture(scope="module")
def filled(tmp_path_factory, shop_template):
    """A hub's folder with the claims of two shops, and their numbers: made once, copied for every test."""
    path = tmp_path_factory.mktemp("filled")
    hub_config.init(path / "hub", name="测试市", demo=True)
    city, clock = hub_config.load(path / "hub"), Clock()
    hire(city)
    with serving(create_hub(city, clock)) as url:
        numbers = sell(
            [Shop(shop_template, path / name, f"DEMO-{name.upper()}", url, clock) for name in "ab"]
        )
    city.engine.dispose()  # the last connection carries the log over into the file
    return path / "hub", numbers


@pytest.fixture
def city(filled, tmp_path):
    city = hub_config.load(shutil.copytree(filled[0], tmp_path / "hub"))
    yield city
    city.engine.dispose()


@pytest.fixture
def sold(filled):
    return filled[1]


@pytest.fixture
def app(city, clock):
    return pages(city, clock)


def test_the_overview_counts_todays_claims_and_their_money(app, sold):
    page = Desk(app).sign_in().get("/overview")
    assert '<b class="num" id="claims">3</b>' in page
    assert '<b class="num" id="net">¥915.00</b>' in page, "what is rejected has no money"
    verdicts = {row[0]: row[1:] for row in cells(page, "by-verdict")}
    assert verdicts["通过"] == ["1", "¥915.00"] and verdicts["不通过"][0] == "2"
    assert cells(page, "by-class") == [["冰箱", "3", "¥915.00", "2"]]
    regions = {row[0]: row[1:] for row in cells(page, "by-region")}
    assert sum(int(row[0]) for row in regions.values()) == 3
    assert regions["海盐县"] == ["0", "¥0.00", "0"], "a district without a claim is shown as well"
    assert 'class="chart tiles"' in page and "style=" not in page


def test_the_overview_of_another_day_is_empty_and_says_so(app, sold, clock):
    clock.pass_by(days=2)
    desk = Desk(app).sign_in()
    assert "这个时段还没有补贴单" in desk.get("/overview")
    assert '<b class="num" id="claims">3</b>' in desk.get("/overview?period=week")
    assert desk.get("/overview?period=nonsense")


@pytest.mark.parametrize("about", ["request={0}", "request=JX-1", "outlet=demo-a", "verdict=accepted"])
def test_a_claim_is_found_by_what_a_clerk_knows_of_it(app, sold, about):
    page = Desk(app).sign_in("auditor").get(f"/claims?{about.format(sold[0])}")
    assert [row[0] for row in cells(page, "claims")] == [sold[0]]


def test_a_claim_is_found_by_its_voucher_however_it_is_typed(app, sold, city):
    voucher = records.story(city, sold[0]).record.said("voucher")
    desk = Desk(app).sign_in()
    typed = f"{voucher[:4].lower()} {voucher[4:8]} {voucher[8:]}"
    assert [row[0] for row in cells(desk.get(f"/claims?voucher={typed}"), "claims")] == [sold[0]]
    assert "没有符合条件的补贴单" in desk.get("/claims?voucher=NONE")


def test_claims_are_found_by_reason_and_by_day(app, sold):
    desk = Desk(app).sign_in()
    assert [row[0] for row in cells(desk.get("/claims?code=serial_used"), "claims")] == [sold[2]]
    assert len(cells(desk.get("/claims?first=2026-11-20&last=2026-11-20"), "claims")) == 3
    assert "没有符合条件的补贴单" in desk.get("/claims?first=2026-11-21")
    assert "day_invalid" in desk.get("/claims?first=2026-13-99", status=400)


def test_a_claim_is_found_by_its_hold(app, sold, city):
    hold_id = records.story(city, sold[0]).claim["hold_id"]
    page = Desk(app).sign_in().get(f"/claims?request={hold_id}")
    assert [row[0] for row in cells(page, "claims")] == [sold[0]]


def test_claims_are_found_by_a_shops_or_a_merchants_name(app, sold, city):
    name = records.story(city, sold[0]).record.shop["name"]
    desk = Desk(app).sign_in()
    assert len(cells(desk.get(f"/claims?outlet={name[:2]}"), "claims")) == 3
    assert len(cells(desk.get("/claims?outlet=DEMO-B"), "claims")) == 2
    assert "没有符合条件的补贴单" in desk.get("/claims?outlet=nobody")


def test_many_claims_come_in_parts_and_every_one_once(app, sold, monkeypatch):
    monkeypatch.setattr("pos_subsidy.hub.searching.PAGE", 2)
    desk = Desk(app).sign_in()
    first = desk.get("/claims")
    more = re.search(r'href="(/claims\?after=[^"]+)"', first)
    rest = desk.get(more[1].replace("&amp;", "&"))
    assert sorted(row[0] for page in (first, rest) for row in cells(page, "claims")) == sorted(sold)
    desk.get("/claims?after=nonsense", status=400)


def test_a_person_is_looked_up_by_form_and_her_number_stands_nowhere(app, sold, city):
    desk = Desk(app).sign_in("reviewer1")
    desk.get("/claims")
    number = ANNA["id_number"]
    page = desk.send("/claims/person", id_type="resident", id_number=f" {number} ")
    assert sorted(row[0] for row in cells(page, "claims")) == sorted(sold[:2])
    assert number not in page and number not in desk.path
    noted = office_log.view(city, what="looked_up_person").lines[0]
    assert (noted["by"], number in str(noted)) == ("reviewer1", False)
    assert "person_invalid" in desk.send("/claims/person", status=400, id_type="resident", id_number="1234")
    assert "1234" not in desk.page.split("<main", 1)[1]


def test_a_piece_is_looked_up_by_form(app, sold, city):
    desk = Desk(app).sign_in("operator")
    desk.get("/claims")
    assert [row[0] for row in cells(desk.send("/claims/piece", number="sn-1"), "claims")] == [sold[0]]
    assert office_log.view(city, what="looked_up_piece").lines
    assert "没有符合条件" in desk.send("/claims/piece", number="SN-NONE")


def test_nobody_looks_up_a_whole_city(app):
    desk = Desk(app).sign_in("operator")
    desk.get("/claims")
    for number in range(20):
        desk.send("/claims/piece", number=f"SN-{number}")
    assert "too_many_requests" in desk.send("/claims/piece", status=429, number="SN-20")
    Desk(app).sign_in("reviewer1").get("/claims")


def test_finance_does_not_look_people_up(app):
    assert "/claims/person" not in Desk(app).sign_in("finance").get("/claims")


def test_a_conflict_shows_both_signed_records_and_where_they_differ(app, sold):
    desk = Desk(app).sign_in("reviewer2")
    listed = cells(desk.get("/conflicts"), "conflicts")
    assert len(listed) == 2 and all("DEMO" not in row[1] for row in listed)
    rows = {row[0]: row[1:] for row in cells(desk.get(f"/conflicts/claims/{sold[2]}"), "compare")}
    assert sold[0] in rows["核销号"][0] and sold[2] in rows["核销号"][1]
    assert rows["序列号"] == ["SN-1", "SN-1"] and rows["订单号 不同"] == ["JX-1", "JX-3"]
    assert desk.page.count("签名和链条校验通过") == 2 and "签名或链条校验不通过" not in desk.page
    desk.get(f"/conflicts/claims/{sold[0]}", status=404)


def test_a_record_that_was_tampered_with_in_the_database_is_called_unsound(app, sold, city):
    changed = "UPDATE row SET body = replace(body, 'JX-3', 'JX-9') WHERE kind = 'redeemed'"
    run_in(city.engine, lambda db: db.execute(text(changed)))
    page = Desk(app).sign_in().get(f"/conflicts/claims/{sold[2]}")
    assert "签名或链条校验不通过" in page


def test_whatever_a_shop_signs_its_claim_can_be_read(app, sold, city):
    odd = (
        "UPDATE row SET at = 'yesterday', body = json_set(body, '$.authorisation', 'odd',"
        " '$.payable_fen', 'x', '$.held_at', 'noon', '$.category', json('[1]'), '$.serial_no', json('{}'))"
        " WHERE kind = 'redeemed'"
    )
    run_in(city.engine, lambda db: db.execute(text(odd)))
    desk = Desk(app).sign_in()
    for path in (f"/claims/{sold[0]}", f"/conflicts/claims/{sold[2]}", "/shops/DEMO-B", "/claims"):
        desk.get(path)
    assert "noon" in desk.get(f"/conflicts/claims/{sold[2]}")


def test_a_fork_shows_what_was_signed_before_and_what_was_shown_later(app, sold, city):
    first = run_in(city.engine, lambda db: rows.entry_at(db, "DEMO-A", 1))
    other = replace(first, hash="0" * 64, signature="no hexadecimal number")
    told = json.dumps(asdict(other), ensure_ascii=False)
    run_in(
        city.engine,
        lambda db: outlets.quarantine(
            db, "DEMO-A", seq=first.seq, stored_hash=first.hash, other_row=told, at="2026-11-20T06:00:00.000Z"
        ),
    )
    desk = Desk(app).sign_in("administrator")
    assert "流水分叉" in desk.get("/conflicts")
    page = desk.get("/conflicts/forks/1")
    assert first.hash in page and "0" * 64 in page and "签名或链条校验不通过" in page
    desk.get("/conflicts/forks/99", status=404)
    assert "已隔离" in desk.get("/shops/DEMO-A")


def test_rows_that_came_before_there_were_traces_are_found_too(city, sold, app):
    run_in(city.engine, lambda db: db.execute(row_trace.delete()))
    run_in(city.engine, traces.keep_all)
    voucher = records.story(city, sold[0]).record.said("voucher")
    page = Desk(app).sign_in().get(f"/claims?voucher={voucher}")
    assert [row[0] for row in cells(page, "claims")] == [sold[0]]


def test_a_shops_revoked_key_is_told_with_who_and_why(app, sold, city, clock):
    kid = run_in(city.engine, lambda db: outlets.key_list(db, "DEMO-A"))[0]["kid"]

    def revoke(db):
        key = keys.of_outlet(db, "DEMO-A")[0]
        keys.revoke(
            db, key, since="2026-11-20T05:00:00.000Z", at="2026-11-20T06:00:00.000Z", by="wang", why="失窃"
        )

    run_in(city.engine, revoke)
    page = Desk(app).sign_in().get("/shops/DEMO-A")
    assert kid in page and "吊销" in page and "「失窃」" in page and "2026-11-20 13:00 停用" in page


def test_every_reason_that_can_be_searched_for_has_words():
    assert set(searching.CODES) <= set(words.WORDS)


def test_only_an_administrator_is_shown_the_button(app, sold):
    assert "/standing" not in Desk(app).sign_in("operator").get("/shops/DEMO-A")


def test_merchants_are_found_by_name_code_and_standing(app, sold, city, clock):
    desk = Desk(app).sign_in()
    assert len(cells(desk.get("/shops"), "shops")) == 2
    assert "DEMO-B" in desk.get("/shops?q=demo-b")
    assert "没有符合条件的商户" in desk.get("/shops?q=nothing")
    enrolment.set_standing(city, "DEMO-B", suspended=True, now=clock())
    assert "DEMO-B" in desk.get("/shops?status=suspended")
    desk.get("/shops/none", status=404)


def test_a_long_list_of_shops_says_how_many_it_leaves_out(app, sold, monkeypatch):
    monkeypatch.setattr("pos_subsidy.hub.merchants.MOST_SHOPS", 1)
    page = Desk(app).sign_in().get("/shops")
    assert len(cells(page, "shops")) == 1 and "另有 1 家没有列出" in page


def test_a_list_of_shops_counts_the_last_days_and_a_shop_all_its_days(app, sold, clock):
    clock.pass_by(days=40)
    desk = Desk(app).sign_in()
    assert {row[4] for row in cells(desk.get("/shops"), "shops")} == {"0"}
    assert "¥915.00" in desk.get("/shops/DEMO-A")


def test_the_log_says_who_did_what_to_whom_may_read_it(app, sold):
    Desk(app).sign_in("finance").get("/log", status=403)
    desk = Desk(app).sign_in("auditor")
    assert "登录" in desk.get("/log?by=finance") and len(cells(desk.page, "log")) == 1


def test_an_administrator_hires_and_the_new_one_signs_in(app):
    desk = Desk(app).sign_in("administrator")
    desk.get("/staff")
    about = {"username": "li.na", "display_name": "李娜", "role": "reviewer1"}
    assert "office_account_invalid" in desk.send("/staff", status=400, **about, password="short")
    desk.get("/staff")
    desk.send("/staff", **about, password="a long password")
    new = Desk(app)
    new.get("/sign-in")
    new.send("/sign-in", username="li.na", password="a long password")
    assert "李娜" in new.page
    desk.send("/staff/li.na", act="off")
    new.get("/overview")
    assert new.path == "/sign-in"
