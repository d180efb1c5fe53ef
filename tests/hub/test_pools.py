"""The city's budget by programme, region and period: never below zero, nothing lost on the way."""

import contextlib
import itertools
import json
import random
import threading
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import text, update

from pos_subsidy.cli.hub_budget import hub as hub_command
from pos_subsidy.domain import periods
from pos_subsidy.errors import Conflict, Invalid, NotFound
from pos_subsidy.hub import audit, budget, freezing, live, pools, review
from pos_subsidy.hub.judgement import Judgement, rejudge
from pos_subsidy.hub.pools import Because
from pos_subsidy.hub.store import claims
from pos_subsidy.hub.store.db import run as run_in
from pos_subsidy.hub.store.schema_pools import pool as pool_table
from pos_subsidy.protocol.messages import HoldRequest
from tests.hub.books import Till
from tests.hub.office import Desk, hire
from tests.hub.office import pages as office_pages
from tests.hub.test_databases import asked, market
from tests.support import ANNA, BAO, NOON, PERSONS, nth_id_number
from tests.web.pages_shop import Browser
from tests.web.test_claims import CAR, OTHER_VIN, papers, submitted

__all__ = ["market"]
GRANTED = 91_500
CITY, NANHU = "appliance-2026/330400/2026", "appliance-2026/330402/2026-11"
BECAUSE = Because("lin", "2026年第四季度", "嘉商〔2026〕1号")
both_databases = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


def fund(city, pool_id, fen, *, warn=None, now=NOON - timedelta(hours=1)):
    programme, region, period = pool_id.split("/")
    return pools.open_pool(
        city,
        programme=programme,
        region=region,
        period=period,
        fen=fen,
        warn_percent=warn,
        because=BECAUSE,
        now=now,
    )


def parts(city, pool_id):
    found = pools.show(city, pool_id)
    put_in = found["granted_fen"] + found["moved_in_fen"] - found["moved_out_fen"]
    assert put_in == found["put_in_fen"]
    assert put_in == found["left_fen"] + found["held_fen"] + found["used_fen"]
    return found["left_fen"], found["held_fen"], found["used_fen"]


def sound(city):
    assert audit.audit(city) == []


def offline_sale(shop, person, serial_no, price_fen=610_000):
    shop.line._errors = 3
    sold = shop.api.sell(person, serial_no=serial_no, price_fen=price_fen)
    assert sold["authorisation"] == "offline"
    shop.line._errors = 0
    return sold


def verdict(shop, sold):
    found = shop.api.get(f"/redemptions/{sold['redemption_id']}").json
    return found["verdict"], found["verdict_code"]


@both_databases
def test_a_sale_is_held_used_and_given_back_in_every_pool_that_covers_it(city, shops):
    for pool_id in (CITY, NANHU):
        fund(city, pool_id, 1_000_000)
    fund(city, "appliance-2026/330481/2026-11", 1_000_000)  # another county
    fund(city, "digital-2026/330400/2026", 1_000_000)  # another programme
    shop = shops[0]
    held = shop.api.hold(shop.api.voucher()["token"])
    assert parts(city, CITY) == parts(city, NANHU) == (1_000_000 - GRANTED, GRANTED, 0)
    sold = shop.api.redeem(held)
    sound(city)
    shop.sync()
    assert verdict(shop, sold) == ("accepted", None)
    assert parts(city, CITY) == parts(city, NANHU) == (1_000_000 - GRANTED, 0, GRANTED)
    sound(city)
    shop.api.post(
        f"/redemptions/{sold['redemption_id']}/reverse",
        {"kind": "partial", "new_price_fen": 600_000, "reason": "x"},
    )
    shop.sync()
    assert parts(city, NANHU) == (910_000, 0, 90_000)
    shop.api.post(f"/redemptions/{sold['redemption_id']}/reverse", {"kind": "full", "reason": "x"})
    shop.sync()
    for pool_id in (CITY, NANHU, "appliance-2026/330481/2026-11", "digital-2026/330400/2026"):
        assert parts(city, pool_id) == (1_000_000, 0, 0)
    sound(city)


