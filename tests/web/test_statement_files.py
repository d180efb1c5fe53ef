"""The shop's own files for a day, through the API: one side only, fund flows, whose they are."""

import io
import json

import pytest

from tests.statements import bills
from tests.support import content

DAY = "2026-11-18"


def hand_in(api, *files, day=DAY, **form):
    """Hand in (name, content) and return status and answer."""
    response = api.client.post(
        f"/api/v1/days/{day}/reconciliation",
        data={**form, "files": [(io.BytesIO(raw), name) for name, raw in files]},
        headers={"Authorization": f"Bearer {api.key}"},
        content_type="multipart/form-data",
    )
    return response.status_code, json.loads(response.data)


def kinds(answer):
    return {(one["order_no"], one["kind"]) for one in answer["differences"]}


@pytest.fixture
def sold(api):
    """One refrigerator, paid with WeChat today and repriced: 85.00 yuan given back."""
    return api.sell(order_no="1202611180001")


def of_today(side="all", moves=bills.MOVES, **more):
    today = [("2026-11-20" + at[10:], order, fen, back) for at, order, fen, back in moves]
    return bills.wechat(2019, side, today, **more)


def test_a_bill_of_payments_says_nothing_about_refunds(api, sold):
    reversed_ = api.post(
        f"/redemptions/{sold['redemption_id']}/reverse", {"kind": "full", "reason": "七天无理由"}
    )
    assert reversed_.status == 201
    paid = [("2026-11-20 12:00:00", "1202611180001", sold["payable_fen"], False)]
    back = [("2026-11-20 12:30:00", "1202611180001", sold["payable_fen"], True)]
    status, said = hand_in(api, ("paid.csv", bills.wechat(2019, "payments", paid)), day="2026-11-20")
    assert (status, kinds(said)) == (200, set())
    _, said = hand_in(api, ("back.csv", bills.wechat(2019, "refunds", back)), day="2026-11-20")
    assert (kinds(said), [one["kind"] for one in said["files"]]) == (
        set(),
        ["wechat_payments", "wechat_refunds"],
    )
    # The whole bill counts where there is one, and it lacks the refund.
    _, said = hand_in(api, ("all.csv", bills.wechat(2019, "all", paid)), day="2026-11-20")
    assert kinds(said) == {("1202611180001", "refund_missing_in_channel")}


def test_a_bill_of_refunds_says_nothing_about_payments(api, sold):
    _, said = hand_in(api, ("back.csv", of_today("refunds")), day="2026-11-20")
    assert kinds(said) == {("1202611180001", "refunded_elsewhere")}


@pytest.fixture
def first_bill(api):
    return hand_in(api, ("bill.csv", bills.wechat()))[1]


def test_another_merchants_bill_is_refused_and_names_both(api, db, first_bill):
    before = content(db)
    other = bills.wechat(2014, merchant="1900000009")
    status, said = hand_in(api, ("bill.csv", other), day=DAY)
    assert (status, said["code"]) == (400, "file_other_merchant")
    assert "1900000000" in said["detail"] and "1900000009" in said["detail"]
    assert content(db) == before
    # One more number, once it is confirmed; from then on both are the shop's.
    assert hand_in(api, ("bill.csv", other), several_merchants="1")[0] == 200
    assert hand_in(api, ("again.csv", other.replace(b"wx", b"wy")))[0] == 200


def test_the_same_bill_of_the_same_merchant_changes_nothing(api, db, first_bill):
    before = content(db)
    assert hand_in(api, ("bill.csv", bills.wechat())) == (200, first_bill)
    assert content(db) == before


def test_a_sister_shops_orders_in_one_bill_are_nobodys_difference(api, sold):
    mine = ("2026-11-20 12:00:00", "1202611180001", sold["payable_fen"], False)
    sister = ("2026-11-20 12:01:00", "2202611180007", 77_700, False)
    refunded = ("2026-11-20 12:02:00", "2202611180007", 77_700, True)
    bill = bills.wechat(moves=[mine, sister, refunded])
    _, said = hand_in(api, ("bill.csv", bill), day="2026-11-20")
    assert (said["differences"], said["matched"], said["unsubsidised"]) == ([], 1, 1)


