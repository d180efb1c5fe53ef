"""Each slot of a person's units is occupied once; holds and claims take, keep and give back."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from pos_subsidy.domain import journal
from pos_subsidy.hub import audit, live
from pos_subsidy.hub.judgement import Judgement, rejudge
from pos_subsidy.hub.store import claims, person_units, rows
from pos_subsidy.hub.store.db import run
from pos_subsidy.hub.store.schema import claim, hold
from pos_subsidy.hub.store.schema_units import unit
from tests.hub.books import Till
from tests.support import NOON


@pytest.fixture
def tills(city):
    return [Till(city, name, NOON) for name in ("DEMO-A", "DEMO-B")]


def occupied(city):
    """Return (slot, hold, is it for good) of every unit, by slot."""
    chosen = select(unit.c.slot, unit.c.hold_id, unit.c.kept_until.is_(None)).order_by(unit.c.slot)
    return run(city.engine, lambda db: [(slot, name, bool(good)) for slot, name, good in db.execute(chosen)])


def verdict(city, body):
    found = run(city.engine, lambda db: claims.find(db, body["redemption_id"]))
    return found["verdict"], found["code"]


def audited(city, *tills):
    return audit.audit(city, [receipt for till in tills for receipt in till.receipts])


def unpay(db, hold_id):
    """Make a hold one that was not paid yet."""
    mine = hold.update().where(hold.c.hold_id == hold_id)
    until = db.execute(mine.values(status="held").returning(hold.c.expires_at)).scalar_one()
    db.execute(unit.update().where(unit.c.hold_id == hold_id).values(kept_until=until))


WHO = {"person": "p", "programme": "x", "unit_class": "y"}


def test_the_database_itself_gives_a_slot_once(city):
    taken = {**WHO, "outlet": "A", "kept_until": None}
    run(city.engine, lambda db: db.execute(unit.insert().values(**taken, slot=1, hold_id="H-1")))
    for other in ({"slot": 1, "hold_id": "H-2"}, {"slot": 0, "hold_id": "H-2"}):
        with pytest.raises(IntegrityError), city.engine.begin() as db:
            db.execute(unit.insert().values(**{**taken, **other}))


def test_the_lowest_free_slot_is_taken_and_a_hold_keeps_its_own(city):
    def act(db):
        for hold_id in ("H-1", "H-2", "H-3"):
            person_units.take(db, WHO, outlet="A", hold_id=hold_id, kept_until="2026")
        person_units.release(db, "p", outlet="A", hold_id="H-1")
        person_units.take(db, WHO, outlet="A", hold_id="H-2")
        person_units.take(db, WHO, outlet="B", hold_id="H-4")

    run(city.engine, act)
    assert occupied(city) == [(1, "H-4", True), (2, "H-2", True), (3, "H-3", False)]


def test_a_hold_becomes_a_claim_in_its_slot_and_comes_back(city, tills):
    sold = tills[0].sell("1", is_held=True)
    tills[0].deliver()
    assert occupied(city) == [(1, sold["hold_id"], True)]
    tills[0].take_back(sold)
    tills[0].deliver()
    assert occupied(city) == []
    assert audited(city, tills[0]) == []


def test_an_unpaid_hold_gives_its_unit_back_and_a_paid_one_keeps_it(city, tills):
    paid, unpaid = (tills[0].sell(name, is_held=True)["hold_id"] for name in "12")
    run(city.engine, lambda db: unpay(db, unpaid))
    for hold_id in (paid, unpaid):
        live.cancel(city, "DEMO-A", hold_id, now=NOON)
    assert occupied(city) == [(1, paid, True)]


def test_a_sale_made_offline_stands_beside_an_unpaid_hold_and_has_a_slot(city, tills):
    body = tills[0].sell("1", is_held=True)
    run(city.engine, lambda db: unpay(db, body["hold_id"]))
    other = tills[1].sell("1")
    third = tills[1].sell("1")
    tills[1].deliver()
    assert (verdict(city, other), verdict(city, third)) == (
        ("accepted", None),
        ("rejected", "units_exhausted"),
    )
    assert occupied(city) == [(1, body["hold_id"], False), (2, other["hold_id"], True)]
    tills[0].deliver()
    assert verdict(city, body) == ("accepted", None), "it was granted before money moved"
    assert occupied(city) == [(1, body["hold_id"], True), (2, other["hold_id"], True)]


SECONDS = {
    "the same": {},
    "another piece": {"serial_no": "SN-OTHER"},
    "another class": {
        "serial_no": "SN-OTHER",
        "category": "washing_machine",
        "unit_class": "washing_machine",
    },
    "no such class": {"category": "x"},
}


@pytest.mark.parametrize("second", SECONDS)
@pytest.mark.parametrize("is_held", [True, False])
@pytest.mark.parametrize("is_one_batch", [True, False])
@pytest.mark.parametrize("is_good", [True, False])
def test_a_hold_is_claimed_once_and_nothing_moves_what_it_has(
    city, tills, second, is_held, is_one_batch, is_good
):
    if not is_good:
        tills[1].sell("2", serial="SN-1")
        tills[1].deliver()
    sold = tills[0].sell("1", is_held=is_held and is_good, serial="SN-1")
    if not is_one_batch:
        tills[0].deliver()
    again = {**sold, "redemption_id": "R-AGAIN", "order_no": "O-AGAIN", **SECONDS[second]}
    tills[0].add("redeemed", again)
    tills[0].take_back(again)
    tills[0].deliver(parked=2)

    assert verdict(city, sold) == (("accepted", None) if is_good else ("rejected", "serial_used"))
    assert run(city.engine, lambda db: claims.find(db, "R-AGAIN")) is None
    parked = run(city.engine, lambda db: rows.parked(db, "DEMO-A"))
    assert [one["why"] for one in parked] == ["hold_claimed", "redemption_unknown"]
    taken = [sold["hold_id"]] if is_good else []
    assert [hold_id for _, hold_id, _ in occupied(city) if hold_id.startswith("H-DEMO-A")] == taken
    assert audited(city, *tills) == []


def test_a_claim_after_purchase_takes_no_number_of_a_hold(city, tills):
    sold = tills[0].sell("1", is_held=True)
    claimed = {**sold, "redemption_id": sold["hold_id"], "claim_id": sold["hold_id"]}
    tills[0].entries, tills[0].seq, tills[0].head = [], 0, journal.GENESIS_HASH
    tills[0].add("claim_submitted", claimed)  # while the hold runs
    tills[0].add("redeemed", sold)
    tills[0].add("claim_submitted", claimed)
    tills[0].deliver(parked=2)
    parked = run(city.engine, lambda db: rows.parked(db, "DEMO-A"))
    assert [(one["seq"], one["why"]) for one in parked] == [(1, "hold_claimed"), (3, "hold_claimed")]
    assert verdict(city, sold) == ("accepted", None)
    assert audited(city, tills[0]) == []


def test_a_claim_after_purchase_takes_no_number_of_a_sale_without_hold(city, tills):
    sold = tills[0].sell("1")
    claimed = {**sold, "redemption_id": sold["hold_id"], "claim_id": sold["hold_id"], "sold_on": "2026-11-20"}
    tills[0].add("claim_submitted", claimed)
    tills[0].deliver(parked=1)
    assert run(city.engine, lambda db: claims.find(db, claimed["redemption_id"])) is None


def test_what_was_booked_twice_before_is_moved_by_the_claim_that_stands_alone(city, tills):
    """Hubs of before took two claims under one number."""
    stands, rejected = tills[0].sell("1"), tills[0].sell("1")
    tills[0].deliver()
    assert verdict(city, rejected) == ("rejected", "units_exhausted")
    both = claim.update().where(claim.c.redemption_id == rejected["redemption_id"])
    run(city.engine, lambda db: db.execute(both.values(hold_id=stands["hold_id"])))
    tills[0].take_back(rejected)
    tills[0].deliver()
    assert occupied(city) == [(1, stands["hold_id"], True)]


def test_a_claim_in_anothers_name_gives_the_holders_unit_back(city, tills):
    held = tills[0].sell("1", is_held=True)
    other = tills[0].sell("2")
    tills[0].entries, tills[0].seq = [], 0
    tills[0].head = journal.GENESIS_HASH
    tills[0].add("redeemed", {**held, "commitment": other["commitment"]})
    tills[0].deliver()
    assert verdict(city, held) == ("accepted", None)
    people = run(city.engine, lambda db: db.execute(select(unit.c.person)).scalars().all())
    claimed = run(city.engine, lambda db: claims.find(db, held["redemption_id"])["person"])
    assert people == [claimed]


def test_what_came_back_stays_free_whatever_is_said_afterwards(city, tills):
    sold = tills[0].sell("1", wrong_fen=5)
    tills[0].take_back(sold)
    tills[0].deliver()
    number = sold["redemption_id"]
    run(city.engine, lambda db: rejudge(db, "DEMO-A", number, Judgement("accepted"), now=NOON))
    assert occupied(city) == []
    assert audited(city, tills[0]) == []


def test_a_rejected_claim_gives_its_unit_back_and_takes_it_again(city, tills):
    sold = tills[0].sell("1")
    tills[0].deliver()
    for word, code, slots in (("rejected", "review_invoice", []), ("accepted", None, [1])):
        judged = Judgement(word, code)
        run(city.engine, lambda db: rejudge(db, "DEMO-A", sold["redemption_id"], judged, now=NOON))  # noqa: B023
        assert [slot for slot, _, _ in occupied(city)] == slots


def test_a_hold_whose_time_is_over_is_in_nobodys_way(city, tills):
    body = tills[0].sell("1", is_held=True)
    run(city.engine, lambda db: unpay(db, body["hold_id"]))
    tills[1].now = NOON + timedelta(hours=25)
    sold = tills[1].sell("1", is_held=True, serial=body["serial_no"])
    assert [(slot, name) for slot, name, _ in occupied(city)] == [(1, sold["hold_id"])]
    assert live.query(city, "DEMO-A", body["hold_id"]) == "expired"