def test_the_hold_fails_before_money_moves_and_takes_from_no_pool(city, shops):
    fund(city, CITY, GRANTED)
    fund(city, NANHU, GRANTED - 1)
    refused = shops[0].api.try_hold(shops[0].api.voucher()["token"])
    assert (refused.status, refused.codes) == (422, ["budget_exhausted"])
    assert "资金" in refused.json["reasons"][0]["message_zh"]
    assert parts(city, CITY) == (GRANTED, 0, 0)
    pools.grant(city, NANHU, fen=1, because=BECAUSE, now=NOON)
    shops[0].api.hold(shops[0].api.voucher(BAO)["token"])
    assert parts(city, CITY) == parts(city, NANHU) == (0, GRANTED, 0)
    sound(city)


def test_a_programme_that_is_metered_grants_nothing_where_no_pool_is_open(city, shops):
    fund(city, "appliance-2026/330402/2026-10", 1_000_000)
    refused = shops[0].api.try_hold(shops[0].api.voucher()["token"])
    assert refused.codes == ["budget_exhausted"]


def test_an_offline_sale_over_the_budget_is_recorded_and_rejected(city, shops):
    fund(city, NANHU, 2 * GRANTED - 1)
    first, second = (offline_sale(shops[0], who, f"SN-{at}") for at, who in enumerate(PERSONS[:2]))
    shops[0].sync()
    assert verdict(shops[0], first) == ("accepted", None)
    assert verdict(shops[0], second) == ("rejected", "budget_exhausted")
    assert parts(city, NANHU) == (GRANTED - 1, 0, GRANTED)
    shops[1].line._errors = 0
    assert shops[1].api.try_hold(shops[1].api.voucher(BAO)["token"], serial_no="SN-1").codes == [
        "budget_exhausted"
    ], "her unit and the piece are free; only the money is missing"
    sound(city)


def test_a_rejected_claim_gives_its_money_back_and_one_that_returns_needs_some(city, shops, clock):
    fund(city, NANHU, GRANTED)
    sold = shops[0].api.sell()
    shops[0].sync()

    def say(word, code=None):
        run_in(
            city.engine,
            lambda db: rejudge(db, "DEMO-A", sold["redemption_id"], Judgement(word, code), now=clock()),
        )

    say("rejected", "serial_used")
    assert parts(city, NANHU) == (GRANTED, 0, 0)
    sound(city)
    say("accepted")
    assert parts(city, NANHU) == (0, 0, GRANTED)
    say("rejected", "serial_used")
    shops[1].api.hold(shops[1].api.voucher(BAO)["token"], serial_no="SN-2")
    with pytest.raises(Conflict, match="budget_exhausted"):
        say("accepted")
    assert run_in(city.engine, lambda db: claims.find(db, sold["redemption_id"]))["verdict"] == "rejected"
    sound(city)


@both_databases
def test_a_second_claim_of_a_hold_moves_none_of_its_money(city):
    fund(city, CITY, 1_000_000)
    till = Till(city, "DEMO-A", NOON)
    sold = till.sell("1", is_held=True)
    till.deliver()
    used = parts(city, CITY)
    assert used == (955_000, 0, 45_000)
    again = {**sold, "redemption_id": "R-AGAIN", "order_no": "O-AGAIN", "serial_no": "SN-OTHER"}
    till.add("redeemed", again)
    till.take_back(again)
    till.deliver(parked=2)
    assert parts(city, CITY) == used
    sound(city)


