"""Which orders differ, and the one reason for each."""

from datetime import date, timedelta

import pytest

from pos_subsidy.domain import words
from pos_subsidy.domain.matches import explain
from pos_subsidy.domain.money import yuan
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
        (
            "sold and wholly returned the same day, not in the POS",
            [order(**REVERSED, **REFUNDED)],
            [],
            [took(), gave()],
            ["missing_in_pos"],
        ),
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
        (
            "DR-08: refunded at the channel two days after, reversed then",
            [order(sold_on=DAY - timedelta(2), **REVERSED, **REFUNDED)],
            [pos(day=DAY, returned=True)],
            [gave()],
            [],
        ),
        (
            "DR-08: refunded at the channel two days after, never reversed",
            [order(sold_on=DAY - timedelta(2))],
            [],
            [gave()],
            ["refunded_elsewhere"],
        ),
        ("DR-08: a refund of an order nobody knows", [], [], [gave()], []),
        (
            "DR-13: two redemptions under one number, one payment",
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
            [took()],
            ["amount_differs"],
        ),
        (
            "DR-13: two payments of different sums for one order",
            [order()],
            [pos()],
            [took(), took(1, line=3)],
            ["amount_differs"],
        ),
        (
            "DR-14: refunded in part at the channel alone, one fen",
            [order()],
            [pos()],
            [took(), gave(1)],
            ["refunded_elsewhere"],
        ),
        (
            "DR-14: refunded in full at the till alone",
            [order(**REVERSED, **REFUNDED)],
            [pos(returned=True)],
            [took()],
            ["refund_missing_in_channel"],
        ),
        ("several things wrong, one reason", [order()], [], [], ["missing_in_channel"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_order_has_one_reason(name, orders, lines, moves, expected):
    found = reconcile(DAY, orders, lines, {"wechat": moves})
    assert [one.kind for one in found.differences] == expected
    assert reconcile(DAY, orders, lines, {"wechat": moves}) == found


def test_payments_and_redemptions_of_one_number_are_all_listed_with_their_sums():
    """DR-13"""
    twice = reconcile(DAY, [order()], [pos()], {"wechat": [took(line=4), took(line=9)]}).differences
    assert [(one.kind, one.till_fen, one.other_fen, one.lines) for one in twice] == [
        ("duplicate_in_channel", PAID, 2 * PAID, (4, 9))
    ]


def test_a_payment_split_over_two_channels_is_compared_on_each():
    split = order(paid_fen={"wechat": 300_000, "alipay": PAID - 300_000})
    moves = {"wechat": [took(300_000)], "alipay": [took(PAID - 300_000, channel="alipay")]}
    assert reconcile(DAY, [split], [pos()], moves).differences == ()
    moves["alipay"] = [took(PAID - 300_001, channel="alipay")]
    found = reconcile(DAY, [split], [pos()], moves).differences
    assert [(one.kind, one.source, one.till_fen, one.other_fen) for one in found] == [
        ("amount_differs", "alipay", PAID - 300_000, PAID - 300_001)
    ]


def test_both_sides_of_a_wrong_refund_name_the_sum():
    """DR-14"""
    part = reconcile(DAY, [order()], [pos()], {"wechat": [took(), gave(1)]}).differences[0]
    assert (part.kind, part.till_fen, part.other_fen) == ("refunded_elsewhere", 0, 1)
    whole = reconcile(DAY, [order(**REVERSED, **REFUNDED)], None, {"wechat": [took()]}).differences[0]
    assert (whole.kind, whole.till_fen, whole.other_fen) == ("refund_missing_in_channel", PAID, 0)


@pytest.mark.parametrize(
    ("side", "moves", "expected"),
    [
        ("payments", [took()], []),
        ("payments", [], ["missing_in_channel"]),
        ("refunds", [], ["refund_missing_in_channel"]),
        ("refunds", [gave()], []),
    ],
)
def test_a_bill_of_one_side_says_nothing_about_the_other(side, moves, expected):
    reversed_ = order(**REVERSED, **REFUNDED)
    found = reconcile(DAY, [reversed_], [pos(returned=True)], {"wechat": moves}, one_sided={"wechat": side})
    assert [one.kind for one in found.differences] == expected


def test_every_order_has_one_class_and_none_is_dropped():
    orders = [order(order_no=f"O-{place}") for place in range(3)]
    lines = [
        pos(order_no="O-0"),
        pos(order_no="O-1"),
        pos(order_no="X-1"),
        pos(order_no="X-2", subsidy_fen=0),
    ]
    moves = [took(order_no="O-0"), took(1, order_no="O-1"), took(order_no="X-3")]
    found = reconcile(DAY, orders, lines, {"wechat": moves})
    assert {name: count for name, count in found.classes.items() if count} == {
        **{"matched": 1, "unsubsidised": 2, "amount_differs": 1},
        **{"missing_in_channel": 1, "missing_in_till": 1},
    }
    assert sum(found.classes.values()) == found.orders == 6


def test_why_it_matched_names_lines_and_sums():
    split = order(paid_fen={"wechat": 300_000, "cash": PAID - 300_000})
    bills = {"wechat": [took(300_000, line=7)]}
    found = reconcile(DAY, [split], [pos()], bills)
    (why,) = explain(found, [split], [pos()], bills)
    assert why.sentence_en == (
        "Order O-1: 5185.00 yuan due here, net; POS line 2: 5185.00 yuan; "
        "WeChat line 7: 3000.00 yuan taken; 2185.00 yuan in no bill handed in."
    )
    assert "微信账单第 7 行收款 3000.00 元" in why.sentence_zh
    assert not any("\u4e00" <= char <= "\u9fff" for char in why.sentence_en)
    assert explain(reconcile(DAY, [split], [], bills), [split], [], bills) == ()


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


def test_an_order_that_was_wholly_returned_is_told_as_that_and_not_as_no_yuan():
    """The kind stays what it is; only what is said of it differs."""
    found = reconcile(DAY, [order(**REVERSED, **REFUNDED)], [], {}).differences
    told = [words.say(f"difference_{one.kind}", one.figures) for one in found]
    assert [one.kind for one in found] == ["missing_in_pos"]
    assert "当天核销又全部退回" in told[0].detail_zh and "0.00" not in told[0].detail_zh + told[0].detail_en
    sold = reconcile(DAY, [order()], [], {}).differences[0]
    assert f"（{yuan(PAID)} 元）" in words.say(f"difference_{sold.kind}", sold.figures).detail_zh
