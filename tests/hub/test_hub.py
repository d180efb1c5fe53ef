"""Till and hub together over real HTTP signatures: every claim once, checked words, honest lines."""

import base64
import gzip
import json
from dataclasses import replace
from datetime import date

import httpx
import pytest

from pos_subsidy.city import client
from pos_subsidy.city.client import HubClient
from pos_subsidy.city.line import Line
from pos_subsidy.cli.shop import join
from pos_subsidy.context import Till
from pos_subsidy.domain import journal as chain
from pos_subsidy.domain.keys import raw_public
from pos_subsidy.domain.rules import Source
from pos_subsidy.errors import Conflict, Invalid, SubsidyError, Unavailable
from pos_subsidy.hub import config as hub_config
from pos_subsidy.hub import enrolment, office_log
from pos_subsidy.hub.app import create_hub
from pos_subsidy.hub.store.db import run
from pos_subsidy.hub.store.schema import metadata
from pos_subsidy.policy import confirming
from pos_subsidy.protocol import batches
from pos_subsidy.protocol.messages import Enrolment, Receipt
from pos_subsidy.services import city_sync
from pos_subsidy.store import settings
from pos_subsidy.store.db import insert
from tests.hub.shops import Shop, own_keys, serving
from tests.support import ANNA, BAO, PERSONS, Api, copy_shop, journal_kinds, wired_with, with_caps
from tests.support import run as run_command


def test_a_hold_is_confirmed_city_wide_before_money_moves(shops):
    """AS-14"""
    held = shops[0].api.hold(shops[0].api.voucher()["token"])
    assert held["authorisation"] == "online"
    assert shops[0].client.query(held["hold_id"]) == "held"
    refused = shops[1].api.try_hold(shops[1].api.voucher()["token"], serial_no="SN-B")
    assert (refused.status, refused.codes) == (422, ["claimed_elsewhere"])
    assert "嘉兴市南湖区" in refused.json["reasons"][0]["message_zh"]


def test_a_piece_held_elsewhere_is_used_for_this_shop(shops):
    shops[0].api.hold(shops[0].api.voucher(ANNA)["token"])
    refused = shops[1].api.try_hold(shops[1].api.voucher(BAO)["token"])
    assert refused.codes == ["serial_used"]


def test_a_released_hold_frees_the_unit_for_the_city(shops):
    held = shops[0].api.hold(shops[0].api.voucher()["token"])
    shops[0].api.post(f"/holds/{held['hold_id']}/release")
    shops[0].line._tend()
    assert shops[0].client.query(held["hold_id"]) == "cancelled"
    assert shops[1].api.try_hold(shops[1].api.voucher()["token"]).status == 201


def test_a_cancellation_that_overtakes_its_hold_keeps_it_out(shops):
    assert shops[0].client.query("H-1") == "unknown"
    assert shops[0].client.cancel("H-1") == "cancelled"
    assert shops[0].client.confirm("H-1") == "cancelled"


def test_a_confirmed_hold_stands_when_its_time_is_over(shops, clock):
    held = shops[0].api.hold(shops[0].api.voucher()["token"])
    shops[0].api.redeem(held)
    shops[0].line._tend()
    assert shops[0].client.query(held["hold_id"]) == "confirmed"
    clock.pass_by(days=3)
    refused = shops[1].api.try_hold(shops[1].api.voucher()["token"], serial_no="SN-B")
    assert refused.codes == ["claimed_elsewhere"]


def test_a_silent_shops_hold_ends_a_day_after_its_own_time(shops, clock):
    shops[0].api.hold(shops[0].api.voucher()["token"])
    clock.pass_by(hours=24)
    refused = shops[1].api.try_hold(shops[1].api.voucher()["token"], serial_no="SN-B")
    assert refused.codes == ["claimed_elsewhere"]
    clock.pass_by(minutes=31)
    assert shops[1].api.try_hold(shops[1].api.voucher()["token"]).status == 201


