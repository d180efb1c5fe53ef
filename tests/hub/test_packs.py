"""Packs published at the hub: checked, by two people, fed to shops, in force from their day on."""

import json
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pos_subsidy import create_app
from pos_subsidy.city.client import HubClient
from pos_subsidy.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable
from pos_subsidy.hub import office_log, packs, trying_packs
from pos_subsidy.hub.office_log import By
from pos_subsidy.hub.store.db import run as run_in
from pos_subsidy.policy import PACKS_DIR
from pos_subsidy.protocol.messages import Verdict
from pos_subsidy.services import city_sync, health
from pos_subsidy.wiring import Rules, shelf_of
from tests.support import ANNA, BAO, Api, nth_person, run
from tests.web import pages_shop

ONE, TWO = By("zhao", "administrator"), By("qian", "administrator")
TOMORROW = date(2026, 11, 21)
OLD = (PACKS_DIR / "appliance-2026.toml").read_text("utf-8")
STRICTER = OLD.replace("version = 1", "version = 2", 1).replace("cap_yuan = 1500", "cap_yuan = 900", 1)


def proposed(city, clock, body=STRICTER, **about):
    told = {"from_day": TOMORROW, "why": "示例文件第二条", "by": ONE, "now": clock(), **about}
    return packs.propose(city, "appliance-2026.toml", body, **told)


def published(city, clock, body=STRICTER, **about):
    return packs.publish(city, proposed(city, clock, body, **about), by=TWO, now=clock())


@pytest.fixture
def kept(shops, clock):
    """The first shop with a shelf for packs and rules that follow it."""
    shop = shops[0]
    shelf = shelf_of(shop.folder)
    shop.line._shelf = shelf
    return shop, shelf, Rules(shop.folder.path / "confirmations.toml", shelf)


def test_the_pack_that_is_tried_is_another_one():
    assert STRICTER != OLD.replace("version = 1", "version = 2", 1)


def test_a_broken_pack_is_refused_with_file_line_and_place(city, clock):
    with pytest.raises(Invalid) as refused:
        proposed(city, clock, STRICTER.replace("units_max", "units_mx", 1))
    told = refused.value.params
    assert (refused.value.code, told["file"]) == ("policy_invalid", "appliance-2026.toml")
    assert told["line"] > 1 and "units_mx" in told["where"]
    with pytest.raises(Invalid) as refused:
        proposed(city, clock, STRICTER + "\n[[rule\n")
    assert refused.value.params["line"] > 80, "also where it is no TOML at all"
    assert packs.overview(city).waiting == []


def test_a_pack_begins_tomorrow_at_the_earliest_and_its_version_is_new(city, clock):
    with pytest.raises(Invalid) as early:
        proposed(city, clock, from_day=date(2026, 11, 20))
    assert early.value.params["earliest"] == "2026-11-21"
    with pytest.raises(Conflict) as known:
        proposed(city, clock, OLD)
    assert known.value.code == "pack_version_known"
    number = proposed(city, clock)
    clock.pass_by(days=1)
    with pytest.raises(Invalid, match="pack_day_past"):
        packs.publish(city, number, by=TWO, now=clock())


def test_a_second_person_publishes_and_nothing_is_overwritten(city, clock):
    number = proposed(city, clock)
    with pytest.raises(NotAllowed, match="second_person_required"):
        packs.publish(city, number, by=ONE, now=clock())
    assert packs.publish(city, number, by=TWO, now=clock()) == 1
    with pytest.raises(NotFound):
        packs.publish(city, number, by=TWO, now=clock())
    with pytest.raises(Conflict, match="pack_version_known"):
        proposed(city, clock)
    one = packs.overview(city).published[0]
    assert (one["pack_no"], one["proposed_by"], one["confirmed_by"]) == (1, "zhao", "qian")
    for changed in ("UPDATE published_pack SET signed = ''", "DELETE FROM published_pack"):
        with pytest.raises(DBAPIError, match="append-only"):
            run_in(city.engine, lambda db, changed=changed: db.execute(text(changed)))
    deeds = [one["what"] for one in office_log.view(city, about="appliance-2026 v2").lines]
    assert deeds == ["pack_published", "pack_proposed"]


def test_the_difference_is_told_class_by_class_from_its_day_on(city, clock):
    changes = packs.proposal(city, proposed(city, clock)).changes
    caps = [one for one in changes if one.what == "cap_fen"]
    assert caps and {(one.old, one.new, one.first_day) for one in caps} == {("150000", "90000", TOMORROW)}


