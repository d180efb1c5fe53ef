"""Paid in advance, cleared against what is accepted, never below zero."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from pos_subsidy.cli.hub_prepay import hub as hub_command
from pos_subsidy.errors import Invalid
from pos_subsidy.hub import audit, prepayment, review, settlement
from pos_subsidy.hub.app import create_hub
from pos_subsidy.hub.store.db import run as run_in
from tests.hub.shops import Shop, serving
from tests.hub.test_settlement import answer, name_account, settle, statuses
from tests.support import PERSONS

GRANTED = 91_500
HALF = GRANTED // 2


@pytest.fixture
def city(city):
    return replace(city, is_reviewed=True)


@pytest.fixture
def shop(shop_template, tmp_path, city, clock):
    with serving(create_hub(city, clock)) as url:
        shop = Shop(shop_template, tmp_path / "a", "DEMO-A", url, clock)
        name_account(city, shop, clock)
        yield shop


def decide_half(city, clock, percent=50):
    prepayment.set_share(city, "appliance-2026", percent, by="lin", clause="财建〔2026〕1号", now=clock())


def sell(shop, *people):
    sold = [shop.api.sell(PERSONS[at], serial_no=f"SN-{at}") for at in people]
    shop.sync()
    return sold


def accept(city, clock, *sold):
    for one in sold:
        review.decide(city, one["redemption_id"], "accepted", by="wu", now=clock())


def prepay(city, clock):
    return prepayment.prepay(city, by="lin", now=clock())


def said(city):
    assert audit.audit(city) == []
    assert sum(settlement.trial_balance(city).values()) == 0
    found = settlement.statement(city, "DEMO-A")
    assert found["prepaid_fen"] >= 0
    return found["balance_fen"], found["prepaid_fen"]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_half_is_paid_in_advance_and_cleared_against_what_is_accepted(city, shop, clock):
    sold = sell(shop, 0, 1)
    assert prepay(city, clock).payments == (), "nobody decided so"
    decide_half(city, clock)
    first = prepay(city, clock)
    assert statuses(first) == [("DEMO-A", "made", GRANTED, 0)], "half of two"
    assert prepay(city, clock).payments == (), "once is enough"
    assert "6222000011112222" in settlement.payment_file(city, first.run_id)
    answer(city, clock, (first.payments[0]["payment_no"], "成功", GRANTED))
    assert said(city) == (0, GRANTED)

    accept(city, clock, sold[0])
    second = settle(city, clock)
    assert statuses(second) == [("DEMO-A", "netted", 0, 0)], "the advance pays it"
    assert said(city) == (0, 0)
    shop.sync()
    assert shop.api.get(f"/redemptions/{sold[0]['redemption_id']}").json["verdict"] == "settled"

    third = prepay(city, clock)
    assert statuses(third) == [("DEMO-A", "made", HALF, 0)]
    accept(city, clock, sold[1])
    assert statuses(settle(city, clock)) == [("DEMO-A", "made", GRANTED - HALF, 0)], "the rest"
    assert said(city) == (0, 0)
    lines = settlement.statement(city, "DEMO-A")
    assert [(one["amount_fen"], one["waiting_fen"]) for one in lines["prepayments"]] == [
        (GRANTED, 2 * GRANTED),
        (HALF, GRANTED),
    ]
    assert [one["amount_fen"] for one in lines["cleared"]] == [GRANTED, HALF]


def test_an_advance_for_a_claim_that_is_rejected_is_earned_by_later_ones(city, shop, clock):
    decide_half(city, clock)
    (sold,) = sell(shop, 0)
    prepay(city, clock)
    about = {"by": "wu", "now": clock(), "reason": "review_invoice_missing"}
    review.decide(city, sold["redemption_id"], "rejected", **about)
    assert settle(city, clock).payments == ()
    assert said(city) == (0, HALF), "still to be earned; no payment is below zero"
    (other,) = sell(shop, 1)
    assert prepay(city, clock).payments == (), "it has its half already"
    accept(city, clock, other)
    assert statuses(settle(city, clock)) == [("DEMO-A", "made", GRANTED - HALF, 0)]
    assert said(city) == (0, 0)


def test_an_advance_the_bank_returns_after_it_was_earned_is_owed_like_any_claim(city, shop, clock):
    decide_half(city, clock, 100)
    sold = sell(shop, 0, 1)
    first = prepay(city, clock)
    assert first.amount_fen == 2 * GRANTED
    accept(city, clock, sold[0])
    assert statuses(settle(city, clock)) == [("DEMO-A", "netted", 0, 0)]
    assert said(city) == (0, GRANTED)
    answer(city, clock, (first.payments[0]["payment_no"], "退回", 2 * GRANTED))
    assert said(city) == (GRANTED, 0)
    assert statuses(settle(city, clock)) == [("DEMO-A", "made", GRANTED, 0)]
    assert said(city) == (0, 0)
    again = prepay(city, clock)
    assert statuses(again) == [("DEMO-A", "made", GRANTED, 0)], "the other still waits"


def test_at_least_half_of_an_odd_fen_is_more_than_half(city, shop, clock):
    decide_half(city, clock)
    sold = shop.api.sell(price_fen=100_007)
    shop.sync()
    assert sold["subsidy_fen"] % 2 == 1
    assert prepay(city, clock).amount_fen == (sold["subsidy_fen"] + 1) // 2


def test_a_shop_without_a_confirmed_account_is_named(city, shop, clock):
    decide_half(city, clock)
    sell(shop, 0)
    run_in(city.engine, lambda db: db.execute(text("DELETE FROM payee")))
    done = prepay(city, clock)
    assert [(one["status"], one["why"]) for one in done.payments] == [("withheld", "payee_unknown")]
    assert done.amount_fen == 0 and said(city) == (0, 0)
    assert prepay(city, clock).payments == (), "and once"


@pytest.mark.parametrize(
    ("programme", "percent", "clause", "code"),
    [
        ("x", 50, "c", "programme_unknown"),
        ("appliance-2026", 101, "c", "percent_invalid"),
        ("appliance-2026", 50, " ", "decision_incomplete"),
    ],
)
def test_a_share_that_cannot_be_is_not_recorded(city, clock, programme, percent, clause, code):
    with pytest.raises(Invalid, match=code):
        prepayment.set_share(city, programme, percent, by="lin", clause=clause, now=clock())


def test_the_commands_decide_pay_and_write_the_banks_file(city, shop, tmp_path):
    sell(shop, 0)
    data, path = ["--data", str(tmp_path / "hub")], tmp_path / "bank.csv"

    def call(*arguments):
        done = CliRunner().invoke(hub_command, [*arguments, "--by", "lin", "--json"], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return json.loads(done.output)

    share = call("prepay-share", *data, "appliance-2026", "50", "--clause", "财建〔2026〕1号")
    assert share == {"share_no": 1, "programme": "appliance-2026", "percent": 50}
    paid = call("prepay", *data, "--file", str(path))
    assert paid["amount_fen"] == HALF and paid["run_id"].startswith("A")
    assert "457.50" in path.read_text("utf-8-sig")
    assert call("prepay", *data)["payments"] == []
    call("prepay-share", *data, "appliance-2026", "0", "--clause", "财建〔2026〕2号")
    sell(shop, 1)
    assert call("prepay", *data)["payments"] == [], "0 ends it"
