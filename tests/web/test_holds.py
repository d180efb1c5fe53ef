"""Hold, redeem, idempotency, through the API: scenarios HR."""

import json
import sqlite3
import threading
from datetime import UTC, datetime

import pytest

from pos_subsidy.clock import system_clock
from pos_subsidy.services import access, requests
from pos_subsidy.services.requests import Scope
from pos_subsidy.store import migrations
from tests.support import (
    ANNA,
    BAO,
    DISHWASHER,
    FRIDGE,
    FRIDGE_GRADE_2,
    IMEI,
    OTHER_IMEI,
    PHONE,
    WASHER,
    Api,
    copy_shop,
    journal_kinds,
    nth_id_number,
    wired_with,
    with_caps,
)


def test_a_sale_goes_from_voucher_to_redemption(api, db):
    voucher = api.voucher(gtin=FRIDGE, price_fen=610_000)
    assert voucher["quote"]["subsidy_fen"] == 91_500

    held = api.hold(voucher["token"])
    assert (held["subsidy_fen"], held["payable_fen"]) == (91_500, 518_500)
    assert held["authorisation"] == "local"

    sold = api.redeem(held)
    assert sold["invoice_remark"] == "国补 订单号O-1 政府补贴915.00元 一级能效"
    found = api.get(f"/redemptions/{sold['redemption_id']}").json
    assert {**sold, "evidence": found["evidence"]} == found
    assert journal_kinds(db) == ["voucher_issued", "hold_taken", "redeemed"]


def test_two_callers_with_the_same_key_never_see_each_others_answer(api, folder, wired):
    """HR-04"""
    other_key = access.new_api_key(wired.till.db(), name="second", till="T2", now=system_clock())
    other = Api(api.client, other_key, wired)
    first = api.post("/vouchers", {"category": "refrigerator", "person": ANNA}, key="same")
    second = other.post("/vouchers", {"category": "refrigerator", "person": BAO}, key="same")
    assert (first.status, second.status) == (201, 201)
    assert first.json["code"] != second.json["code"]
    assert other.get("/requests/same").json["answer"]["code"] == second.json["code"]


def test_a_full_disk_is_not_kept_as_the_answer(api, db):
    """HR-07"""
    held = api.hold(api.voucher()["token"])
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {pages}")
    big = {
        "paid_fen": held["payable_fen"],
        "payments": [{"channel": "wechat", "payment_ref": "W" * 60, "amount_fen": 0} for _ in range(400)]
        + [{"channel": "wechat", "amount_fen": held["payable_fen"]}],
    }
    failed = api.post(f"/holds/{held['hold_id']}/redeem", big, key="k7")
    assert (failed.status, failed.code) == (503, "storage_failed")
    assert "redeemed" not in journal_kinds(db)

    db.execute("PRAGMA max_page_count = 1073741823")
    again = api.post(f"/holds/{held['hold_id']}/redeem", big, key="k7")
    assert again.status == 201
    assert journal_kinds(db).count("redeemed") == 1


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "idempotency_key_required"),
        ("k" * 65, "idempotency_key_invalid"),
        ("a b", "idempotency_key_invalid"),
        ("schlüssel", "idempotency_key_invalid"),
    ],
)
def test_a_write_needs_a_well_formed_key(api, db, key, code):
    """HR-08"""
    answer = api.post("/vouchers", {"category": "refrigerator", "person": ANNA}, key=key)
    assert (answer.status, answer.code) == (400, code)
    assert journal_kinds(db) == []


def test_long_keys_that_begin_alike_are_two(api):
    """HR-08"""
    body = {"category": "refrigerator", "person": ANNA}
    assert api.post("/vouchers", body, key="k" * 63 + "1").status == 201
    other = api.post("/vouchers", {**body, "person": BAO}, key="k" * 63 + "2")
    assert other.status == 201 and "Idempotent-Replay" not in other.headers


