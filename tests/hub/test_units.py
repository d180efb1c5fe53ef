"""Each slot of a person's units is occupied once; holds and claims take, keep and give back."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from pos_subsidy.domain import journal
from pos_subsidy.errors import Conflict
from pos_subsidy.hub import appeals, audit, live, review
from pos_subsidy.hub.judgement import Judgement, rejudge
from pos_subsidy.hub.store import claims, person_units
from pos_subsidy.hub.store.db import run
from pos_subsidy.hub.store.schema import hold
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


def appeal(city, body):
    """Return the row by which a shop appeals against the city's word on a claim."""
    found = run(city.engine, lambda db: claims.find(db, body["redemption_id"]))
    against = {name: found[name] for name in ("redemption_id", "verdict", "code", "judged_at")}
    return {**against, "appeal_id": "A-1", "words": "另一件商品", "files": []}


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


@pytest.mark.parametrize("is_held", [True, False])
def test_a_hold_is_claimed_once(city, tills, is_held):
    sold = tills[0].sell("1", is_held=is_held)
    tills[0].deliver()
    again = {**sold, "redemption_id": "R-AGAIN", "order_no": "O-AGAIN"}
    tills[0].add("redeemed", again)
    tills[0].deliver()
    assert verdict(city, sold) == ("accepted", None)
    assert verdict(city, again) == ("rejected", "hold_claimed")
    assert audited(city, tills[0]) == [], "the first keeps its piece"


@pytest.mark.parametrize("is_held", [True, False])
@pytest.mark.parametrize("is_one_batch", [True, False])
def test_a_hold_occupies_one_unit_whatever_classes_are_claimed_under_it(city, tills, is_held, is_one_batch):
    sold = tills[0].sell("1", is_held=is_held)
    if not is_one_batch:
        tills[0].deliver()
    again = {**sold, "redemption_id": "R-AGAIN", "order_no": "O-AGAIN", "serial_no": "SN-OTHER"}
    tills[0].add("redeemed", again | {"category": "washing_machine", "unit_class": "washing_machine"})
    tills[0].deliver()
    assert (verdict(city, sold), verdict(city, {"redemption_id": "R-AGAIN"})) == (
        ("accepted", None),
        ("rejected", "hold_claimed"),
    )
    first = run(city.engine, lambda db: claims.find(db, "R-AGAIN"))
    assert json.loads(first["params"])["redemption_id"] == sold["redemption_id"]
    tills[0].take_back(again)
    tills[0].deliver()
    assert occupied(city) == [(1, sold["hold_id"], True)]
    assert audited(city, tills[0]) == []


def test_of_two_claims_of_a_hold_an_appeal_brings_none_beside_the_other(city, tills):
    sold = tills[0].sell("1", wrong_fen=5)
    tills[0].deliver()
    review.decide(
        city, sold["redemption_id"], "rejected", by="lin", now=NOON, reason="review_serial_unreadable"
    )
    again = {**sold, "redemption_id": "R-AGAIN", "order_no": "O-AGAIN"}
    tills[0].add("redeemed", again)
    tills[0].add("appeal_made", appeal(city, sold))
    tills[0].deliver()
    assert verdict(city, again) == ("suspended", "subsidy_differs")
    granted = {"reason": "appeal_proof_convinces", "by": "wu", "now": NOON}
    with pytest.raises(Conflict) as twice:
        appeals.decide(city, "A-1", "granted", **granted)
    assert (twice.value.code, twice.value.params["redemption_id"]) == ("hold_claimed", "R-AGAIN")
    assert audited(city, tills[0]) == []


def test_people_may_grant_the_second_claim_of_a_hold_a_unit_of_its_own(city, tills):
    sold = tills[0].sell("1")
    again = {**sold, "redemption_id": "R-AGAIN", "order_no": "O-AGAIN", "serial_no": "SN-OTHER"}
    again |= {"category": "washing_machine", "unit_class": "washing_machine"}
    tills[0].add("redeemed", again)
    tills[0].deliver()
    assert verdict(city, again) == ("rejected", "hold_claimed")
    tills[0].add("appeal_made", appeal(city, again))
    tills[0].deliver()
    appeals.decide(city, "A-1", "granted", reason="appeal_proof_convinces", by="wu", now=NOON)
    assert (verdict(city, sold), verdict(city, again)) == (("accepted", None), ("accepted", None))
    assert occupied(city) == [(1, sold["hold_id"], True), (1, "R-AGAIN", True)]
    tills[0].take_back(again)
    tills[0].deliver()
    assert occupied(city) == [(1, sold["hold_id"], True)]
    assert audited(city, tills[0]) == []


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
