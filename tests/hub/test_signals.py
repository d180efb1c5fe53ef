"""Planted patterns are found with their figures; honest days raise nothing; no signal is a verdict."""

import json
from collections import deque
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from pos_subsidy.domain import words
from pos_subsidy.domain.signal_case import Filed, Picture
from pos_subsidy.domain.signals import LIMITS, signals
from pos_subsidy.hub import catalogue
from pos_subsidy.hub import signals as hub_signals
from pos_subsidy.hub.office_log import By
from pos_subsidy.hub.store.db import run as run_in
from pos_subsidy.policy import load_rulebook
from pos_subsidy.store import journal
from tests.hub.signal_city import DAY, at, honest, sale
from tests.support import FRIDGE, nth_person, run

CONTROLS = load_rulebook().signals
WINDOW = 30


def moved(days=0, **span):
    return at("10:00", DAY - timedelta(days)) + timedelta(**span)


def tied(kind, count, **more):
    """Many persons behind one thing, a day between each."""
    return [sale(n, moved(n), ties={kind: "the same"}, **more) for n in range(count - 1, -1, -1)]


def taken_back(number, days_ago, **more):
    return sale(number, moved(days_ago), reversed_at=moved(days_ago, hours=5), **more)


def other_shops(count, **more):
    return [sale(900 + n, moved(n % 9, minutes=n), "S2", **more) for n in range(count)]


def in_order(*sales):
    return sorted(sales, key=lambda one: one.at)


# Code -> what somebody did, and figures that have to be in what is said.
PLANTED = {
    "signal_till_burst": ([sale(n, moved(seconds=40 * n)) for n in range(12)], ("12", "8")),
    "signal_person_burst": ([sale(n, moved(9 - n), person="one") for n in range(7)], ("7", "30", "5")),
    "signal_shop_surge": (
        in_order(
            *(sale(n, moved(1 + n % 12, minutes=n)) for n in range(36)),
            *(sale(100 + n, moved(minutes=15 * n)) for n in range(34)),
        ),
        ("34", "400", DAY.isoformat()),
    ),
    "signal_ring_phone": (tied("phone", 5), ("5", "3", "30")),
    "signal_ring_address": (tied("address", 8), ("8", "6", "30")),
    "signal_ring_device": (tied("device", 6), ("6", "3", "30")),
    "signal_ring_payment": (tied("payment", 2), ("2", "1", "30")),
    "signal_rounds": (
        [taken_back(1, 6, person="x"), taken_back(2, 4, person="x"), sale(3, moved(2), person="x")],
        ("2", "7", "1"),
    ),
    "signal_off_hours": ([sale(n, at("02:30", DAY - timedelta(n))) for n in range(6, 0, -1)], ("6", "100%")),
    "signal_two_places": (
        [sale(1, moved(), person="x"), sale(2, moved(minutes=4), "S3", person="x")],
        ("4", "15", "S1", "S3"),
    ),
    "signal_far_away": (
        [sale(n, moved(9 - n), delivered_to="440300" if n % 2 else "330402") for n in range(10)],
        ("5/10", "50%"),
    ),
    "signal_back_filled": (
        [sale(n, moved(9, minutes=17 * n), received_at=moved(1)) for n in range(25)],
        ("25/25", "72", "20"),
    ),
    "signal_cap_crowd": (
        in_order(
            *(sale(n, moved(n), price_fen=1_000_000 + n, gtin=None) for n in range(12)),
            *(sale(50 + n, moved(n, hours=1), gtin=None) for n in range(8)),
            *(sale(980 + n, moved(n, hours=2), "S2", price_fen=1_000_000, gtin=None) for n in range(5)),
            *other_shops(15, gtin=None),
        ),
        ("12/20", "60%", "25%", "40%"),
    ),
    "signal_price_moved": (
        in_order(*(sale(n, moved(2 + n)) for n in range(6)), sale(9, moved(), price_fen=504_000)),
        ("5040.00", "4200.00", "20%", "15%"),
    ),
    "signal_price_over_city": (
        in_order(*(sale(n, moved(n), price_fen=546_000) for n in range(6)), *other_shops(9)),
        ("5460.00", "4200.00", "30%", "20%"),
    ),
    "signal_filing_raised": ([sale(1, moved(1), price_fen=460_000)], ("4000.00", "4800.00", "20%", "10%")),
}
FILED = {"refrigerator-1": [Filed(DAY - timedelta(200), 400_000), Filed(DAY - timedelta(5), 480_000)]}


def found_in(sales, filings=None, on=DAY):
    return signals(Picture(sales, filings or {}), CONTROLS, on=on)