def test_first_stored_wins_and_the_loser_gets_the_signed_record(shops):
    """OS-04"""
    for shop in shops:
        shop.line._errors = 3  # both lines are cut while they sell
    first = shops[0].api.sell(ANNA, serial_no="SN-A")
    second = shops[1].api.sell(ANNA, serial_no="SN-B")
    assert first["authorisation"] == second["authorisation"] == "offline"
    shops[1].sync()
    shops[0].sync()
    winner = shops[1].api.get(f"/redemptions/{second['redemption_id']}").json
    loser = shops[0].api.get(f"/redemptions/{first['redemption_id']}").json
    assert (winner["verdict"], loser["verdict"]) == ("accepted", "rejected")
    assert loser["verdict_code"] == "units_exhausted"
    record = loser["verdict_context"]["first"]
    signed = next(entry for entry in shops[1].entries() if entry.seq == record["seq"])
    assert (record["outlet"], record["signature"]) == ("DEMO-B", signed.signature)


def test_a_rejection_frees_unit_and_piece_at_the_till(shops):
    for shop in shops:
        shop.line._errors = 3
    shops[0].api.sell(ANNA)
    lost = shops[1].api.sell(BAO)
    shops[0].sync()
    shops[1].sync()
    found = shops[1].api.get(f"/redemptions/{lost['redemption_id']}").json
    assert (found["verdict"], found["verdict_code"]) == ("rejected", "serial_used")
    assert shops[1].api.get("/serials/SN-0001").json["status"] == "free"
    assert shops[1].api.voucher(BAO)["status"] == "issued"


def test_everything_is_acknowledged_and_sending_again_changes_nothing(shops, city):
    """OS-05"""
    shop = shops[0]
    shop.api.sell()
    done = shop.sync()
    assert done.complete and done.rows == len(shop.entries())
    again = shop.sync()
    assert (again.rows, again.verdicts) == (0, 0)
    whole = batches.write("DEMO-A", shop.entries(), {})
    receipts = {shop.client.send(whole).signed for _ in range(2)}
    prefix = shop.client.send(batches.write("DEMO-A", shop.entries()[:2], {}))
    assert len(receipts) == 1 and prefix.last_seq == 2


@pytest.mark.parametrize("keep", [1, 40, 100, -1])
def test_a_batch_that_was_cut_stores_nothing(shops, keep):
    """OS-05"""
    shop = shops[0]
    shop.api.sell()
    whole = batches.write("DEMO-A", shop.entries(), {})
    with pytest.raises(Invalid, match="batch_malformed"):
        shop.client.send(whole[:keep])
    assert shop.sync().complete


def test_rows_may_not_be_left_out(shops):
    shop = shops[0]
    shop.api.sell()
    with pytest.raises(Conflict, match="rows_missing"):
        shop.client.send(batches.write("DEMO-A", shop.entries()[1:], {}))


def test_a_changed_row_is_not_stored(shops):
    shop = shops[0]
    shop.api.sell()
    entries = shop.entries()
    entries[2] = replace(entries[2], body={**entries[2].body, "subsidy_fen": 99_999})
    with pytest.raises(Invalid, match="upload_refused"):
        shop.client.send(batches.write("DEMO-A", entries, {}))


def test_another_past_stops_the_shop(shops, city):
    shop = shops[0]
    shop.api.sell(ANNA)
    shop.sync()
    entries = shop.entries()
    sign = shop.folder.keys().keyring.sign
    fields = {"at": entries[0].at, "kind": "scan_refused", "body": {"code": "x", "text": "", "till": ""}}
    other = chain.link(seq=1, prev_hash=chain.GENESIS_HASH, sign=sign, **fields)
    for _ in range(2):
        with pytest.raises(Conflict, match="chain_forked"):
            shop.client.send(batches.write("DEMO-A", [other], {}))
    refused = shop.api.try_hold(shop.api.voucher(BAO)["token"], serial_no="SN-2")
    assert refused.codes == ["merchant_suspended"]
    with pytest.raises(Conflict, match="chain_forked"):
        shop.sync()