def test_a_lost_answer_can_be_asked_for(api, wired):
    """HR-09"""
    assert (api.get("/requests/lost").status, api.get("/requests/lost").code) == (404, "request_unknown")
    body = {"category": "refrigerator", "person": ANNA}
    scope = Scope(_caller(api, wired), "POST", "/api/v1/vouchers", "lost")
    with requests.running(scope, now=wired.clock()):
        assert api.get("/requests/lost").json["status"] == "running"
        busy = api.post("/vouchers", body, key="lost")
        assert (busy.status, busy.code, busy.headers["Retry-After"]) == (409, "in_progress", "1")
    done = api.post("/vouchers", body, key="lost")
    found = api.get("/requests/lost").json
    assert (found["status"], found["http_status"], found["answer"]) == ("done", 201, done.json)


def test_a_read_is_never_served_from_store(api):
    """HR-09"""
    code = api.post("/vouchers", {"category": "refrigerator", "person": ANNA}, key="r").json["code"]
    api.post(f"/vouchers/{code}/void", {"reason": "mistake"})
    read = api.get(f"/vouchers/{code}", **{"Idempotency-Key": "r"})
    assert read.json["status"] == "voided"


def test_a_piece_and_a_unit_are_held_once(api):
    """HR-10"""
    first = api.hold(api.voucher(ANNA, "air_conditioner")["token"], "6945678901232", 279_990)
    piece = api.try_hold(api.voucher(BAO)["token"], order_no="O-2")
    assert (piece.status, piece.code) == (409, "serial_held")
    unit = api.post("/vouchers", {"category": "air_conditioner", "person": ANNA})
    assert (unit.status, unit.codes) == (422, ["units_exhausted"])
    unchanged = api.get(f"/holds/{first['hold_id']}").json
    assert (unchanged["status"], unchanged["expires_at"]) == ("held", first["expires_at"])


def test_a_payment_a_minute_late_is_booked_and_marked(api, clock):
    """HR-12"""
    held = api.hold(api.voucher()["token"])
    clock.pass_by(minutes=11)
    assert api.sweep().holds == 1
    sold = api.redeem(held)
    assert sold["late"] is True
    assert sold["subsidy_fen"] == held["subsidy_fen"]


def test_a_late_payment_whose_piece_is_gone_is_kept_on_record(api, clock, db):
    """HR-12, the other half: nothing that was paid is ever lost."""
    held = api.hold(api.voucher(ANNA)["token"])
    clock.pass_by(minutes=11)
    api.sweep()
    api.sell(BAO)
    refused = api.try_redeem(held)
    assert (refused.status, refused.code) == (409, "hold_expired")
    assert journal_kinds(db)[-1] == "payment_orphaned"
    api.try_redeem(held)
    assert journal_kinds(db).count("payment_orphaned") == 1


def test_a_resolved_hold_says_how_it_was_resolved(api, db):
    """HR-14"""
    sold = api.hold(api.voucher(ANNA)["token"])
    number = api.redeem(sold)["redemption_id"]
    refused = api.post(f"/holds/{sold['hold_id']}/release")
    assert (refused.status, refused.code) == (409, "hold_redeemed")
    assert refused.json["context"]["redemption_id"] == number

    let_go = api.hold(api.voucher(BAO)["token"], serial_no="SN-0002")
    first = api.post(f"/holds/{let_go['hold_id']}/release")
    rows = len(journal_kinds(db))
    second = api.post(f"/holds/{let_go['hold_id']}/release")
    assert first.json["status"] == second.json["status"] == "released"
    assert len(journal_kinds(db)) == rows
    paid = api.try_redeem(let_go)
    assert (paid.status, paid.code) == (409, "hold_released")


@pytest.mark.parametrize("paid_fen", [518_499, 518_501])
def test_another_amount_than_due_is_not_booked(api, paid_fen):
    """HR-15"""
    held = api.hold(api.voucher()["token"])
    assert held["payable_fen"] == 518_500
    refused = api.try_redeem(held, paid_fen=paid_fen)
    assert (refused.status, refused.code) == (409, "paid_amount_differs")
    assert refused.json["context"] == {"payable_fen": 518_500, "paid_fen": paid_fen}
    assert api.try_redeem(held).status == 201