def test_every_pattern_is_planted_and_has_figures_in_the_packs():
    assert set(PLANTED) == set(LIMITS)
    for on in (date(2025, 1, 1), DAY, date(2026, 12, 31)):
        assert sorted(one.code for one in CONTROLS if one.is_in_force(on)) == sorted(LIMITS)
    assert all(one.source.cited and not one.stops for one in CONTROLS)


@pytest.mark.parametrize("code", sorted(PLANTED))
def test_a_planted_pattern_is_found_alone_and_says_what_it_saw_and_compared(code):
    sales, figures = PLANTED[code]
    filings = FILED if code == "signal_filing_raised" else None
    (seen,) = found_in(sales, filings)
    assert (seen.code, set(seen.redemption_ids) <= {one.redemption_id for one in sales}) == (code, True)
    assert seen.weight > 1000 and seen.clause
    spoken = words.say(code, seen.seen)
    for sentence in (spoken.detail_zh, spoken.detail_en, spoken.next_step_zh, spoken.next_step_en):
        assert sentence and "?" not in sentence.replace("customers there?", "") and "{" not in sentence
    for figure in figures:
        assert figure in spoken.detail_zh, spoken.detail_zh
        assert figure.replace("%", " %") in spoken.detail_en.replace(" of ", "/"), spoken.detail_en