def test_a_reviewers_no_gives_the_money_back(city, shops, clock):
    fund(city, NANHU, GRANTED)
    sold = shops[0].api.sell()
    shops[0].sync()
    run_in(
        city.engine,
        lambda db: rejudge(
            db, "DEMO-A", sold["redemption_id"], Judgement("suspended", "identity_missing"), now=clock()
        ),
    )
    assert parts(city, NANHU) == (0, 0, GRANTED), "a doubt keeps it"
    about = {"by": "wu", "now": clock(), "reason": "review_invoice_missing"}
    review.decide(city, sold["redemption_id"], "rejected", **about)
    assert parts(city, NANHU) == (GRANTED, 0, 0)
    sound(city)


def test_a_hold_granted_before_the_pools_is_honoured_and_touches_none(city, shops, clock):
    held = shops[0].api.hold(shops[0].api.voucher()["token"])
    clock.pass_by(minutes=1)
    fund(city, NANHU, 1, now=clock())
    sold = shops[0].api.redeem(held)
    shops[0].sync()
    assert verdict(shops[0], sold) == ("accepted", None)
    assert parts(city, NANHU) == (1, 0, 0)
    sound(city)


@both_databases
def test_money_of_dead_holds_is_back_in_its_pool_also_when_their_cancel_comes_late(market):
    """HB-02"""
    fund(market, CITY, 20 * 75_000)
    fund(market, NANHU, 20 * 75_000)
    for number in range(20):
        request = asked(market, f"H-{number}", number, f"SN-{number}")
        assert freezing.hold(market, "S-0", request, kid=None, now=NOON).refusals == []
    full = asked(market, "H-late", 90, "SN-LATE")
    assert [one["code"] for one in freezing.hold(market, "S-1", full, kid=None, now=NOON).refusals] == [
        "budget_exhausted"
    ]
    later = NOON + timedelta(days=2)
    again = asked(market, "H-again", 90, "SN-LATE", expires_at="2026-11-22T05:00:00.000Z")
    assert freezing.hold(market, "S-1", again, kid=None, now=later).refusals == []
    for number in range(20):
        live.cancel(market, "S-0", f"H-{number}", now=later)
    assert parts(market, CITY) == parts(market, NANHU) == (19 * 75_000, 75_000, 0)
    sound(market)


@both_databases
def test_at_their_moment_64_tills_ask_for_two_coupons_and_a_pool_of_ten(market):
    """None too many, and nobody is sent away with 'unavailable'."""
    moment = datetime(2025, 5, 1, 2, tzinfo=UTC)
    fund(market, CITY, 10 * 75_000, now=moment - timedelta(days=1))
    fund(market, NANHU, 90 * 75_000, now=moment - timedelta(days=1))
    coupon = {
        "category": "consumption_coupon",
        "unit_class": "consumption_coupon:may-50",
        "programme": "coupon-2025",
        "business_date": "2025-05-01",
        "subsidy_fen": 5_000,
    }
    requests = [
        asked(
            market, f"H-{place}", place, None if place % 2 else f"SN-{place}", **(coupon if place % 2 else {})
        )
        for place in range(64)
    ]
    answers, gate = {}, threading.Barrier(len(requests))

    def send(place):
        gate.wait()
        answers[place] = [
            one["code"]
            for one in freezing.hold(market, f"S-{place % 6}", requests[place], kid=None, now=moment).refusals
        ]

    threads = [threading.Thread(target=send, args=(place,)) for place in range(len(requests))]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    for kind, room in ((1, 2), (0, 10)):
        said = [answers.get(place) for place in range(kind, 64, 2)]
        assert sorted(said) == [[]] * room + [["budget_exhausted"]] * (32 - room)
    assert parts(market, CITY) == (0, 10 * 75_000, 0)
    assert parts(market, NANHU) == (80 * 75_000, 10 * 75_000, 0), "no loser took from the other pool"
    sound(market)