def test_the_held_amount_stands_across_midnight(api, clock):
    """HR-16"""
    clock.now = datetime(2026, 11, 20, 15, 55, tzinfo=UTC)  # 23:55 in the shop
    held = api.hold(api.voucher()["token"])
    clock.pass_by(minutes=8)
    sold = api.redeem(held)
    assert (sold["business_date"], sold["subsidy_fen"]) == ("2026-11-20", 91_500)
    assert sold["policy_version"] == held["policy_version"]


def test_the_amount_is_that_of_the_holds_own_price(api):
    """HR-16: a quote binds nobody; the hold says what to charge."""
    voucher = api.voucher(gtin=FRIDGE, price_fen=610_000)
    held = api.hold(voucher["token"], price_fen=600_000)
    assert (voucher["quote"]["subsidy_fen"], held["subsidy_fen"]) == (91_500, 90_000)


def test_a_changed_quote_is_pointed_out_before_the_customer_pays(api, folder, clock, wired):
    """HR-16"""
    voucher = api.voucher(gtin=FRIDGE, price_fen=610_000)
    rules = wired.shop.rulebook
    lower = with_caps(rules, lambda cap_fen: 80_000)
    after = Api.of(wired_with(folder, clock, rulebook=lower), folder)
    held = after.hold(voucher["token"])
    assert (held["subsidy_fen"], held["payable_fen"]) == (80_000, 530_000)
    assert [one["code"] for one in held["warnings"]] == ["quote_changed"]
    assert "915.00" in held["warnings"][0]["message_en"]


def test_a_second_voucher_on_one_piece_is_not_stacked(api):
    """HR-23"""
    first, second = api.voucher(ANNA), api.voucher(BAO)
    api.hold(first["token"], order_no="O-23")
    refused = api.try_hold(second["token"], order_no="O-23")
    assert (refused.status, refused.code) == (409, "not_stackable")
    assert refused.json["context"]["voucher"] == first["code"]
    assert api.try_hold(second["token"], serial_no="SN-OTHER", order_no="O-23").status == 201


def test_the_next_clerk_finds_and_finishes_a_hold(api, clock):
    """HR-24"""
    held = api.hold(api.voucher()["token"], cashier="anna")
    clock.pass_by(minutes=9, seconds=59)
    api.sweep()
    waiting = api.get("/days/2026-11-20").json["open_holds"]
    assert [(one["hold_id"], one["cashier"]) for one in waiting] == [(held["hold_id"], "anna")]
    sold = api.redeem(waiting[0], cashier="bao")
    assert (sold["cashier"], sold["late"]) == ("bao", False)


@pytest.mark.parametrize("again", ["abc-0123", "ＡＢＣ－０１２３", "  ABC-0123 "])
def test_a_serial_number_is_the_same_in_any_width_and_case(api, again):
    """HR-20"""
    api.sell(ANNA, serial_no="ABC-0123")
    refused = api.try_hold(api.voucher(BAO)["token"], serial_no=again)
    assert (refused.status, refused.codes) == (422, ["serial_used"])


def test_a_lookalike_serial_is_asked_about_and_not_equated(api):
    """HR-20"""
    api.sell(ANNA, serial_no="ABC-0123")
    held = api.hold(api.voucher(BAO)["token"], serial_no="ABC-O123")
    assert [warning["code"] for warning in held["warnings"]] == ["serial_lookalike"]
    assert api.get("/serials/ABC-O123").json["lookalikes"] == ["ABC-0123"]


def test_a_dishwasher_in_the_basket_gets_nothing_and_takes_nothing_away(api):
    """HR-22"""
    voucher = api.voucher()
    stopped = api.try_hold(voucher["token"], DISHWASHER, 300_000, order_no="O-22")
    assert stopped.status == 422
    assert {"category_mismatch", "no_programme"} <= set(stopped.codes)
    held = api.hold(voucher["token"], order_no="O-22")
    assert held["payable_fen"] == 518_500