def test_an_impossible_row_is_parked_and_the_others_go_on(shops):
    """OS-07"""
    shop = shops[0]
    sign = shop.wired.shop.keyring.sign
    good = shop.api.sell(ANNA)
    body = {"redemption_id": "R-unknown", "reversal_kind": "full", "subsidy_fen": -1, "payable_fen": -1}
    last = shop.entries()[-1]
    poison = chain.link(
        seq=last.seq + 1, at=last.at, kind="reversed", body=body, prev_hash=last.hash, sign=sign
    )
    columns = ("seq", "at", "kind", "prev_hash", "hash", "kid", "signature")
    row = {name: getattr(poison, name) for name in columns}
    insert(shop.db, "journal", {**row, "body": chain.canonical(poison.body).decode()})
    done = shop.sync()
    assert done.complete
    assert [(one["seq"], one["why"]) for one in done.parked] == [(poison.seq, "redemption_unknown")]
    assert shop.api.get(f"/redemptions/{good['redemption_id']}").json["verdict"] == "accepted"


def test_a_claim_of_another_amount_is_suspended_with_both_figures(shops, city, shop_template):
    """HB-12"""
    shop = shops[0]
    shop.line._errors = 3  # else its hold would be refused
    dearer = with_caps(shop.wired.shop.rulebook, lambda cap_fen: cap_fen * 2)
    generous = replace(shop.wired.shop, rulebook=dearer)
    till = Till(shop.folder.database, shop.clock, lambda: generous, "http://till.test")
    api = Api.of(replace(shop.wired, till=till, shop=generous), shop.folder)
    sold = api.redeem(
        api.hold(api.voucher(category="phone")["token"], "6956789012342", 599_900, imei1="490154203237518")
    )
    assert sold["subsidy_fen"] == 89_985
    shop.sync()
    found = shop.api.get(f"/redemptions/{sold['redemption_id']}").json
    assert (found["verdict"], found["verdict_code"]) == ("suspended", "subsidy_differs")
    context = found["verdict_context"]
    assert (context["expected_fen"], context["claimed_fen"]) == (50_000, 89_985)
    assert context["clause"]


def test_the_hub_reads_identities_and_no_clear_text(shops, city):
    shops[0].api.sell(ANNA)
    shops[0].sync()
    kept = run(city.engine, lambda db: [db.execute(table.select()).all() for table in metadata.sorted_tables])
    assert any(kept)
    assert ANNA["id_number"] not in str(kept)


def test_a_forged_receipt_is_not_taken(shops, monkeypatch):
    shop = shops[0]
    shop.api.sell()
    stranger = replace(shop.folder.hub(), public=shops[1].folder.keys().keyring.known[0].public)
    shop.client._hub = stranger
    with pytest.raises(Invalid, match="receipt_invalid"):
        shop.sync()
    assert settings.get(shop.db, "acknowledged_seq") is None
    held = shop.api.hold(shop.api.voucher(BAO)["token"], serial_no="SN-2")
    assert held["authorisation"] == "offline"


def test_a_receipt_about_other_rows_acknowledges_nothing(shops):
    shop = shops[0]
    shop.api.sell()

    class Liar:
        def send(self, batch):
            return Receipt("DEMO-A", 3, "0" * 64, [], [], "")

    with pytest.raises(Invalid, match="receipt_invalid"):
        city_sync.sync(shop.db, replace(shop.wired.shop, city=Liar()), now=shop.clock())
    assert settings.get(shop.db, "acknowledged_seq") is None


def test_verdicts_move_along_allowed_arrows_only(shops):
    """HB-05"""
    shop = shops[0]
    shop.api.sell()
    shop.sync()
    said = shop.client.verdicts(0).verdicts
    rows = len(journal_kinds(shop.db))
    old = [replace(said[0], verdict="suspended", counter=0, judged_at="2026-11-01T00:00:00.000Z")]
    backwards = [replace(said[0], verdict="rejected", counter=9, judged_at="2027-01-01T00:00:00.000Z")]
    applied = city_sync.apply_verdicts(shop.db, shop.wired.shop, [*said, *old, *backwards], now=shop.clock())
    assert applied == 0
    assert len(journal_kinds(shop.db)) == rows