@both_databases
def test_a_crowd_that_holds_sells_and_gives_up_at_once_loses_no_fen(market):
    for pool_id in (CITY, NANHU):
        fund(market, pool_id, 9 * 75_000)
    gate, ended = threading.Barrier(16), []
    about = {"programme": "appliance-2026", "on": "2026-11-20", "fen": 75_000}

    def till(place):
        gate.wait()
        for at in range(3):
            name = f"{place}-{at}"
            request = asked(market, f"H-{name}", place * 3 + at, f"SN-{name}")
            if freezing.hold(market, f"S-{place % 6}", request, kid=None, now=NOON).refusals:
                ended.append("refused")
            elif place % 2:
                live.cancel(market, f"S-{place % 6}", f"H-{name}", now=NOON)
                ended.append("cancelled")
            else:
                run_in(
                    market.engine,
                    lambda db, name=name: budget.use(
                        db, f"S-{place % 6}", f"H-{name}", **about, was_held=True
                    ),
                )
                ended.append("used")

    threads = [threading.Thread(target=till, args=(place,)) for place in range(16)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(ended) == 48, "nobody was sent away with 'unavailable'"
    used_fen = ended.count("used") * 75_000
    assert 0 < used_fen <= 9 * 75_000
    assert parts(market, CITY) == parts(market, NANHU) == (9 * 75_000 - used_fen, 0, used_fen)


def test_leftovers_move_by_a_decision_with_who_why_from_to_and_how_much(city, clock):
    fund(city, NANHU, 500)
    fund(city, CITY, 10_000)
    december = fund(city, "appliance-2026/330402/2026-12", 100)["pool_id"]
    done = pools.move(city, NANHU, december, fen=500, because=BECAUSE, now=clock())
    assert (done["from"]["left_fen"], done["to"]["left_fen"]) == (0, 600)
    kept = done["to"]["decisions"][-1]
    assert {name: kept[name] for name in ("by", "why", "clause", "from_pool", "to_pool", "fen")} == {
        "by": "lin",
        "why": BECAUSE.why,
        "clause": BECAUSE.clause,
        "from_pool": NANHU,
        "to_pool": december,
        "fen": 500,
    }
    for source, target, fen, code in (
        (december, NANHU, 601, "pool_short"),
        (december, CITY, 1, "pool_nested"),
        (CITY, december, 1, "pool_nested"),
        (CITY, CITY, 1, "pool_nested"),
    ):
        with pytest.raises(Conflict, match=code):
            pools.move(city, source, target, fen=fen, because=BECAUSE, now=clock())
    with pytest.raises(NotFound, match="pool_unknown"):
        pools.move(city, NANHU, "nowhere", fen=1, because=BECAUSE, now=clock())
    assert parts(city, december) == (600, 0, 0) and parts(city, NANHU) == (0, 0, 0)
    sound(city)


@pytest.mark.parametrize(
    ("about", "code"),
    [
        ({"programme": "nothing"}, "programme_unknown"),
        ({"region": "3304"}, "region_invalid"),
        ({"region": "000000"}, "region_invalid"),
        ({"period": "2026-13"}, "period_invalid"),
        ({"period": "2026-W54"}, "period_invalid"),
        ({"fen": 0}, "amount_invalid"),
        ({"fen": 10**22}, "amount_invalid"),
        ({"warn_percent": 101}, "percent_invalid"),
    ],
)
def test_a_pool_that_cannot_be_is_not_opened(city, about, code):
    good = {
        "programme": "appliance-2026",
        "region": "330402",
        "period": "2026-11",
        "fen": 1,
        "warn_percent": None,
        "because": BECAUSE,
        "now": NOON,
    }
    with pytest.raises(Invalid, match=code):
        pools.open_pool(city, **{**good, **about})
    assert pools.listing(city) == []


def test_a_decision_without_a_reason_is_none():
    with pytest.raises(Invalid, match="decision_incomplete"):
        Because("lin", " ", "x")


@both_databases
def test_decisions_cannot_be_rewritten(city):
    fund(city, NANHU, 500)
    for statement in ("UPDATE pool_decision SET fen = 1", "DELETE FROM pool_decision"):
        with pytest.raises(Exception, match="append-only"):
            run_in(city.engine, lambda db, said=statement: db.execute(text(said)))


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ({"left_fen": 1}, "pool_not_conserved"),
        ({"left_fen": 1_000_000 - GRANTED + 1, "put_in_fen": 1_000_001}, "pool_not_conserved"),
    ],
)
def test_the_audit_names_a_pool_that_was_tampered_with(city, shops, damage, code):
    fund(city, NANHU, 1_000_000)
    shops[0].api.sell()
    shops[0].sync()
    sound(city)
    run_in(city.engine, lambda db: db.execute(update(pool_table).values(**damage)))
    assert code in {one["code"] for one in audit.audit(city)}


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ("DELETE FROM pool_draw", "pool_use_missing"),
        ("UPDATE claim SET verdict = 'rejected'", "pool_use_differs"),
        ("UPDATE pool_draw SET used_fen = 0, held_fen = used_fen", "pool_hold_differs"),
    ],
)
def test_the_audit_compares_draws_with_the_signed_rows(city, shops, clock, damage, code):
    fund(city, NANHU, 1_000_000)
    shops[0].api.sell()
    shops[0].sync()
    run_in(city.engine, lambda db: db.execute(text(damage)))
    assert code in {one["code"] for one in audit.audit(city)}