def test_imei_slots_are_one_space(api):
    api.redeem(api.hold(api.voucher(ANNA, "phone")["token"], PHONE, 599_900, imei1=IMEI, imei2=OTHER_IMEI))
    swapped = api.try_hold(
        api.voucher(BAO, "phone")["token"], PHONE, 599_900, serial_no="SN-9", imei1=OTHER_IMEI
    )
    assert (swapped.status, swapped.codes) == (422, ["imei_used"])


def test_every_reason_is_named_at_once(api):
    answer = api.try_hold(
        api.voucher(ANNA, "phone")["token"], PHONE, 600_100, serial_no="S", imei1="123456789012345"
    )
    assert set(answer.codes) == {"identifier_invalid", "price_over_ceiling", "price_over_filed"}
    assert all(reason["clause"] for reason in answer.json["reasons"])


def test_a_price_is_whole_fen_and_not_above_the_filed_one(api):
    """AS-12"""
    voucher = api.voucher()
    assert api.try_hold(voucher["token"], price_fen=610_001).codes == ["price_over_filed"]
    assert api.try_hold(voucher["token"], price_fen=6100.5).code == "body_invalid"
    assert api.try_hold(voucher["token"], price_fen=610_000).status == 201


def test_an_expired_hold_frees_everything(api, clock):
    voucher = api.voucher()
    held = api.hold(voucher["token"])
    clock.pass_by(minutes=10)
    assert api.sweep().holds == 1
    assert api.get(f"/vouchers/{voucher['code']}").json["status"] == "issued"
    assert api.hold(voucher["token"])["hold_id"] != held["hold_id"]


def test_a_hold_taken_in_time_beats_the_vouchers_end(api, clock):
    voucher = api.voucher()
    clock.pass_by(minutes=29)
    held = api.hold(voucher["token"])
    clock.pass_by(minutes=8)
    assert api.redeem(held)["late"] is False


def test_nothing_granted_is_refused_at_the_hold(api):
    assert api.try_hold(api.voucher()["token"], price_fen=6).codes == ["nothing_granted"]


def test_the_second_piece_of_a_class_is_refused_in_advance(api):
    api.sell(ANNA)
    refused = api.post("/vouchers", {"category": "refrigerator", "person": ANNA})
    assert (refused.status, refused.codes) == (422, ["units_exhausted"])
    assert api.voucher(ANNA, "washing_machine")["status"] == "issued"
    assert WASHER


def test_a_class_is_one_whatever_the_goods_are_called(api):
    """AS-09: watch and band, freezer and refrigerator share a person's unit; a phone does not."""
    names = api.wired.shop.rulebook.categories
    assert {"智能手表", "智能手环", "手环"} <= set(names["smart_watch"].names)
    assert {"冰柜", "冷柜"} <= set(names["refrigerator"].names)
    api.sell(ANNA)
    papers = {name: ANNA[name] for name in ("id_type", "id_number")}
    freezer = {"gtin": FRIDGE_GRADE_2, "price_fen": 299_900, "person": papers, "sold_on": "2026-11-20"}
    assert "units_exhausted" in [one["code"] for one in api.post("/assessments", freezer).json["refusals"]]
    phone = {"gtin": PHONE, "price_fen": 599_900, "person": papers}
    assert api.post("/assessments", phone).json["eligible"] is True


def test_a_person_holds_as_many_open_vouchers_as_she_has_units(api):
    first = api.voucher()
    refused = api.post("/vouchers", {"category": "refrigerator", "person": ANNA})
    assert (refused.status, refused.code) == (409, "voucher_exists")
    assert refused.json["context"]["voucher"] == first["code"]
    again = api.post("/vouchers", {"category": "refrigerator", "person": ANNA, "replaces": first["code"]})
    assert again.status == 201
    assert api.get(f"/vouchers/{first['code']}").json["replaced_by"] == again.json["code"]


