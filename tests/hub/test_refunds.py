"""RX-09: a refund that the channel accepts and closes days later."""

from datetime import date

import pytest

from pos_subsidy.domain.refunds import Refund, Seen, news
from pos_subsidy.errors import Conflict
from pos_subsidy.hub.store import claims
from pos_subsidy.hub.store.db import run as run_in
from pos_subsidy.services import reconciliation, refunds
from pos_subsidy.services.shop import By
from pos_subsidy.store import journal
from tests.support import journal_kinds, run

_HEADER = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
_TOTALS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"


def bill(day, *rows):
    """Return a bill of refunds: (order, refund number, status, yuan)."""
    lines = [
        f"`{day} 10:00:00,`wx0,`1,`0,`,`42,`{order},`u,`NATIVE,`REFUND,`OTHERS,`CNY,`0.00,`0.00,"
        f"`50{ref},`{ref},`{yuan},`0.00,`ORIGINAL,`{status},`冰箱,大,`,`0.00,`0.60%,`0.00,`{yuan},`"
        for order, ref, status, yuan in rows
    ]
    total = f"{sum(float(row[3]) for row in rows):.2f}"
    totals = f"`{len(rows)},`0.00,`{total},`0.00,`0.00,`0.00,`{total}"
    return "\n".join([_HEADER, *lines, _TOTALS, totals]).encode("utf-8-sig")


def take_in(shop, day, content):
    return reconciliation.reconcile(
        shop.db, shop.wired.shop, date.fromisoformat(day), [("wx.csv", content)], now=shop.clock()
    )


def give_again(shop, reversal_id, *, channel="wechat", ref="R-2"):
    by = By("T1", "manager", "manager")
    return refunds.repeat(
        shop.db, shop.wired.shop, reversal_id, channel=channel, payment_ref=ref, by=by, now=shop.clock()
    )


def state_of(shop, sold):
    found = shop.api.get(f"/redemptions/{sold['redemption_id']}").json
    return [(one["state"], one["attempts"]) for one in found["refunds"]]


@pytest.fixture
def returned(shops):
    """A refrigerator sold and wholly reversed; the city knows both."""
    shop = shops[0]
    sold = shop.api.sell()
    back = shop.api.post(f"/redemptions/{sold['redemption_id']}/reverse", {"kind": "full", "reason": "x"})
    assert shop.sync().complete
    return shop, sold, back.json["reversal_id"]


def test_a_refund_closed_days_later_fails_and_is_given_again_once(returned, city, clock):
    """RX-09"""
    shop, sold, reversal_id = returned
    assert state_of(shop, sold) == [("due", 1)]
    take_in(shop, "2026-11-20", bill("2026-11-20", ("O-1", "R-1", "PROCESSING", "5185.00")))
    assert state_of(shop, sold) == [("accepted", 1)]
    clock.pass_by(days=3)
    closed = bill("2026-11-23", ("O-1", "R-1", "CLOSED", "5185.00"))
    compared = take_in(shop, "2026-11-23", closed)
    assert [(one.order_no, one.kind, one.till_fen, one.other_fen) for one in compared.differences] == [
        ("O-1", "refund_missing_in_channel", 518_500, 0)
    ]
    assert state_of(shop, sold) == [("failed", 1)]
    assert [(one.order_no, refund.state) for one, refund in refunds.failed(shop.db)] == [("O-1", "failed")]

    rows = len(journal_kinds(shop.db))
    take_in(shop, "2026-11-23", closed)
    assert len(journal_kinds(shop.db)) == rows, "the same bill twice is no news"

    give_again(shop, reversal_id)
    assert state_of(shop, sold) == [("due", 2)]
    with pytest.raises(Conflict) as again:
        give_again(shop, reversal_id)
    assert again.value.code == "refund_not_failed"
    take_in(shop, "2026-11-24", bill("2026-11-24", ("O-1", "R-2", "SUCCESS", "5185.00")))
    assert state_of(shop, sold) == [("paid", 2)]

    assert shop.sync().complete
    claim = run_in(city.engine, lambda db: claims.find(db, sold["redemption_id"]))
    assert claim["net_subsidy_fen"] == 0, "the city's leg was booked once, by the reversal"
    assert journal_kinds(shop.db).count("reversed") == 1
    lines = shop.api.get(f"/redemptions/{sold['redemption_id']}").json["lines"]
    assert [line["kind"] for line in lines] == ["sale", "full"]