def test_a_fund_flow_bill_is_compared_with_the_sums_of_the_trade_bill(api, db):
    _, said = hand_in(api, ("funds.csv", bills.wechat_funds()))
    assert (said["differences"], said["funds"]["paid_billed_fen"]) == ([], None)
    _, said = hand_in(api, ("bill.csv", bills.wechat()))
    assert said["funds"] == {
        **{"paid_fen": 518_600, "paid_billed_fen": 518_600},
        **{"refunded_fen": 8_500, "refunded_billed_fen": 8_500, "agrees": True},
    }
    _, said = hand_in(api, ("bill.csv", bills.wechat(2014, "all", bills.MOVES[1:])))
    assert not said["funds"]["agrees"]
    kept = db.execute("SELECT DISTINCT kind FROM statement_file").fetchall()
    assert set(kept) == {("wechat",), ("wechat_funds",)}


EXPORT = (
    "商户代码,商户订单,交易日期,交易金额\n"
    "898330400000001,{order_no},2026-11-20 12:00:00,{amount}\n"
    "合计,,,{amount}\n"
)
MAPPING = {"order_no": "商户订单", "at": "交易日期", "amount": "交易金额", "merchant": "商户代码"}


def test_a_mapping_is_remembered_for_the_same_headings(api, db):
    sold = api.sell(order_no="1202611200001")
    file = ("unionpay.csv", EXPORT.format(order_no="1202611200001", amount="9.99").encode("gb18030"))
    status, said = hand_in(api, file, day="2026-11-20")
    assert (status, said["code"]) == (400, "file_unknown")
    mapping = json.dumps({"channel": "unionpay", "columns": MAPPING})
    _, said = hand_in(api, file, day="2026-11-20", mapping=mapping)
    assert kinds(said) == {("1202611200001", "amount_differs")}
    assert said["files"] == [{"kind": "unionpay", "filename": "unionpay.csv"}]
    right = EXPORT.format(order_no="1202611200001", amount=f"{sold['payable_fen'] / 100:.2f}")
    before = hand_in(api, ("again.csv", right.encode()), day="2026-11-20")[1]
    assert before["files"][0]["filename"] == "again.csv"
    rows = content(db)
    assert hand_in(api, ("again.csv", right.encode()), day="2026-11-20")[1] == before
    assert content(db) == rows


@pytest.mark.parametrize("written", ["{", "[]", "1", '{"channel": "unionpay"}', '{"channel":1,"columns":{}}'])
def test_a_mapping_that_is_none_is_said_to_be_none(api, written):
    status, said = hand_in(api, ("x.csv", b"a,b,c\n"), mapping=written)
    assert (status, said["code"]) == (400, "mapping_invalid")


def test_a_number_without_the_tills_leading_zeros_makes_no_match(api, db):
    """DR-12"""
    api.sell(order_no="0042000001")
    export = "订单号,下单时间,成交价,国补金额,实付金额\n42000001,2026-11-20 12:00:00,10,1,9\n"
    before = content(db)
    status, said = hand_in(api, ("pos.csv", export.encode()), day="2026-11-20")
    assert (status, said["code"]) == (400, "file_spoilt")
    assert "42000001" in said["detail"] and "2" in said["detail"]
    assert content(db) == before


def test_why_it_matched_is_told_on_request_only(api, sold):
    paid = [("2026-11-20 12:00:00", "1202611180001", sold["payable_fen"], False)]
    plain = hand_in(api, ("bill.csv", bills.wechat(moves=paid)), day="2026-11-20")[1]
    assert "matched_orders" not in plain and "classes" not in plain
    path = "/api/v1/days/2026-11-20/reconciliation?explain=1"
    told = api.client.post(path, headers={"Authorization": f"Bearer {api.key}"}).get_json()
    assert told["classes"]["matched"] == 1 and sum(told["classes"].values()) == 1
    assert "WeChat line 2" in told["matched_orders"][0]["message_en"]
    assert {name: told[name] for name in plain} == plain