def test_the_offline_caps_are_the_shops_and_open_with_an_acknowledged_sync(shops):
    """OS-03"""
    shop = shops[0]
    caps = replace(shop.wired.shop.offline_caps, sales=2)
    small = replace(shop.wired.shop, offline_caps=caps)
    till = Till(shop.folder.database, shop.clock, lambda: small, "http://till.test")
    api = Api.of(replace(shop.wired, till=till, shop=small), shop.folder)
    shop.line._errors = 3
    for number in range(2):
        api.sell(PERSONS[number], serial_no=f"SN-{number}")
    voucher = api.voucher(PERSONS[2])
    refused = api.try_hold(voucher["token"], serial_no="SN-9")
    assert (refused.status, refused.code) == (409, "offline_cap_reached")
    assert api.get(f"/vouchers/{voucher['code']}").json["status"] == "issued"
    city_sync.sync(shop.db, small, now=shop.clock())
    assert api.try_hold(voucher["token"], serial_no="SN-9").status == 201


def test_three_errors_open_the_breaker_and_the_probe_closes_it(shop_template, tmp_path, city, clock):
    with serving(create_hub(city, clock)) as url:
        shop = Shop(shop_template, tmp_path / "a", "DEMO-A", url, clock)
    for number in range(3):
        assert shop.line.may_ask()
        held = shop.api.hold(shop.api.voucher(PERSONS[number])["token"], serial_no=f"SN-{number}")
        assert held["authorisation"] == "offline"
    assert not shop.line.may_ask()
    assert shop.line.state()["hub"] == "offline"
    with serving(create_hub(city, clock)) as url:
        shop.client._http = httpx.Client(base_url=url, trust_env=False)
        shop.line._tend()
        assert (shop.line.may_ask(), shop.line.state()["hub"]) == (True, "online")


def test_a_suspended_shop_finishes_what_runs_and_begins_nothing(shops, city, clock):
    """HR-17"""
    shop = shops[0]
    waiting, running = shop.api.voucher(ANNA), shop.api.voucher(BAO)
    held = shop.api.hold(running["token"])
    assert enrolment.set_standing(city, "DEMO-A", suspended=True, now=clock()) == 1
    assert shop.sync().complete
    shop.line._errors = 3  # known from the feed, so it holds without the network too
    refused = shop.api.try_hold(waiting["token"], serial_no="SN-2")
    assert (refused.status, refused.codes) == (422, ["merchant_suspended"])
    assert shop.api.redeem(held)["standing"] == "suspended"
    enrolment.set_standing(city, "DEMO-A", suspended=False, now=clock())
    assert shop.sync().complete
    clock.pass_by(minutes=29)
    assert shop.api.try_hold(waiting["token"], serial_no="SN-2").status == 201


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_suspends_by_command_and_why_is_kept(shops, city, tmp_path):
    about = ("--data", str(tmp_path / "hub"), "DEMO-A", "--by", "lin", "--why", "发票与实物不符")
    run_command("hub", "suspend", *about)
    run_command("hub", "readmit", *about[:3])
    done = [(one["what"], one["by"], one["note"]) for one in office_log.view(city).lines]
    assert done == [("shop_reinstated", "console", ""), ("shop_suspended", "lin", "发票与实物不符")]


def test_a_hub_that_is_down_leaves_everything_as_it_was(shop_template, tmp_path, city, clock):
    with serving(create_hub(city, clock)) as url:
        shop = Shop(shop_template, tmp_path / "a", "DEMO-A", url, clock)
    shop.api.sell()
    rows = journal_kinds(shop.db)
    for language, word in (("zh-CN", "城市平台"), ("en", "city")):
        answer = shop.api.post("/sync", key=None, **{"Accept-Language": language})
        assert (answer.status, answer.code) == (503, "hub_unavailable")
        assert word in answer.json["detail"]
    assert journal_kinds(shop.db) == rows
    assert settings.get(shop.db, "acknowledged_seq") is None


def test_a_request_without_a_known_signature_is_not_heard(hub, shops):
    assert httpx.post(f"{hub}/hub/v1/holds", json={}).status_code == 401
    assert httpx.get(f"{hub}/hub/v1/verdicts?after=0").json()["code"] == "signature_invalid"