@pytest.mark.parametrize("code", sorted(PLANTED))
def test_a_pattern_at_its_limit_is_no_signal(code):
    """With the threshold moved to what was seen, nothing is said."""
    sales, _figures = PLANTED[code]
    filings = FILED if code == "signal_filing_raised" else {}
    (seen,) = found_in(sales, filings)
    control = next(one for one in CONTROLS if one.code == code and one.is_in_force(DAY))
    name = next(one for one in ("most", "percent", "minutes") if one in control.limits)
    # What was seen, as whole as it was before it became a weight.
    looser = -(-seen.weight * control.limits[name] // 1000)
    looser = {"signal_shop_surge": 2_000, "signal_two_places": 4}.get(code, looser)
    mild = replace(control, limits={**control.limits, name: looser})
    assert signals(Picture(sales, filings), [mild], on=DAY) == []


INNOCENT = {
    "a round a month is bad luck": in_order(
        *(taken_back(n, 25 * n, person="x") for n in (3, 2, 1)), sale(0, moved(), person="x")
    ),
    "one phone, but over a year": [sale(n, moved(60 * n), ties={"phone": "f"}) for n in range(5, -1, -1)],
    "a family buys, one thing a month": [sale(n, moved(31 * n), person="x") for n in range(8, -1, -1)],
    "what was taken back shares nothing": [
        sale(n, moved(n), ties={"phone": "f"}, reversed_at=moved()) for n in range(6, -1, -1)
    ],
    "two shops of one district": [sale(1, moved(), person="x"), sale(2, moved(minutes=4), person="x")],
    "dear goods far above the cap": [
        sale(n, moved(n % 9), price_fen=1_300_000, gtin=None) for n in range(15)
    ],
}


@pytest.mark.parametrize("what", sorted(INNOCENT))
def test_an_innocent_neighbour_of_a_pattern_is_no_signal(what):
    assert found_in(in_order(*INNOCENT[what])) == []


def test_the_strangest_come_first_and_the_dearest_of_equals():
    mild, strong = tied("phone", 4), [replace(one, ties={"phone": "z"}) for one in tied("phone", 9)]
    found = found_in(in_order(*mild, *strong))
    assert [one.seen["count"] for one in found] == [9, 4]


def test_a_thousand_honest_days_raise_no_alarm():
    window = deque(maxlen=WINDOW)
    sold = back = 0
    found = []
    for place, day in enumerate(honest(1_000, seed=20_261_120), start=1):
        window.append(day)
        sold, back = sold + len(day), back + sum(one.reversed_at is not None for one in day)
        if place % 10 == 0:  # every day lies in three windows
            found += [(one.code, one.seen) for one in found_in([one for days in window for one in days])]
    assert found == []
    assert sold > 8_000 and back > 200, "they are no empty days"


def test_signals_over_stored_rows_change_no_verdict(shops, city, clock, tmp_path, capsys):
    """One phone behind five persons, four of them sold within a minute: seen, and nothing else happens."""
    for place in range(5):
        person = {**nth_person(place), "phone": "13800009999"}
        shops[place % 2].api.sell(person, serial_no=f"SN-{place}", order_no=f"O-{place}")
    for shop in shops:
        assert shop.sync().complete
    before = everything(city)
    found = hub_signals.look(city, now=clock(), filings=None)
    ring = next(one for one in found if one.code == "signal_ring_phone")
    assert (ring.seen["count"], ring.seen["shops"], len(ring.redemption_ids)) == (5, 2, 5)
    assert everything(city) == before, "a signal writes no verdict and says none"
    kept = run_in(city.engine, lambda db: db.execute(text("SELECT phone FROM identity_tie")).scalars().all())
    assert len(set(kept)) == 1 and "13800009999" not in kept[0], "only its keyed hash is kept"
    assert hub_signals.look(city, now=clock()) == found, "looking again sees the same"
    run("hub", "signals", "--data", str(tmp_path / "hub"), "--since", "2026-11-01", "--json")
    told = json.loads(capsys.readouterr().out)["signals"]
    one = next(one for one in told if one["code"] == "signal_ring_phone")
    assert one["is_verdict"] is False and "5 人共用同一手机号" in one["message_zh"] and one["clause"]
    run("hub", "signals", "--data", str(tmp_path / "hub"), "--since", "2026-11-01")
    assert "都不是审核结果" in capsys.readouterr().out
    assert [shop.api.get("/redemptions?business_date=2026-11-20").status for shop in shops] == [200, 200]
    assert everything(city) == before


def test_one_row_that_cannot_be_read_hides_no_other(shops, city, clock):
    """A shop signs what it likes."""
    shop = shops[0]
    for place in range(5):
        person = {**nth_person(place), "phone": "13800009999"}
        number = shop.api.sell(person, serial_no=f"SN-{place}", order_no=f"O-{place}")["redemption_id"]
    sign_odd_evidence(shop, number)
    shop.sync()
    odd = "UPDATE row SET body = replace(body, :old, :new) WHERE kind = 'redeemed' AND seq < 5"
    told = {"old": '"payments":[', "new": '"payments":[7,'}
    run_in(city.engine, lambda db: db.execute(text(odd), told))
    ring = next(one for one in hub_signals.look(city, now=clock()) if one.code == "signal_ring_phone")
    assert ring.seen["count"] == 4


def sign_odd_evidence(shop, number):
    """Let a shop sign evidence of shapes that no till of ours writes."""
    for parts in ("x", [1], [{"part": "delivery_note", "content": 3}], [{"part": [], "content": {}}], None):
        body = {"redemption_id": number, "order_no": "O-4", "parts": parts, "till": "", "cashier": ""}
        with pytest.MonkeyPatch.context() as careless:
            careless.setattr("pos_subsidy.store.state.apply", lambda *_: None)
            keys = shop.wired.shop.keyring
            journal.append(shop.db, "evidence_given", body, at=shop.clock(), sign=keys.sign)


def everything(city):
    """Return every word said and every claim as it stands."""

    def read(db):
        return [
            db.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2")).fetchall()
            for table in ("claim", "verdict", "review_step", "hold", "piece", "ledger_entry", "outlet")
        ]

    return run_in(city.engine, read)


def test_nothing_that_judges_or_pays_knows_of_signals():
    """The proof that no signal becomes a verdict by itself: no arrow leads there."""
    import ast
    from pathlib import Path

    from pos_subsidy import hub

    for path in Path(hub.__file__).parent.rglob("*.py"):
        if path.stem in ("signals", "signal_rows", "schema_signal", "db") or path.parent.name == "web":
            continue
        names = {
            alias.name
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        } | {
            str(node.module)
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.ImportFrom)
        }
        assert not any("signal" in name for name in names), path.name


def test_a_price_filed_higher_before_sales_is_seen_by_the_citys_own_catalogue(shops, city, clock):
    """The hub's own history of filed prices is looked at, nobody hands in a list."""
    officer = By("zhao", "administrator")
    told = f"条码,品类,备案价\n{FRIDGE},冰箱,5000\n".encode()
    about = {"why": "示例备案文件", "by": officer}
    catalogue.load(city, "x.csv", told, since=date(2026, 10, 1), **about, now=clock())
    catalogue.file_price(city, FRIDGE, 610_000, since=date(2026, 11, 21), **about, now=clock())
    clock.pass_by(days=2)
    shops[0].api.sell(nth_person(1), serial_no="SN-1")
    shops[0].sync()
    (seen,) = [one for one in hub_signals.look(city, now=clock()) if one.code == "signal_filing_raised"]
    assert (seen.seen["old_fen"], seen.seen["new_fen"], seen.seen["filed_on"]) == (
        500_000,
        610_000,
        "2026-11-21",
    )
