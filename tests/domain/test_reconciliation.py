"""Which orders differ, and the one reason for each."""

from datetime import date, timedelta

import pytest

from pos_subsidy.domain.reconciliation import Movement, PosLine, TillOrder, reconcile

DAY = date(2026, 11, 20)
PRICE, SUBSIDY, PAID = 610_000, 91_500, 518_500


def order(**changes) -> TillOrder:
    facts = {
        "order_no": "O-1",
        "sold_on": DAY,
        "redemptions": 1,
        "net_price_fen": PRICE,
        "net_subsidy_fen": SUBSIDY,
        "net_payable_fen": PAID,
        "paid_fen": {"wechat": PAID},
        "refunded_fen": 0,
        "refunded_today_fen": 0,
    }
    return TillOrder(**{**facts, **changes})


def pos(**changes) -> PosLine:
    facts = {
        "order_no": "O-1",
        "day": DAY,
        "line": 2,
        "price_fen": PRICE,
        "subsidy_fen": SUBSIDY,
        "payable_fen": PAID,
        "channel": "wechat",
        "returned": False,
    }
    return PosLine(**{**facts, **changes})


def took(amount_fen=PAID, **changes) -> Movement:
    facts = {"order_no": "O-1", "day": DAY, "line": 2, "channel": "wechat", "refund": False}
    return Movement(amount_fen=amount_fen, **{**facts, **changes})


def gave(amount_fen=PAID, **changes) -> Movement:
    return took(amount_fen, refund=True, **changes)


REVERSED = {"net_price_fen": 0, "net_subsidy_fen": 0, "net_payable_fen": 0}
REFUNDED = {"refunded_fen": PAID, "refunded_today_fen": PAID}
CHEAPER = {"net_price_fen": 600_000, "net_subsidy_fen": 90_000, "net_payable_fen": 510_000}
GAVE_BACK = {"refunded_fen": 8_500, "refunded_today_fen": 8_500}
YESTERDAY, TOMORROW = DAY - timedelta(1), DAY + timedelta(1)


@pytest.mark.parametrize(
    ("name", "orders", "lines", "moves", "expected"),
    [
        ("all agrees", [order()], [pos()], [took()], []),
        ("paid in cash, in no bill", [order(paid_fen={"cash": PAID})], [pos(channel="cash")], [], []),
        ("never subsidised", [], [pos(subsidy_fen=0, payable_fen=PRICE)], [took(PRICE)], []),
        ("known to the channel alone", [], [], [took()], []),
        ("reversed everywhere", [order(**REVERSED, **REFUNDED)], [pos(returned=True)], [took(), gave()], []),
        (
            "repriced everywhere",
            [order(**CHEAPER, **GAVE_BACK)],
            [pos(price_fen=600_000, subsidy_fen=90_000, payable_fen=510_000)],
            [took(), gave(8_500)],
            [],
        ),
        ("one fen more at the channel", [order()], [pos()], [took(PAID + 1)], ["amount_differs"]),
        ("one fen less in the POS", [order()], [pos(payable_fen=PAID - 1)], [took()], ["amount_differs"]),
        ("POS knows no subsidy for it", [order()], [pos(subsidy_fen=0)], [took()], ["missing_in_pos"]),
        ("not in the POS", [order()], [], [took()], ["missing_in_pos"]),
        ("not at the channel", [order()], [pos()], [], ["missing_in_channel"]),
        ("subsidy in the POS alone", [], [pos()], [], ["missing_in_till"]),
        ("returned in the POS alone, never sold", [], [pos(returned=True)], [], []),
        ("charged twice", [order()], [pos()], [took(), took(line=3)], ["duplicate_in_channel"]),
        ("twice in the POS", [order()], [pos(), pos(line=3)], [took()], ["duplicate_in_pos"]),
        ("refunded at the channel alone", [order()], [pos()], [took(), gave()], ["refunded_elsewhere"]),
        (
            "refunded in part at the channel alone",
            [order()],
            [pos()],
            [took(), gave(1)],
            ["refunded_elsewhere"],
        ),
        (
            "reversed here alone",
            [order(**REVERSED, **REFUNDED)],
            [pos(returned=True)],
            [took()],
            ["refund_missing_in_channel"],
        ),
        (
            "given back one fen too little",
            [order(**REVERSED, **REFUNDED)],
            [pos(returned=True)],
            [took(), gave(PAID - 1)],
            ["refund_missing_in_channel"],
        ),
        (
            "cash given back is in no bill",
            [order(**REVERSED, **REFUNDED, paid_fen={"cash": PAID})],
            [pos(returned=True, channel="cash")],
            [],
            [],
        ),
        ("sold yesterday, paid today", [order(sold_on=YESTERDAY)], [], [took()], ["late"]),
        ("paid after midnight", [order()], [pos()], [took(day=TOMORROW)], ["late"]),
        ("in the POS after midnight", [order()], [pos(day=TOMORROW)], [took()], ["late"]),
        ("tomorrow's POS line", [], [pos(day=TOMORROW)], [], ["late"]),
        (
            "sold two days ago, reversed and refunded today",
            [order(sold_on=YESTERDAY, **REVERSED, **REFUNDED)],
            [],
            [gave()],
            [],
        ),
        (
            "sold before, refunded today at the channel alone",
            [order(sold_on=YESTERDAY)],
            [],
            [gave()],
            ["refunded_elsewhere"],
        ),
        (
            "sold before, reversed today here alone",
            [order(sold_on=YESTERDAY, **REVERSED, **REFUNDED)],
            [],
            [],
            ["refund_missing_in_channel"],
        ),
        (
            "one payment for a subsidised and another item",
            [order()],
            [pos(), pos(line=3, price_fen=5_000, subsidy_fen=0, payable_fen=5_000)],
            [took(PAID + 5_000)],
            [],
        ),
        (
            "two subsidised items, one order",
            [
                order(
                    redemptions=2,
                    net_price_fen=2 * PRICE,
                    net_subsidy_fen=2 * SUBSIDY,
                    net_payable_fen=2 * PAID,
                    paid_fen={"wechat": 2 * PAID},
                )
            ],
            [pos(), pos(line=3)],
            [took(2 * PAID)],
            [],
        ),
        (
            "paid half in cash",
            [order(paid_fen={"wechat": 300_000, "cash": PAID - 300_000})],
            [pos()],
            [took(300_000)],
            [],
        ),
        ("several things wrong, one reason", [order()], [], [], ["missing_in_channel"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_order_has_one_reason(name, orders, lines, moves, expected):
    found = reconcile(DAY, orders, lines, {"wechat": moves})
    assert [one.kind for one in found.differences] == expected
    assert reconcile(DAY, orders, lines, {"wechat": moves}) == found


def test_what_was_not_handed_in_is_not_missing():
    found = reconcile(DAY, [order()], None, {})
    assert (found.differences, found.matched) == ((), 1)


def test_a_payment_on_the_wrong_channel_is_missing_on_the_right_one():
    moves = {"wechat": [], "alipay": [took(channel="alipay")]}
    found = reconcile(DAY, [order()], [pos()], moves)
    assert [one.kind for one in found.differences] == ["missing_in_channel"]


def test_a_day_without_sales_is_a_success():
    """DR-10"""
    found = reconcile(DAY, [], [], {"wechat": [], "alipay": []})
    assert (found.differences, found.matched, found.unsubsidised) == ((), 0, 0)
    assert found.sources == ("pos", "alipay", "wechat")