def test_three_enters_make_one_redemption(api):
    """CC-08"""
    held = api.hold(api.voucher()["token"])
    same = [api.try_redeem(held, key="enter") for _ in range(3)]
    assert {answer.raw for answer in same} == {same[0].raw}
    other_tab = api.try_redeem(held, key="other-tab")
    assert (other_tab.status, other_tab.code) == (409, "hold_redeemed")
    assert other_tab.json["context"]["redemption_id"] == same[0].json["redemption_id"]


def test_the_sweeper_and_the_payment_never_both_win(shop_template, tmp_path, clock):
    """CC-05"""
    wired = wired_with(copy_shop(shop_template, tmp_path / "race"), clock)
    folder_key = json.loads((tmp_path / "race" / "demo.json").read_text("utf-8"))["api_key"]
    api = Api(_client(wired), folder_key, wired)
    person = dict(ANNA)
    for round_no in range(1000):
        person["id_number"] = nth_id_number(round_no)
        held = api.hold(api.voucher(person)["token"], serial_no=f"RACE-{round_no}")
        clock.pass_by(minutes=10)
        sweeper = threading.Thread(target=api.sweep)
        sweeper.start()
        answer = api.try_redeem(held)
        sweeper.join()
        voucher = api.get(f"/vouchers/{held['voucher']}").json
        assert answer.status == 201
        assert voucher["status"] == "redeemed"
        assert api.get(f"/holds/{held['hold_id']}").json["status"] == "redeemed"


def test_migrations_and_schema_are_applied(db):
    assert migrations.is_created(db)


def test_the_journal_cannot_be_rewritten(api, db):
    api.voucher()
    with pytest.raises(sqlite3_error(), match="append-only"):
        db.execute("UPDATE journal SET kind = 'nothing'")


def sqlite3_error():
    from sqlite_utils.utils import sqlite3 as used

    return (used.IntegrityError, sqlite3.IntegrityError)


def _caller(api, wired) -> str:
    return access.api_key(wired.till.db(), api.key).key_hash


def _client(wired):
    from pos_subsidy import create_app

    return create_app(wired).test_client()


def test_a_phone_that_another_claimant_had_is_a_signal_and_no_refusal(api):
    api.sell(ANNA)
    voucher = api.voucher({**BAO, "phone": ANNA["phone"]})
    held = api.hold(voucher["token"], serial_no="SN-0002")
    (warned,) = [one for one in held["warnings"] if one["code"] == "same_phone"]
    assert ANNA["phone"][-4:] in warned["message_en"] and ANNA["phone"] not in str(held)
    assert "同一人认定" in warned["clause"]


def test_two_claimants_who_are_masked_alike_are_one_warning(api):
    for number in (1, 2):
        person = {**ANNA, "id_number": nth_id_number(number)}
        held = api.hold(api.voucher(person)["token"], serial_no=f"SN-10{number}")
        api.redeem(held)
    held = api.hold(api.voucher({**BAO, "phone": ANNA["phone"]})["token"], serial_no="SN-0009")
    assert [one["code"] for one in held["warnings"]].count("same_phone") == 1


def test_her_own_phone_and_another_class_are_no_signal(api):
    api.sell(ANNA)
    voucher = api.voucher({**BAO, "phone": ANNA["phone"]}, "washing_machine")
    held = api.hold(voucher["token"], gtin=WASHER, price_fen=300_000, serial_no="SN-0003")
    assert "same_phone" not in [one["code"] for one in held["warnings"]]
    other = api.hold(api.voucher(BAO)["token"], serial_no="SN-0004")
    assert "same_phone" not in [one["code"] for one in other["warnings"]]


def test_the_steps_of_the_sum_are_kept_and_told_the_same_everywhere(api):
    held = api.hold(api.voucher()["token"])
    assert [step["code"] for step in held["steps"]][:2] == ["base", "left_out"]
    assert held["steps"][-1]["code"] == "units" and all(step["clause"] for step in held["steps"])
    sold = api.redeem(held)
    assert sold["steps"] == held["steps"]
    assert api.get(f"/redemptions/{sold['redemption_id']}").json["steps"] == held["steps"]