def test_a_second_failure_is_for_finance(returned):
    shop, sold, reversal_id = returned
    take_in(shop, "2026-11-20", bill("2026-11-20", ("O-1", "R-1", "FAIL", "5185.00")))
    give_again(shop, reversal_id)
    take_in(shop, "2026-11-21", bill("2026-11-21", ("O-1", "R-2", "FAIL", "5185.00")))
    assert state_of(shop, sold) == [("failed", 2)]
    with pytest.raises(Conflict) as refused:
        give_again(shop, reversal_id, ref="R-3")
    assert refused.value.code == "refund_repeated"


def test_given_again_in_cash_it_is_paid_at_once(returned):
    shop, sold, reversal_id = returned
    take_in(shop, "2026-11-20", bill("2026-11-20", ("O-1", "R-1", "CLOSED", "5185.00")))
    give_again(shop, reversal_id, channel="cash", ref="drawer")
    assert state_of(shop, sold) == [("paid", 2)]


def test_refunds_can_be_rebuilt_from_the_journal(returned, tmp_path):
    shop, _sold, reversal_id = returned
    take_in(shop, "2026-11-20", bill("2026-11-20", ("O-1", "R-1", "CLOSED", "5185.00")))
    give_again(shop, reversal_id)
    run("journal", "verify", "--data", str(shop.folder.path))
    run("journal", "rebuild", "--data", str(shop.folder.path), "--into", str(tmp_path / "again.db"))
    assert journal.count(shop.db) == len(shop.entries())


def test_a_sale_paid_in_cash_is_given_back_from_the_drawer(shops):
    shop = shops[0]
    sold = shop.api.redeem(shop.api.hold(shop.api.voucher()["token"]), channel="cash", payment_ref="")
    shop.api.post(f"/redemptions/{sold['redemption_id']}/reverse", {"kind": "full", "reason": "x"})
    assert state_of(shop, sold) == [("paid", 1)]


DUE = Refund("V-1", "R-1", 500, "due", 1, None, None, None)
PAID = Refund("V-1", "R-1", 500, "paid", 1, "wechat", "R-1", "2026-11-20")
FAILED = Refund("V-1", "R-1", 500, "failed", 1, "wechat", "R-1", "2026-11-23")


def seen(ref="R-1", amount_fen=500, action="pay", at="2026-11-20 10:00:00"):
    return Seen("O-1", "wechat", ref, amount_fen, action, at)


@pytest.mark.parametrize(
    ("owed", "rows", "expected"),
    [
        ([DUE], [seen()], [("V-1", "pay")]),
        ([DUE], [seen(amount_fen=499)], []),
        ([DUE], [seen(), seen(action="fail", at="2026-11-23")], [("V-1", "pay"), ("V-1", "fail")]),
        ([DUE], [seen(action="fail", at="2026-11-23"), seen()], [("V-1", "pay"), ("V-1", "fail")]),
        ([DUE, Refund("V-2", "R-2", 300, "due", 1, None, None, None)], [seen(amount_fen=800)],
         [("V-1", "pay"), ("V-2", "pay")]),
        ([DUE, Refund("V-2", "R-1", 500, "due", 1, None, None, None)], [seen(), seen("R-9")],
         [("V-1", "pay"), ("V-2", "pay")]),
        ([FAILED], [seen()], []),
        ([PAID], [seen("R-2", action="fail")], []),
    ],
)  # fmt: skip
def test_a_bill_speaks_of_the_refund_it_means(owed, rows, expected):
    assert [(refund.reversal_id, one.action) for refund, one in news(owed, rows)] == expected
