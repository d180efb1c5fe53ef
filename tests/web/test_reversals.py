"""Reversal and exchange through the API."""

import json
from datetime import UTC, datetime

import pytest

from tests.support import ANNA, BAO, Api, journal_kinds, wired_with, with_rights_restored


def test_a_full_reversal_has_three_legs(api, db):
    sold = api.sell()
    back = api.post(f"/redemptions/{sold['redemption_id']}/reverse", {"kind": "full", "reason": "七天无理由"})
    assert back.status == 201
    assert (back.json["refund_fen"], back.json["owed_fen"]) == (518_500, 91_500)
    assert (back.json["right"], back.json["piece"]) == ("consumed", "free")
    assert (back.json["status"], back.json["net_subsidy_fen"]) == ("reversed", 0)
    assert journal_kinds(db)[-1] == "reversed"
    again = api.post(f"/redemptions/{sold['redemption_id']}/reverse", {"kind": "full", "reason": "x"})
    assert (again.status, again.code) == (409, "already_reversed")


def test_the_right_stays_used_and_the_piece_is_free(api):
    sold = api.sell(ANNA)
    api.post(f"/redemptions/{sold['redemption_id']}/reverse", {"kind": "full", "reason": "x"})
    refused = api.post("/vouchers", {"category": "refrigerator", "person": ANNA})
    assert refused.codes == ["units_exhausted"]
    assert api.sell(BAO)["serial_no"] == "SN-0001"
    states = [use["state"] for use in api.get("/serials/SN-0001").json["history"]]
    assert sorted(states) == ["free", "used"]


def test_a_partial_reversal_recomputes_on_the_new_price(api):
    sold = api.sell()
    body = {"kind": "partial", "new_price_fen": 600_000, "reason": "价保"}
    back = api.post(f"/redemptions/{sold['redemption_id']}/reverse", body).json
    assert (back["owed_fen"], back["refund_fen"]) == (1_500, 8_500)
    assert (back["net_price_fen"], back["net_subsidy_fen"], back["net_payable_fen"]) == (
        600_000,
        90_000,
        510_000,
    )
    assert (back["status"], back["right"], back["piece"]) == ("redeemed", "kept", "kept")
    assert [line["subsidy_fen"] for line in back["lines"]] == [91_500, -1_500]


@pytest.mark.parametrize("new_price_fen", [None, 0, -1, 610_000, 610_001])
def test_a_new_price_lies_below_the_old(api, db, new_price_fen):
    sold = api.sell()
    rows = len(journal_kinds(db))
    body = {"kind": "partial", "new_price_fen": new_price_fen, "reason": "x"}
    refused = api.post(f"/redemptions/{sold['redemption_id']}/reverse", body)
    assert (refused.status, refused.code) == (400, "new_price_invalid")
    assert len(journal_kinds(db)) == rows


def test_several_partial_reversals_and_a_full_one_leave_nothing(api):
    sold = api.sell()
    path = f"/redemptions/{sold['redemption_id']}/reverse"
    for price_fen in (600_000, 333_333, 100_001):
        assert api.post(path, {"kind": "partial", "new_price_fen": price_fen, "reason": "x"}).status == 201
    last = api.post(path, {"kind": "full", "reason": "x"}).json
    assert (last["net_price_fen"], last["net_subsidy_fen"], last["net_payable_fen"]) == (0, 0, 0)
    assert sum(line["payable_fen"] for line in last["lines"]) == 0


def test_an_exchange_swaps_the_piece_and_keeps_both(api):
    sold = api.sell(ANNA)
    swapped = api.post(
        f"/redemptions/{sold['redemption_id']}/exchange", {"serial_no": "SN-NEW", "reason": "故障"}
    )
    assert (swapped.status, swapped.json["serial_no"]) == (201, "SN-NEW")
    assert swapped.json["net_subsidy_fen"] == 91_500
    assert api.get("/serials/SN-0001").json["status"] == "free"
    assert api.get("/serials/SN-NEW").json["status"] == "used"
    assert api.sell(BAO, serial_no="SN-0001")["status"] == "redeemed"


@pytest.mark.parametrize(
    ("piece", "code"),
    [
        ({"serial_no": "SN-0001"}, "exchange_same_piece"),
        ({}, "serial_required"),
        ({"serial_no": "S"}, "identifier_invalid"),
    ],
)
def test_an_exchange_needs_another_good_piece(api, piece, code):
    sold = api.sell()
    refused = api.post(f"/redemptions/{sold['redemption_id']}/exchange", {**piece, "reason": "x"})
    assert refused.status in (400, 422)
    assert code in refused.codes


def test_a_used_piece_is_not_taken_in_exchange(api):
    first, _ = api.sell(ANNA), api.sell(BAO, serial_no="SN-2")
    refused = api.post(
        f"/redemptions/{first['redemption_id']}/exchange", {"serial_no": "sn-2", "reason": "x"}
    )
    assert refused.codes == ["serial_used"]
    assert api.get(f"/redemptions/{first['redemption_id']}").json["serial_no"] == "SN-0001"