def test_a_claim_after_purchase_uses_the_pool_and_its_withdrawal_gives_back(city, shops):
    pool_id = fund(city, "car-2026/330400/2026", 1_200_000)["pool_id"]
    first = submitted(shops[0].api)
    shops[0].sync()
    assert parts(city, pool_id) == (0, 0, 1_200_000)
    given = papers("99427000000316294884", old_car_vin="1M8GDM9AXKP042788")
    second = submitted(shops[1].api, BAO, attributes={**CAR, "vin": OTHER_VIN}, given=given)
    shops[1].sync()
    found = shops[1].api.get(f"/claims/{second.json['claim_id']}").json
    assert (found["verdict"], found["verdict_code"]) == ("rejected", "budget_exhausted")
    shops[0].api.post(f"/claims/{first.json['claim_id']}/withdraw", {"reason": "退车"})
    shops[0].sync()
    assert parts(city, pool_id) == (1_200_000, 0, 0)
    sound(city)


def test_a_correction_of_a_rejected_claim_is_judged_by_the_budget_too(city, shops, clock):
    clock.now = datetime(2025, 6, 18, 4, tzinfo=UTC)
    proof = {"old_car_disposed_on": "2025-03-01", "registered_on": "2025-06-18", "day": "2025-06-18"}
    pool_id = fund(city, "car-2025/330400/2025", 1_200_000)["pool_id"]
    submitted(shops[0].api, given=papers(**proof))
    other = {**proof, "old_car_vin": "1M8GDM9AXKP042788"}
    second = submitted(shops[1].api, BAO, attributes={**CAR, "vin": OTHER_VIN}, given=papers(**other))
    shops[0].sync()
    shops[1].sync()
    mended = papers("99427000000316294884", **other)

    def mend():
        assert shops[1].api.put(f"/claims/{second.json['claim_id']}/papers", mended).status == 200
        assert shops[1].sync().parked == ()
        found = run_in(city.engine, lambda db: claims.find(db, second.json["claim_id"]))
        return found["verdict"], found["code"]

    assert mend() == ("rejected", "budget_exhausted")
    pools.grant(city, pool_id, fen=1_200_000, because=BECAUSE, now=clock())
    assert mend() == ("accepted", None)
    assert parts(city, pool_id) == (0, 0, 2_400_000)
    sound(city)


def test_nobody_fills_a_pool_by_claiming_less_than_nothing(market):
    with pytest.raises(ValueError, match="subsidy_fen"):
        asked(market, "H-1", 1, "SN-1", subsidy_fen=-1)
    fund(market, CITY, 100)
    with pytest.raises(ValueError, match="never fills"):
        run_in(
            market.engine,
            lambda db: budget.hold(db, "S-0", "H-1", programme="appliance-2026", on="2026-11-20", fen=-1),
        )
    assert parts(market, CITY) == (100, 0, 0)