def test_real_claims_are_tried_under_it(shops, city, clock):
    shops[0].api.sell(ANNA, serial_no="SN-1", price_fen=500_000)
    dear = shops[0].api.sell(BAO, serial_no="SN-2")
    shops[0].sync()
    day = date(2026, 11, 20)
    tried = trying_packs.try_out(city, proposed(city, clock), first=day, last=day)
    assert (tried.claims, tried.otherwise) == (2, 1)
    assert tried.was_fen - tried.would_be_fen == 1_500
    assert [one.claim["redemption_id"] for one in tried.lines] == [dear["redemption_id"]]


def test_a_shop_takes_a_pack_over_by_sync_and_into_use_on_its_day(kept, city, clock):
    shop, shelf, rules = kept
    before = rules()
    published(city, clock)
    assert shop.sync().complete
    assert [one.pack_no for one in shelf.packs()] == [1]
    rules._looked = 0.0
    book = rules()
    assert book is not before, "without a restart"
    caps = {
        day: book.rule_in_force("refrigerator", day).grants[0].cap_fen
        for day in (date(2026, 11, 20), TOMORROW)
    }
    assert caps == {date(2026, 11, 20): 150_000, TOMORROW: 90_000}
    hub = packs.up_to_date(city).rulebook
    assert hub.rule_in_force("refrigerator", TOMORROW).policy_version == (
        book.rule_in_force("refrigerator", TOMORROW).policy_version
    )


def test_the_city_judges_by_it_from_its_day_on_and_so_do_its_shops(kept, shops, city, clock, monkeypatch):
    monkeypatch.setattr(packs, "_LOOK_SECONDS", 0.0)
    shop, _, rules = kept
    published(city, clock)
    assert shop.sync().complete
    rules._looked = 0.0
    till = replace(shop.wired.till, shop=lambda: replace(shop.wired.shop, rulebook=rules()))
    follows = Api.of(replace(shop.wired, till=till), shop.folder)
    before = follows.sell(ANNA, serial_no="SN-1")
    clock.pass_by(days=1)
    after = follows.sell(BAO, serial_no="SN-2")
    assert (before["subsidy_fen"], after["subsidy_fen"]) == (91_500, 90_000)
    refused = shops[1].api.try_hold(shops[1].api.voucher(nth_person(6))["token"], serial_no="SN-4")
    assert refused.json["code"] == "subsidy_differs"
    shops[1].line._errors = 3
    knows_nothing = shops[1].api.sell(nth_person(7), serial_no="SN-3")
    for one in shops:
        assert one.sync().complete
    told = [follows.get(f"/redemptions/{one['redemption_id']}").json for one in (before, after)]
    assert [one["verdict"] for one in told] == ["accepted", "accepted"]
    late = shops[1].api.get(f"/redemptions/{knows_nothing['redemption_id']}").json
    assert (late["verdict"], late["verdict_code"]) == ("suspended", "subsidy_differs")


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_packs_are_published_on_postgresql_too(city, clock):
    assert published(city, clock) == 1
    assert published(city, clock, STRICTER.replace("version = 2", "version = 3", 1)) == 2
    assert [one["pack_no"] for one in packs.overview(city).published] == [2, 1]
    with pytest.raises(DBAPIError, match="append-only"):
        run_in(city.engine, lambda db: db.execute(text("DELETE FROM published_pack")))
    assert packs.up_to_date(city).pack_no == 2


def test_a_pack_that_was_tampered_with_is_refused_on_the_way_and_on_the_disk(kept, city, clock, monkeypatch):
    shop, shelf, rules = kept
    published(city, clock)
    honest = HubClient.packs

    def forged(self, after):
        feed = honest(self, after)
        pairs = [
            (number, signed.replace("cap_yuan = 900", "cap_yuan = 990")) for number, signed in feed.packs
        ]
        assert pairs != list(feed.packs)
        return type(feed)(feed.newest, pairs)

    monkeypatch.setattr(HubClient, "packs", forged)
    with pytest.raises(Invalid, match="pack_refused"):
        shop.sync()
    assert shelf.packs() == []
    monkeypatch.undo()
    assert shop.sync().complete
    file = shelf.files()[0]
    file.write_text(file.read_text("utf-8").replace("cap_yuan = 900", "cap_yuan = 990"), "utf-8")
    assert shelf.packs() == []
    fresh = Rules(shop.folder.path / "confirmations.toml", shelf)()
    assert fresh.rule_in_force("refrigerator", TOMORROW).grants[0].cap_fen == 150_000
    assert shop.sync().complete
    assert [one.pack_no for one in shelf.packs()] == [1], "the next exchange mends it"