def reverse(api, sold, kind="full", key="", **more):
    body = {"kind": kind, "reason": "x", **more}
    return api.post(f"/redemptions/{sold['redemption_id']}/reverse", body, key=key)


def test_a_second_reversal_names_the_first_and_books_nothing(api, db):
    """RX-02"""
    sold = api.sell()
    first = reverse(api, sold).json
    again = reverse(api, sold)
    assert (again.status, again.code) == (409, "already_reversed")
    assert first["reversal_id"] in again.json["detail"]
    assert journal_kinds(db).count("reversed") == 1
    totals = api.get("/days/2026-11-20").json["totals"]
    assert (totals["net_subsidy_fen"], totals["subsidy_fen"]) == (0, 91_500)


def test_a_partial_reversal_is_a_line_and_the_first_row_stays(api):
    """RX-03"""
    sold = api.sell(price_fen=610_000)
    back = reverse(api, sold, "partial", new_price_fen=500_000).json
    assert [line["subsidy_fen"] for line in back["lines"]] == [91_500, -16_500]
    assert (back["price_fen"], back["subsidy_fen"]) == (610_000, 91_500)
    assert api.get("/days/2026-11-20").json["totals"]["net_subsidy_fen"] == 75_000


@pytest.mark.parametrize("new_price_fen", [610_001, 610_000, 0, -1])
def test_no_reversal_ever_raises_a_subsidy(api, db, new_price_fen):
    """RX-07"""
    sold = api.sell(price_fen=610_000)
    refused = reverse(api, sold, "partial", new_price_fen=new_price_fen)
    assert refused.status == 400
    assert "reversed" not in journal_kinds(db)
    for lower in (609_999, 300_000, 299_999):
        before = api.get(f"/redemptions/{sold['redemption_id']}").json["net_subsidy_fen"]
        after = reverse(api, sold, "partial", new_price_fen=lower).json["net_subsidy_fen"]
        assert after <= before
    assert reverse(api, sold, "partial", new_price_fen=400_000).status == 400, "higher than what is in force"


def test_the_rules_of_the_day_of_sale_decide_after_they_have_ended(api, clock):
    """RX-08"""
    clock.now = datetime(2025, 6, 18, 4, tzinfo=UTC)
    sold = api.sell(price_fen=500_000)
    assert sold["subsidy_fen"] == 100_000
    clock.now = datetime(2026, 3, 1, 4, tzinfo=UTC)
    back = reverse(api, sold, "partial", new_price_fen=400_000).json
    assert (back["net_subsidy_fen"], back["programme"]) == (80_000, "appliance-2025")


def test_both_pieces_of_an_exchange_name_each_other(api):
    """RX-12"""
    sold = api.sell()
    swapped = {"serial_no": "SN-0002", "reason": "花屏"}
    api.post(f"/redemptions/{sold['redemption_id']}/exchange", swapped)
    for number in ("SN-0001", "SN-0002"):
        (use,) = api.get(f"/serials/{number}").json["history"]
        assert use["redemption_id"] == sold["redemption_id"] and use["business_date"] == "2026-11-20"
    lines = api.get(f"/redemptions/{sold['redemption_id']}").json["lines"]
    assert (lines[1]["old"]["serial_no"], lines[1]["new"]["serial_no"]) == ("SN-0001", "SN-0002")
    totals = api.get("/days/2026-11-20").json["totals"]
    assert (totals["redeemed"], totals["net_subsidy_fen"]) == (1, 91_500)


def test_sold_and_taken_back_again_and_again_leaves_nothing_behind_and_is_named(folder, clock, wired, db):
    """RX-13, and RX-01's other half: where the pack restores the right, she may buy again."""
    api = Api.of(wired_with(folder, clock, rulebook=with_rights_restored(wired.shop.rulebook)), folder)
    named = []
    for _round in range(3):
        held = api.hold(api.voucher()["token"])
        named.append([one["code"] for one in held["warnings"]])
        back = reverse(api, api.redeem(held)).json
        assert (back["right"], back["net_price_fen"], back["net_subsidy_fen"]) == ("restored", 0, 0)
        clock.pass_by(days=1)
    assert named == [[], [], ["sold_and_taken_back"]]
    told = db.execute("SELECT body FROM journal WHERE kind = 'redeemed' ORDER BY seq").fetchall()
    assert [json.loads(body)["signals"] for (body,) in told] == named
    clock.pass_by(days=5)
    assert api.hold(api.voucher()["token"])["warnings"] == [], "the first round is more than a week ago"


def test_another_customers_returns_are_not_held_against_a_piece(folder, clock, wired):
    api = Api.of(wired_with(folder, clock, rulebook=with_rights_restored(wired.shop.rulebook)), folder)
    for _round in range(2):
        reverse(api, api.sell(ANNA))
    other = api.voucher({**BAO, "phone": "13900000077"})
    assert api.hold(other["token"])["warnings"] == []