def test_whatever_happens_nothing_of_the_money_is_lost(city, shops, clock):
    """Forty steps at random: holds, sales, releases, dead tills, offline sales, returns, words, moves."""
    draw = random.Random(1)
    other = fund(city, "appliance-2026/330402/2026-12", 1)["pool_id"]
    fund(city, CITY, 12 * GRANTED)
    fund(city, NANHU, 6 * GRANTED)
    held, sold, spent = [], [], itertools.count()

    def hold(shop):
        number = next(spent)
        token = shop.api.voucher({**ANNA, "id_number": nth_id_number(number)})["token"]
        answer = shop.api.try_hold(token, serial_no=f"SN-{number}", price_fen=610_000)
        assert answer.status == 201 or answer.codes == ["budget_exhausted"], answer.json
        return [(shop, answer.json)] if answer.status == 201 else []

    def step(shop):
        what = draw.choice("hhhsssroocwxm")
        if what == "h":
            held.extend(hold(shop))
        elif what == "s" and held:
            owner, taken = held.pop(draw.randrange(len(held)))
            answer = owner.api.try_redeem(taken)
            sold.extend([(owner, answer.json)] if answer.status == 201 else [])
        elif what == "r" and held:
            owner, taken = held.pop()
            owner.api.post(f"/holds/{taken['hold_id']}/release", {"reason": "x"})
            owner.line._tend()
        elif what == "o":
            shop.line._errors = 3
            sold.extend((owner, owner.api.redeem(taken)) for owner, taken in hold(shop))
            shop.line._errors = 0
        elif what == "c":
            clock.pass_by(minutes=draw.choice([1, 30, 60 * 25]))
            shop.api.sweep()
        elif what == "w" and sold:
            owner, one = sold.pop(draw.randrange(len(sold)))
            owner.api.post(f"/redemptions/{one['redemption_id']}/reverse", {"kind": "full", "reason": "x"})
        elif what == "x" and sold:
            found = run_in(city.engine, lambda db: claims.find(db, draw.choice(sold)[1]["redemption_id"]))
            word, code = draw.choice(
                [("rejected", "serial_used"), ("suspended", "identity_missing"), ("accepted", None)]
            )
            if found is not None:
                with contextlib.suppress(Conflict):
                    run_in(
                        city.engine,
                        lambda db: rejudge(
                            db, found["outlet"], found["redemption_id"], Judgement(word, code), now=clock()
                        ),
                    )
        elif what == "m":
            with contextlib.suppress(Conflict):
                ends = draw.sample([NANHU, other], 2)
                pools.move(city, *ends, fen=draw.randint(1, GRANTED), because=BECAUSE, now=clock())
        if draw.random() < 0.4:
            shop.sync()

    for _ in range(40):
        step(draw.choice(shops))
        for pool_id in (CITY, NANHU, other):
            parts(city, pool_id)
        sound(city)
    for shop in shops:
        shop.line._tend()
        shop.sync()
    assert parts(city, CITY)[2] > 0, "something was sold"
    sound(city)


def test_a_till_whose_programme_is_not_the_citys_is_refused(market):
    forged = asked(market, "H-1", 1, "SN-1", programme="appliance-2025")
    assert [one["code"] for one in freezing.hold(market, "S-0", forged, kid=None, now=NOON).refusals] == [
        "no_programme"
    ]