def test_the_feed_goes_on_where_it_was_cut(kept, city, clock, monkeypatch):
    monkeypatch.setattr(packs, "PAGE", 1)
    for version in (2, 3, 4):
        published(city, clock, STRICTER.replace("version = 2", f"version = {version}", 1))
    shop, shelf, _ = kept
    honest, asked = HubClient.packs, []

    def cut(self, after):
        asked.append(after)
        if len(asked) == 2:
            raise Unavailable("no_hub")
        return honest(self, after)

    monkeypatch.setattr(HubClient, "packs", cut)
    with pytest.raises(Unavailable):
        shop.sync()
    assert shop.api.get("/settings") is not None and len(shelf.packs()) == 1
    assert shop.sync().complete
    assert asked == [0, 1, 1, 2] and len(shelf.packs()) == 3
    shop.sync()
    assert asked == [0, 1, 1, 2], "one number says that nothing is new"


def test_rules_nine_days_old_show_their_age_and_two_tills_say_the_same(kept, city, clock):
    """OS-14"""
    shop, shelf, rules = kept
    assert shop.sync().complete
    heard = clock()
    clock.pass_by(days=9)
    shop.line._errors = 3
    published(city, clock, from_day=date(2026, 11, 30))
    tills = [Api.of(shop.wired, shop.folder) for _ in range(2)]
    said = [
        one.post("/assessments", {"category": "refrigerator", "price_fen": 900_000, "energy_rating": 1})
        for one in tills
    ]
    assert said[0].json == said[1].json and said[0].json["eligible"]
    sold = tills[0].sell(ANNA, serial_no="SN-1")
    assert sold["authorisation"] == "offline"
    body = next(one.body for one in shop.entries() if one.kind == "redeemed")
    assert body["rules_heard_at"][:10] == heard.date().isoformat()
    assert health.state(shop.db, shop.wired.shop, now=clock())["rules_days_old"] == 9
    cashier = json.loads((shop.folder.path / "demo.json").read_text("utf-8"))["cashier"]
    person = pages_shop.Browser(create_app(shop.wired))
    person.get("/sign-in")
    assert "9 天没有更新" in person.send("/sign-in", **cashier)


def test_a_sale_made_offline_stands_beside_what_the_city_says_of_an_older_time(kept, city, clock):
    """OS-09"""
    shop, _, _ = kept
    shop.line._errors = 3
    sold = shop.api.sell(ANNA, serial_no="SN-1")
    older = Verdict(
        counter=1,
        redemption_id=sold["redemption_id"],
        verdict="suspended",
        code="subsidy_differs",
        params={"expected_fen": 1, "claimed_fen": 2},
        judged_at="2026-11-01T00:00:00.000Z",
    )
    city_sync.apply_verdicts(shop.db, shop.wired.shop, [older], now=clock())
    told = shop.api.get(f"/redemptions/{sold['redemption_id']}").json
    assert told["status"] == "redeemed", "what was paid does not fall back to unpaid"
    assert (told["verdict"], told["verdict_code"]) == ("suspended", "subsidy_differs"), (
        "and the conflict is shown"
    )
    assert shop.sync().complete
    assert shop.api.get(f"/redemptions/{sold['redemption_id']}").json["verdict"] == "accepted"
    city_sync.apply_verdicts(shop.db, shop.wired.shop, [older], now=clock())
    assert shop.api.get(f"/redemptions/{sold['redemption_id']}").json["verdict"] == "accepted"


def test_the_command_line_proposes_tries_and_publishes(city, clock, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("pos_subsidy.cli.hub_packs.system_clock", clock)
    file = tmp_path / "appliance-2026.toml"
    file.write_text(STRICTER, "utf-8")
    hub = ("--data", str(tmp_path / "hub"))
    run(
        "hub", "pack", "propose", str(file), "--from", "2026-11-21", "--why", "示例文件", "--by", "zhao", *hub
    )
    run("hub", "pack", "try", "1", *hub)
    said = capsys.readouterr().out
    assert "cap_fen: 150000 → 90000" in said and "0 / 0" in said
    with pytest.raises(NotAllowed, match="second_person_required"):
        run("hub", "pack", "publish", "1", "--by", "zhao", *hub)
    run("hub", "pack", "publish", "1", "--by", "qian", *hub)
    capsys.readouterr()
    run("hub", "pack", "list", *hub)
    told = json.loads(capsys.readouterr().out)
    assert [one["pack_no"] for one in told["published"]] == [1] and told["waiting"] == []
