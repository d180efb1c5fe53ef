"""The city's catalogue and blocklist: entered at the hub, fed down signed, used at tills, judged by."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pos_subsidy import create_app
from pos_subsidy.city.client import HubClient
from pos_subsidy.errors import Conflict, Invalid, NotFound, Unavailable
from pos_subsidy.hub import audit, blocklist, catalogue, office_log
from pos_subsidy.hub.office_log import By
from pos_subsidy.hub.store.db import run as run_in
from pos_subsidy.protocol.messages import BLOCK_FEED, FILING_FEED, BlockFeed, FilingFeed
from pos_subsidy.services import health
from pos_subsidy.store import city_filings
from tests.hub.office import cells
from tests.support import ANNA, BAO, FRIDGE, IMEI, PHONE, nth_person, run
from tests.web import pages_shop
from tests.web.test_claims import submitted, try_open

OFFICER = By("zhao", "administrator")
TODAY, TOMORROW = date(2026, 11, 20), date(2026, 11, 21)
ROWS = (
    "条码,品类,品牌,型号,商品名称,能效等级,备案号,备案价\n"
    f"{FRIDGE},冰箱,样例甲,BCD-501WX,双门冰箱,1,714992848993,{{price}}\n"
)
OTHER_MERCHANT = "91330402MA0000000Q"
WHY = {"why": "示例备案文件第三号", "by": OFFICER}


def filed(city, clock, price="6100.00", since=TODAY, rows=ROWS, **about):
    content = rows.format(price=price).encode()
    return catalogue.load(city, "city.csv", content, since=since, **WHY, **about, now=clock())


def blocked(city, clock, kind, number, reason="stolen", since=TODAY, **about):
    told = {"reason": reason, "since": since, "note": "示例协查函第七号", "by": OFFICER, **about}
    return blocklist.enter(city, kind, number, **told, now=clock())


def asked(shop, price_fen=610_000, **about):
    body = {"gtin": FRIDGE, "price_fen": price_fen, **about}
    said = shop.api.post("/assessments", body).json
    return [one["code"] for one in said["refusals"]]


def verdict(shop, sold):
    told = shop.api.get(f"/redemptions/{sold['redemption_id']}").json
    return told["verdict"], told["verdict_code"]


def offline(shop):
    shop.line._errors = 3


class TestCatalogue:
    def test_every_change_is_kept_with_its_day_who_and_why(self, city, clock):
        assert filed(city, clock).changed == 1
        assert filed(city, clock).changed == 0, "the same file again changes nothing"
        assert filed(city, clock, "5900.00", TOMORROW).changed == 1
        catalogue.set_status(city, FRIDGE, "withdrawn", since=date(2026, 12, 1), **WHY, now=clock())
        told = catalogue.history(city, FRIDGE)
        assert [(one["since"], one["filed_price_fen"], one["status"]) for one in told] == [
            ("2026-12-01", 590_000, "withdrawn"),
            ("2026-11-21", 590_000, "in_force"),
            ("2026-11-20", 610_000, "in_force"),
        ]
        assert {(one["entered_by"], one["why"]) for one in told} == {("zhao", WHY["why"])}
        deeds = [one["what"] for one in office_log.view(city, by="zhao").lines]
        assert deeds == ["product_withdrawn", "catalogue_loaded", "catalogue_loaded"]
        for changed in ("UPDATE city_filing SET filed_price_fen = 1", "DELETE FROM block_entry"):
            blocked(city, clock, "serial", f"SN-{changed[:6]}")
            with pytest.raises(DBAPIError, match="append-only"):
                run_in(city.engine, lambda db, changed=changed: db.execute(text(changed)))

    def test_a_bad_row_is_named_and_nothing_of_the_file_is_filed(self, city, clock):
        bad = (
            ROWS + "6934123456786,没有这类,样例乙,XQG100,洗衣机,1,1,3499\n6934123456786,洗衣机,,,,1,1,很贵\n"
        )
        done = filed(city, clock, rows=bad)
        assert [(one.line, one.field, one.code) for one in done.problems] == [
            (3, "category", "catalogue_category_unknown"),
            (4, "filed_price", "catalogue_price_invalid"),
        ]
        assert (done.changed, catalogue.overview(city, now=clock()).count) == (0, 0)
        seen = catalogue.preview(city, "city.csv", bad.format(price="1").encode(), since=TODAY)
        assert (seen.fresh, len(seen.file.problems)) == (1, 2)
        assert filed(city, clock, rows=bad, accept_good_rows=True).changed == 1

    def test_what_decided_sales_does_not_change_afterwards(self, city, clock):
        filed(city, clock)
        with pytest.raises(Invalid, match="filing_day_past"):
            filed(city, clock, "5000.00", TODAY)
        with pytest.raises(Invalid, match="filing_day_past"):
            catalogue.set_status(city, FRIDGE, "withdrawn", since=TODAY, **WHY, now=clock())
        with pytest.raises(Invalid, match="office_reason_required"):
            catalogue.file_price(city, FRIDGE, 1, since=TOMORROW, why="x", by=OFFICER, now=clock())
        with pytest.raises(Conflict, match="filing_unchanged"):
            catalogue.file_price(city, FRIDGE, 610_000, since=TOMORROW, **WHY, now=clock())
        with pytest.raises(NotFound, match="product_not_filed"):
            catalogue.file_price(city, PHONE, 100, since=TOMORROW, **WHY, now=clock())

    def test_a_shop_takes_it_by_sync_and_sells_by_the_price_of_the_day(self, shops, city, clock):
        filed(city, clock, "6000.00")
        catalogue.file_price(city, FRIDGE, 620_000, since=TOMORROW, **WHY, now=clock())
        catalogue.set_status(city, FRIDGE, "withdrawn", since=date(2026, 11, 22), **WHY, now=clock())
        shop = shops[0]
        assert asked(shop) == [], "until then its own filing counts"
        assert shop.sync().complete
        assert asked(shop) == ["price_over_filed"]
        assert asked(shop, 600_000) == []
        voucher = shop.api.voucher(ANNA)["token"]
        assert shop.api.try_hold(voucher, price_fen=600_001).codes == ["price_over_filed"]
        clock.pass_by(days=1)
        assert asked(shop, 620_000) == [] and asked(shop, 620_001) == ["price_over_filed"]
        clock.pass_by(days=1)
        said = shop.api.post("/assessments", {"gtin": FRIDGE, "price_fen": 500_000}).json["refusals"]
        assert [one["code"] for one in said] == ["not_in_catalogue"]
        assert "withdrew" in said[0]["message_en"] and said[0]["clause"]

    def test_goods_that_only_the_city_has_filed_are_sold(self, shops, city, clock):
        television = "6920000000012"
        filed(city, clock, rows=ROWS + f"{television},电视,样例丙,L65,电视,1,1,3000\n")
        body = {"gtin": television, "price_fen": 300_000}
        assert [one["code"] for one in shops[0].api.post("/assessments", body).json["refusals"]] == [
            "not_in_catalogue"
        ]
        shops[0].sync()
        assert shops[0].api.post("/assessments", body).json["subsidy_fen"] == 45_000

    def test_the_city_judges_by_the_price_in_force_on_the_days_of_the_sales(self, shops, city, clock):
        knows, knows_not = shops
        before = knows_not.api.sell(ANNA, serial_no="SN-1")
        filed(city, clock, "6200.00")
        catalogue.file_price(city, FRIDGE, 600_000, since=TOMORROW, **WHY, now=clock())
        for one in shops:
            assert one.sync().complete
        clock.pass_by(days=1)
        offline(knows_not)
        knows_not.db.execute("DELETE FROM city_filing")
        late = knows_not.api.sell(BAO, serial_no="SN-2")
        cheap = knows_not.api.sell(nth_person(3), serial_no="SN-3", price_fen=600_000)
        assert verdict(knows_not, late)[0] is None
        knows_not.line._errors = 0
        assert knows_not.sync().complete
        assert verdict(knows_not, before) == verdict(knows_not, cheap) == ("accepted", None)
        assert verdict(knows_not, late) == ("rejected", "price_over_filed")
        told = json.loads(
            knows_not.db.execute(
                "SELECT verdict_params FROM redemption WHERE redemption_id = ?", [late["redemption_id"]]
            ).fetchone()[0]
        )
        assert (told["price_fen"], told["filed_price_fen"], told["filing_no"]) == (610_000, 600_000, 2)
        assert told["from_day"] == "2026-11-21" and told["clause"]

    def test_the_city_refuses_a_hold_over_its_price_before_money_moves(self, shops, city, clock):
        filed(city, clock, "6000.00")
        voucher = shops[0].api.voucher(ANNA)["token"]
        refused = shops[0].api.try_hold(voucher)
        assert (refused.status, refused.codes) == (422, ["price_over_filed"])
        assert shops[0].api.hold(voucher, price_fen=600_000)["authorisation"] == "online"


class TestFeed:
    def test_it_goes_on_where_it_was_cut_and_one_number_says_that_nothing_is_new(
        self, shops, city, clock, monkeypatch
    ):
        monkeypatch.setattr(catalogue, "PAGE", 1)
        monkeypatch.setattr(blocklist, "PAGE", 1)
        for days in range(3):
            filed(city, clock, f"6{days}00.00", TODAY + timedelta(days))
            blocked(city, clock, "serial", f"SN-000{days}")
        shop, honest, calls = shops[0], HubClient._page, []

        def cut(self, address, kind, after):
            calls.append((kind, after))
            if len(calls) in (2, 5):
                raise Unavailable("no_hub")
            return honest(self, address, kind, after)

        monkeypatch.setattr(HubClient, "_page", cut)
        for _ in range(2):
            with pytest.raises(Unavailable):
                shop.sync()
            assert health.state(shop.db, shop.wired.shop, now=clock())["rules_heard_at"] is None
        assert shop.sync().complete
        told = health.state(shop.db, shop.wired.shop, now=clock())
        assert (told["city_filing_no"], told["city_block_no"]) == (3, 3)
        assert told["rules_heard_at"] is not None, "up to date only after the last page"
        filings = [after for kind, after in calls if kind == FILING_FEED]
        blocks = [after for kind, after in calls if kind == BLOCK_FEED]
        assert filings == [0, 1, 1, 2] and blocks == [0, 0, 1, 2]
        assert shop.sync().complete and len(calls) == 8

    @pytest.mark.parametrize("number", [2, 0])
    def test_a_page_that_leaves_something_out_is_refused(self, shops, city, clock, monkeypatch, number):
        filed(city, clock)
        honest = HubClient.filings

        def short(self, after):
            page = honest(self, after)
            return FilingFeed(page.newest, [{**one, "filing_no": number} for one in page.filings])

        monkeypatch.setattr(HubClient, "filings", short)
        with pytest.raises(Invalid, match="city_list_refused"):
            shops[0].sync()
        assert city_filings.newest_no(shops[0].db) == 0
        monkeypatch.undo()
        assert shops[0].sync().complete and city_filings.newest_no(shops[0].db) == 1

    def test_what_a_newer_city_says_and_this_till_cannot_read_is_refused_in_words(
        self, shops, city, clock, monkeypatch
    ):
        blocked(city, clock, "serial", "SN-0001")
        honest = HubClient.blocks

        def strange(self, after):
            page = honest(self, after)
            return BlockFeed(page.newest, page.upto, [{**one, "kind": "vin"} for one in page.blocks])

        monkeypatch.setattr(HubClient, "blocks", strange)
        with pytest.raises(Invalid, match="city_list_refused"):
            shops[0].sync()

    def test_a_shop_that_was_away_for_days_catches_up(self, shops, city, clock):
        for days in range(5):
            filed(city, clock, f"60{days}0.00", clock().date() + timedelta(days == 0 and 0 or 1))
            clock.pass_by(days=1)
        assert shops[0].sync().complete
        assert city_filings.newest_no(shops[0].db) == 5
        assert shops[0].db.execute("SELECT min(filing_no), count(*) FROM city_filing").fetchone() == (1, 5)


def test_the_shops_own_page_shows_what_the_city_has_filed(shops, city, clock):
    filed(city, clock, "6000.00")
    catalogue.set_status(city, FRIDGE, "withdrawn", since=TOMORROW, **WHY, now=clock())
    blocked(city, clock, "serial", "SN-0001")
    manager = json.loads((shops[0].folder.path / "demo.json").read_text("utf-8"))["manager"]
    person = pages_shop.Browser(create_app(shops[0].wired))
    person.get("/sign-in")
    person.send("/sign-in", **manager)
    assert "还没有取到" in person.get("/office/catalogue")
    shops[0].sync()
    page = person.get(f"/office/catalogue?gtin={FRIDGE}")
    assert "备案 1 件，禁用 1 条" in page and "12:00 更新" in page
    assert cells(page, "city-filings") == [
        ["2026-11-21", "¥6,000.00", "已撤销"],
        ["2026-11-20", "¥6,000.00", "有效"],
    ]


class TestBlocklist:
    def test_a_blocked_piece_is_refused_at_the_till_offline(self, shops, city, clock):
        blocked(city, clock, "serial", "sn-0001")
        blocked(city, clock, "serial", "SN-0002", "paid_elsewhere")
        shop = shops[0]
        shop.sync()
        offline(shop)
        voucher = shop.api.voucher(ANNA)["token"]
        stolen = shop.api.try_hold(voucher, serial_no="SN-0001")
        assert (stolen.status, stolen.codes) == (422, ["piece_blocked"])
        elsewhere = shop.api.try_hold(voucher, serial_no="SN-0002").json["reasons"][0]
        assert elsewhere["code"] == "serial_used" and "another city" in elsewhere["message_en"]
        assert shop.api.hold(voucher, serial_no="SN-0003")["authorisation"] == "offline"

    def test_either_slot_of_a_phone_is_looked_at(self, shops, city, clock):
        blocked(city, clock, "imei", IMEI, "paid_elsewhere")
        shops[0].sync()
        offline(shops[0])
        voucher = shops[0].api.voucher(ANNA, "phone")["token"]
        about = {"gtin": PHONE, "price_fen": 500_000, "serial_no": "SN-9"}
        refused = shops[0].api.try_hold(voucher, **about, imei1="354178036859789", imei2=IMEI)
        assert refused.codes == ["imei_used"]

    def test_a_product_and_a_shop_can_be_blocked_for_some_days(self, shops, city, clock):
        one, other = shops
        blocked(city, clock, "product", FRIDGE, "recalled", until=TODAY)
        blocked(city, clock, "outlet", "DEMO-A", "barred", TOMORROW, until=TOMORROW)
        for shop in shops:
            shop.sync()
            offline(shop)
        assert asked(one) == ["not_in_catalogue"]
        clock.pass_by(days=1)
        assert asked(one) == []
        assert one.api.try_hold(one.api.voucher(ANNA)["token"]).codes == ["merchant_suspended"]
        assert other.api.hold(other.api.voucher(ANNA)["token"])
        clock.pass_by(days=1)
        assert one.api.hold(one.api.voucher(BAO)["token"], serial_no="SN-2")

    def test_shops_are_told_of_themselves_only(self, shops, city, clock):
        blocked(city, clock, "outlet", "DEMO-B", "barred")
        blocked(city, clock, "merchant", OTHER_MERCHANT, "barred")
        blocked(city, clock, "merchant", shops[0].wired.shop.merchant_uscc, "investigated", TOMORROW)
        blocked(city, clock, "serial", "SN-0001")
        told = blocklist.feed(city, "DEMO-A", 0)["said"]
        assert [one["block_no"] for one in told["blocks"]] == [3, 4] and told["upto"] == 4
        assert not {"note", "entered_by"} & set(told["blocks"][0]), "what the office wrote stays there"
        shops[0].sync()
        clock.pass_by(days=1)
        voucher = shops[0].api.voucher(ANNA)["token"]
        assert shops[0].api.try_hold(voucher, serial_no="SN-2").codes == ["merchant_suspended"]

    def test_it_is_taken_back_by_another_entry_and_stays(self, shops, city, clock):
        number = blocked(city, clock, "serial", "SN-0001")
        with pytest.raises(Conflict, match="blocked_already"):
            blocked(city, clock, "serial", "SN-0001")
        shops[0].sync()
        lifted = blocklist.lift(city, number, note="找回，示例回函", by=OFFICER, now=clock())
        with pytest.raises(Conflict, match="block_lifted_already"):
            blocklist.lift(city, number, note="再撤回一次", by=OFFICER, now=clock())
        with pytest.raises(NotFound, match="block_unknown"):
            blocklist.lift(city, lifted, note="撤回撤回", by=OFFICER, now=clock())
        offline(shops[0])
        voucher = shops[0].api.voucher(ANNA)["token"]
        assert shops[0].api.try_hold(voucher).codes == ["piece_blocked"], "it has not heard of it"
        shops[0].line._errors = 0
        shops[0].sync()
        assert shops[0].api.hold(voucher)
        told = blocklist.overview(city).entries
        assert [(one["block_no"], one["lifts"], one["lifted_by"]) for one in told] == [
            (2, 1, None),
            (1, None, 2),
        ]

    @pytest.mark.parametrize(
        ("kind", "number", "about", "code"),
        [
            ("imei", "123", {}, "identifier_invalid"),
            ("merchant", "123", {"reason": "barred"}, "identifier_invalid"),
            ("outlet", "NOBODY", {"reason": "barred"}, "outlet_unknown"),
            ("person", "张三", {}, "block_kind_unknown"),
            ("product", FRIDGE, {"reason": "stolen"}, "block_reason_unknown"),
            ("serial", "SN-0001", {"until": date(2026, 1, 1)}, "block_days_invalid"),
            ("serial", "SN-0001", {"note": " "}, "office_reason_required"),
        ],
    )
    def test_what_cannot_be_entered(self, city, clock, kind, number, about, code):
        with pytest.raises((Invalid, NotFound), match=code):
            blocked(city, clock, kind, number, **about)
        assert blocklist.overview(city).entries == []

    def test_a_sale_of_a_blocked_piece_is_stored_and_rejected(self, shops, city, clock):
        """OS-16"""
        shop = shops[0]
        shop.sync()
        blocked(city, clock, "serial", "SN-0001")
        offline(shop)
        sold = shop.api.sell(ANNA)
        shop.line._errors = 0
        assert shop.sync().complete
        assert verdict(shop, sold) == ("rejected", "piece_blocked")
        told = shop.api.get(f"/redemptions/{sold['redemption_id']}").json
        assert told["status"] == "redeemed", "what happened is not filed as a failed try"
        again = shop.api.sell(ANNA, serial_no="SN-0005", order_no="O-2")
        shop.sync()
        assert verdict(shop, again) == ("accepted", None), "the rejection uses no unit up"

    def test_an_exchange_for_a_blocked_piece_is_refused_and_waits_where_the_shop_did_not_know(
        self, shops, city, clock
    ):
        shop = shops[0]
        sold = shop.api.sell(ANNA)["redemption_id"]
        blocked(city, clock, "serial", "SN-BAD")
        shop.api.post(f"/redemptions/{sold}/exchange", {"serial_no": "SN-BAD", "reason": "划痕"})
        (parked,) = shop.sync().parked
        assert (parked["kind"], parked["why"]) == ("exchanged", "piece_blocked")
        back = {"serial_no": "SN-BAD", "reason": "划痕"}
        other = shop.api.sell(BAO, serial_no="SN-2", order_no="O-2")["redemption_id"]
        blocked(city, clock, "serial", "SN-WORSE")
        shop.sync()
        back["serial_no"] = "SN-WORSE"
        refused = shop.api.post(f"/redemptions/{other}/exchange", back)
        assert (refused.status, refused.codes) == (422, ["piece_blocked"])

    def test_a_blocked_merchant_claims_nothing_after_purchase(self, shops, city, clock):
        shop = shops[0]
        blocked(city, clock, "merchant", shop.wired.shop.merchant_uscc, "barred")
        claim = submitted(shop.api)
        shop.sync()
        told = shop.api.get(f"/claims/{claim.json['claim_id']}").json
        assert (told["verdict"], told["verdict_code"]) == ("rejected", "merchant_suspended")
        assert try_open(shop.api, BAO).codes == ["merchant_suspended"]

    def test_what_the_city_granted_before_is_not_undone_by_a_later_entry(self, shops, city, clock):
        shop = shops[0]
        held = shop.api.hold(shop.api.voucher(ANNA)["token"])
        assert held["authorisation"] == "online"
        clock.pass_by(minutes=1)
        blocked(city, clock, "serial", "SN-0001")
        sold = shop.api.redeem(held)
        assert shop.sync().complete
        assert verdict(shop, sold) == ("accepted", None)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_both_lists_are_kept_fed_and_judged_by_on_postgresql_too(shops, city, clock):
    filed(city, clock)
    blocked(city, clock, "serial", "SN-0001")
    catalogue.file_price(city, FRIDGE, 600_000, since=TOMORROW, **WHY, now=clock())
    shop = shops[0]
    offline(shop)
    sold, good = shop.api.sell(ANNA), shop.api.sell(BAO, serial_no="SN-2")
    shop.line._errors = 0
    assert shop.sync().complete
    assert [verdict(shop, one)[1] for one in (sold, good)] == ["piece_blocked", None]
    assert city_filings.newest_no(shop.db) == 2
    assert len(catalogue.overview(city, wanted="bcd", now=clock()).products) == 1
    with pytest.raises(DBAPIError, match="append-only"):
        run_in(city.engine, lambda db: db.execute(text("UPDATE block_entry SET number = 'X'")))


def test_the_command_line_files_and_blocks(city, clock, tmp_path, capsys, monkeypatch):
    for name in ("hub_catalogue", "hub_block"):
        monkeypatch.setattr(f"pos_subsidy.cli.{name}.system_clock", clock)
    file = tmp_path / "city.csv"
    file.write_text(ROWS.format(price="6100"), "utf-8")
    hub, by = ("--data", str(tmp_path / "hub")), ("--by", "zhao")
    about = ("--why", "示例备案文件", *by, *hub)
    run("hub", "catalogue", "load", str(file), "--from", "2026-11-20", "--preview", *about)
    run("hub", "catalogue", "load", str(file), "--from", "2026-11-20", "--json", *about)
    run("hub", "catalogue", "price", FRIDGE, "5999.00", "--from", "2026-11-21", *about)
    run("hub", "catalogue", "status", FRIDGE, "withdrawn", "--from", "2026-12-01", *about)
    assert '"changed": 1' in capsys.readouterr().out
    run("hub", "catalogue", "history", FRIDGE, *hub)
    assert [one["filing_no"] for one in json.loads(capsys.readouterr().out)["filings"]] == [3, 2, 1]
    said = ("--note", "示例协查函", *by, *hub)
    run("hub", "block", "enter", "serial", "SN-0001", "--reason", "stolen", "--from", "2026-11-20", *said)
    run("hub", "block", "lift", "1", *said)
    capsys.readouterr()
    run("hub", "block", "list", *hub)
    assert [one["lifts"] for one in json.loads(capsys.readouterr().out)["entries"]] == [1, None]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_several_officers_at_once_number_their_entries_without_a_gap(city, clock):
    def enter(place):
        for number in range(5):
            blocked(city, clock, "serial", f"SN-{place}-{number}")

    with ThreadPoolExecutor(4) as officers:
        list(officers.map(enter, range(4)))
    numbers = [one["block_no"] for one in blocklist.overview(city).entries]
    assert numbers == list(range(20, 0, -1))
    assert audit.audit(city) == []