def test_a_code_enrols_one_shop_once(shop_template, tmp_path, city, hub, clock):
    code = enrolment.new_code(city, now=clock())
    first, second = (copy_shop(shop_template, tmp_path / name) for name in ("one", "two"))
    for place, folder in enumerate((first, second)):
        folder.change(outlet=f"JX-000{place}")
        own_keys(folder)
    join(first, hub, code, at=clock())
    join(first, hub, code, at=clock())  # the same shop may ask again
    with pytest.raises(SubsidyError, match="enrolment_code_unknown"):
        join(second, hub, code, at=clock())


def test_a_hub_that_is_not_the_one_named_in_the_code_is_not_believed(shop_template, tmp_path, hub, clock):
    folder = copy_shop(shop_template, tmp_path / "one")
    asked = Enrolment(
        code="DEMO",
        outlet="DEMO-X",
        name="x",
        merchant_name="x",
        merchant_uscc="",
        region="330402",
        public_keys=[base64.b64encode(raw_public(folder.keys().keyring.known[0].public)).decode()],
    )
    with pytest.raises(Invalid, match="receipt_invalid"):
        client.enrol(hub, asked, folder.keys().keyring, at=clock(), hub_kid="0" * 16)


def test_a_copied_shop_is_told_to_make_its_own_keys(shop_template, tmp_path, hub, clock):
    for name in ("one", "two"):
        folder = copy_shop(shop_template, tmp_path / name)
        folder.change(outlet=f"DEMO-{name.upper()}")
        if name == "two":
            with pytest.raises(Conflict, match="keys_taken"):
                join(folder, hub, "DEMO", at=clock())
        else:
            join(folder, hub, "DEMO", at=clock())


def test_a_shop_that_worked_alone_is_judged_when_it_joins(shop_template, tmp_path, hub, clock):
    folder = copy_shop(shop_template, tmp_path / "alone")
    alone = Api.of(wired_with(folder, clock), folder)
    sold = alone.sell(ANNA)
    assert sold["authorisation"] == "local"
    join(folder, hub, "DEMO", at=clock())
    line = Line(
        HubClient(folder.hub(), outlet="DEMO-A", keyring=folder.keys().keyring, clock=clock), clock=clock
    )
    joined = wired_with(folder, clock, city=line)
    assert city_sync.sync(joined.till.db(), joined.shop, now=clock()).complete
    found = Api.of(joined, folder).get(f"/redemptions/{sold['redemption_id']}").json
    assert found["verdict"] == "accepted"


def test_a_batch_says_what_it_is(shops):
    shops[0].api.sell()
    written = batches.write("DEMO-A", shops[0].entries(), {"c0": b"sealed"})
    header = json.loads(gzip.decompress(written).splitlines()[0])
    assert (header["outlet"], header["first_seq"], header["subsidy_fen"]) == ("DEMO-A", 1, 91_500)
    assert batches.read(written).sealed == {"c0": b"sealed"}
    assert base64.b64encode(b"sealed") in gzip.decompress(written)


def test_without_a_hub_there_is_nothing_to_send(wired, clock):
    with pytest.raises(Unavailable, match="no_hub"):
        city_sync.sync(wired.till.db(), wired.shop, now=clock())


def test_the_hub_judges_by_what_was_confirmed_for_it(tmp_path):
    hub_config.init(tmp_path / "hub", name="测试市", demo=True)
    before = hub_config.load(tmp_path / "hub").rulebook
    confirming.confirm(
        tmp_path / "hub" / confirming.FILE,
        before,
        programme="appliance-2025",
        categories=["fan"],
        source=Source("嘉商务〔2025〕1号", "第一条", "A"),
        on=date(2025, 6, 18),
    )
    after = hub_config.load(tmp_path / "hub").rulebook
    on = date(2025, 6, 18)
    assert before.rule_in_force("fan", on).status == "provisional"
    assert after.rule_in_force("fan", on).status == "confirmed"