def test_a_coupon_before_its_moment_is_refused_by_the_citys_own_clock(market):
    coupon = {
        "category": "consumption_coupon",
        "unit_class": "consumption_coupon:may-50",
        "programme": "coupon-2025",
        "business_date": "2025-05-02",
        "subsidy_fen": 5_000,
    }
    moment = datetime(2025, 5, 1, 2, tzinfo=UTC)
    request: HoldRequest = asked(market, "H-1", 1, None, **coupon)
    early = freezing.hold(market, "S-0", request, kid=None, now=moment - timedelta(seconds=1)).refusals
    assert [one["code"] for one in early] == ["coupon_not_open"]
    assert freezing.hold(market, "S-0", request, kid=None, now=moment).refusals == []


def test_the_commands_open_list_move_and_show(city, tmp_path):
    said = ["--by", "lin", "--why", "第四季度", "--clause", "嘉商〔2026〕1号", "--json"]
    data = ["--data", str(tmp_path / "hub")]

    def call(*arguments):
        done = CliRunner().invoke(hub_command, ["pool", *arguments], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return json.loads(done.output)

    for period in ("2026-11", "2026-12"):
        about = ["--programme", "appliance-2026", "--region", "330402", "--period", period]
        opened = call("open", *data, *about, "--yuan", "1,000.50", "--warn-at", "80", *said)
        assert (opened["left_fen"], opened["warn_percent"]) == (100_050, 80)
    call("grant", *data, NANHU, "--yuan", "1", *said)
    moved = call("move", *data, NANHU, "appliance-2026/330402/2026-12", "--yuan", "0.5", *said)
    assert moved["from"]["left_fen"] == 100_100
    assert call("warn", *data, NANHU, "--at", "90", *said)["warn_percent"] == 90
    assert call("warn", *data, NANHU, *said)["warn_percent"] is None
    assert [one["left_fen"] for one in call("list", *data, "--json")["pools"]] == [100_100, 100_100]
    shown = call("show", *data, NANHU, "--json")
    assert [one["what"] for one in shown["decisions"]] == ["granted", "granted", "moved", "warned", "warned"]
    assert [one["warn_percent"] for one in shown["decisions"]] == [80, None, None, 90, None]
    plain = CliRunner().invoke(hub_command, ["pool", "show", *data, NANHU])
    assert "1001.00 = 剩余" in plain.output and "lin: 第四季度" in plain.output
    with pytest.raises(Invalid, match="amount_invalid"):
        CliRunner().invoke(
            hub_command, ["pool", "grant", *data, NANHU, "--yuan", "1.234", *said], catch_exceptions=False
        )


def test_periods_are_the_days_they_say():
    assert [str(day) for day in periods.days_of("2026-W47")] == ["2026-11-16", "2026-11-22"]
    assert [str(day) for day in periods.days_of("2028-02")] == ["2028-02-01", "2028-02-29"]
    assert [str(day) for day in periods.days_of("2026")] == ["2026-01-01", "2026-12-31"]
    for wrong in ("", "2026-1", "2026-00", "2026-W00", "0000", "2026-11-20", "２０２６"):
        with pytest.raises(Invalid, match="period_invalid"):
            periods.days_of(wrong)


def pages(shop):
    demo = json.loads((shop.folder.path / "demo.json").read_text("utf-8"))["cashier"]
    browser = Browser(shop.api.client.application)
    browser.get("/sign-in")
    browser.send("/sign-in", username=demo["username"], password=demo["password"])
    return browser


def test_a_shop_is_told_at_the_configured_share_before_the_hard_stop(city, shops, clock):
    """HB-15: 'used up' is said only when the pool is."""
    fund(city, NANHU, 3 * GRANTED, warn=60)
    chinese, english = pages(shops[0]), pages(shops[0])

    def band():
        return chinese.get("/till"), english.get("/till?lang=en")

    def bands_say(zh, en):
        return [said in page for said, page in zip((zh, en), band(), strict=True)]

    shops[0].api.sell(PERSONS[0], serial_no="SN-0")
    assert bands_say("strip doubt budget", "strip doubt budget") == [False, False], "a third is gone"
    shops[0].api.sell(PERSONS[1], serial_no="SN-1")
    assert bands_say("补贴资金只剩 915.00 元", "has 915.00 yuan left") == [True, True]
    assert "家电以旧换新补贴（2026）" in band()[0] and "Nanhu, Jiaxing, 2026-11" in band()[1]
    shops[1].sync()
    assert "补贴资金只剩 915.00 元" in pages(shops[1]).get("/till"), "the feed tells the others"
    assert "budget" not in shops[0].api.client.get("/readyz").json
    held = shops[0].api.hold(shops[0].api.voucher(PERSONS[2])["token"], serial_no="SN-2")
    assert bands_say("补贴资金已用完", "is spent; nothing new can be granted") == [True, True]
    refused = shops[0].api.try_hold(shops[0].api.voucher(PERSONS[3])["token"], serial_no="SN-3")
    assert refused.codes == ["budget_exhausted"]
    shops[0].api.post(f"/holds/{held['hold_id']}/release", {"reason": "x"})
    pools.grant(city, NANHU, fen=10 * GRANTED, because=BECAUSE, now=clock())
    shops[0].line._tend()
    shops[0].sync()
    assert bands_say("strip doubt budget", "strip no budget") == [False, False], "there is enough again"


def test_a_till_that_knows_a_pool_is_spent_sells_nothing_from_it_offline(city, shops, clock):
    """Else the night rejects what the shop has already given away."""
    fund(city, NANHU, GRANTED)
    fund(city, "appliance-2026/330402/2026-12", GRANTED)
    shops[0].api.sell(ANNA)
    assert shops[1].api.try_hold(shops[1].api.voucher(BAO)["token"], serial_no="SN-2").codes == [
        "budget_exhausted"
    ]
    shops[1].line._errors = 3
    refused = shops[1].api.try_hold(shops[1].api.voucher(PERSONS[2])["token"], serial_no="SN-3")
    assert (refused.status, refused.codes) == (422, ["budget_exhausted"])
    clock.now = datetime(2026, 12, 1, 4, tzinfo=UTC)
    sold = offline_sale(shops[1], PERSONS[3], "SN-4")
    shops[1].sync()
    assert verdict(shops[1], sold) == ("accepted", None), "December's pool is another"


def test_sales_on_two_days_come_from_two_months(city, shops, clock):
    fund(city, NANHU, GRANTED)
    fund(city, "appliance-2026/330402/2026-12", GRANTED)
    sold = shops[0].api.sell(ANNA)
    shops[0].sync()
    clock.pass_by(days=14)
    shops[0].api.sell(BAO, serial_no="SN-2")
    shops[0].sync()
    shops[0].api.post(f"/redemptions/{sold['redemption_id']}/reverse", {"kind": "full", "reason": "x"})
    shops[0].sync()
    assert parts(city, NANHU) == (GRANTED, 0, 0), "it went back to November"
    assert parts(city, "appliance-2026/330402/2026-12") == (0, 0, GRANTED)
    sound(city)


def test_the_office_reads_when_the_shops_are_told_was_decided_anew(city, clock):
    fund(city, NANHU, 1_000_000)
    for percent in (85, None):
        pools.warn(city, NANHU, percent=percent, because=BECAUSE, now=clock())
    hire(city)
    page = Desk(office_pages(city, clock)).sign_in().get(f"/budgets/{NANHU}")
    assert "用到 85% 起提醒门店" in page and "用完前不提醒门店" in page
    assert "调入" not in page


def test_the_office_sees_that_a_pool_runs_low_as_the_shops_do(city, clock, shops):
    fund(city, NANHU, 2 * GRANTED)
    pools.warn(city, NANHU, percent=50, because=BECAUSE, now=clock())
    hire(city)
    desk = Desk(office_pages(city, clock)).sign_in()
    assert "已提醒门店" not in desk.get("/budgets")
    shops[0].api.sell()
    shops[0].sync()
    assert pools.show(city, NANHU)["is_low"]
    assert "已用 50% 以上，已提醒门店" in desk.get("/budgets")
