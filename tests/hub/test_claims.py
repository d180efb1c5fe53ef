"""Claims after purchase at the hub: once for each thing and person, recomputed, in time."""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime

import pytest

from pos_subsidy.domain import claims as rules_of_claims
from pos_subsidy.domain import journal as chain
from pos_subsidy.domain.subsidy import Assessment
from pos_subsidy.services import claim_checks
from pos_subsidy.store import persons
from pos_subsidy.store.db import insert
from tests.support import ANNA, BAO, PERSONS
from tests.web.test_claims import CAR, OTHER_VIN, papers, submitted

NEW_INVOICE = "99427000000316294884"


@pytest.fixture(autouse=True)
def in_2026(clock):
    clock.now = datetime(2026, 11, 20, 4, tzinfo=UTC)


def verdict(shop, claim):
    found = shop.api.get(f"/claims/{claim.json['claim_id']}").json
    return found["verdict"], found["verdict_code"]


def test_a_claim_is_judged_and_the_word_comes_back(shops):
    claim = submitted(shops[0].api)
    assert claim.json["verdict"] is None
    assert shops[0].sync().complete
    assert verdict(shops[0], claim) == ("accepted", None)


@pytest.mark.parametrize(
    ("vin", "old_vin", "invoice", "code"),
    [
        (CAR["vin"], "1M8GDM9AXKP042788", NEW_INVOICE, "car_used"),
        (OTHER_VIN, "LGXC16AF3S0000001", NEW_INVOICE, "old_car_used"),
        (OTHER_VIN, "1M8GDM9AXKP042788", "26427000000316294884", "invoice_used"),
    ],
)
def test_of_two_shops_the_first_stored_has_the_thing(shops, vin, old_vin, invoice, code):
    first = submitted(shops[0].api)
    second = submitted(
        shops[1].api, BAO, attributes={**CAR, "vin": vin}, given=papers(invoice, old_car_vin=old_vin)
    )
    assert (first.status, second.status) == (201, 201)
    shops[0].sync()
    shops[1].sync()
    assert verdict(shops[0], first) == ("accepted", None)
    assert verdict(shops[1], second) == ("rejected", code)
    context = shops[1].api.get(f"/claims/{second.json['claim_id']}").json["verdict_context"]
    signed = next(entry for entry in shops[0].entries() if entry.seq == context["first"]["seq"])
    assert context["first"]["signature"] == signed.signature


@pytest.mark.parametrize(
    ("scheme", "code"), [("replacement", "units_exhausted"), ("scrappage", "scheme_conflict")]
)
def test_a_person_has_one_in_the_whole_city(shops, scheme, code):
    submitted(shops[0].api)
    attributes = {**CAR, "vin": OTHER_VIN, "scheme": scheme}
    given = papers(NEW_INVOICE, old_car_vin="1M8GDM9AXKP042788")
    if scheme == "scrappage":
        given = papers(
            NEW_INVOICE,
            codes=("invoice", "registration", "old_car_scrapped", "old_car_registration", "bank_account"),
            old_car_vin="1M8GDM9AXKP042788",
            old_car_first_registered_on="2013-06-30",
        )
    second = submitted(shops[1].api, ANNA, attributes=attributes, given=given)
    assert second.status == 201, second.json
    shops[0].sync()
    shops[1].sync()
    assert verdict(shops[1], second) == ("rejected", code)


def test_a_rejection_frees_car_and_person_at_the_shop(shops):
    submitted(shops[0].api)
    given = papers(NEW_INVOICE, old_car_vin="1M8GDM9AXKP042788")
    second = submitted(shops[1].api, BAO, given=given)
    shops[0].sync()
    shops[1].sync()
    assert verdict(shops[1], second) == ("rejected", "car_used")
    other = submitted(shops[1].api, BAO, attributes={**CAR, "vin": OTHER_VIN}, given=given)
    assert other.status == 201, "unit, old car and invoice are free again"
    shops[1].sync()
    assert verdict(shops[1], other) == ("accepted", None)


def test_a_shop_that_reckons_otherwise_is_suspended_with_both_figures(shops, monkeypatch):
    honest = claim_checks.decide

    def generous(*arguments) -> Assessment:
        outcome = honest(*arguments)
        return replace(outcome, subsidy_fen=outcome.subsidy_fen + 1)

    monkeypatch.setattr(claim_checks, "decide", generous)
    claim = submitted(shops[0].api)
    shops[0].sync()
    assert verdict(shops[0], claim) == ("suspended", "subsidy_differs")
    found = shops[0].api.get(f"/claims/{claim.json['claim_id']}").json["verdict_context"]
    assert (found["expected_fen"], found["claimed_fen"]) == (1_200_000, 1_200_001)


def test_a_correction_is_taken_and_a_suspended_claim_judged_anew(shops, monkeypatch, clock):
    clock.now = datetime(2025, 6, 18, 4, tzinfo=UTC)
    proof = {"old_car_disposed_on": "2025-03-01", "registered_on": "2025-06-18", "day": "2025-06-18"}
    claim = submitted(shops[0].api, given=papers(**proof))
    path = f"/claims/{claim.json['claim_id']}/papers"
    shops[0].sync()
    assert verdict(shops[0], claim) == ("accepted", None)
    corrected = shops[0].api.put(path, {"attributes": {"vin": OTHER_VIN}})
    assert corrected.status == 409, "an accepted claim is not corrected any more"

    kept = persons.sealed
    monkeypatch.setattr("pos_subsidy.services.city_sync.persons.sealed", lambda *_: None)
    other = submitted(
        shops[1].api,
        BAO,
        attributes={**CAR, "vin": OTHER_VIN},
        given=papers(NEW_INVOICE, **{**proof, "old_car_vin": "1M8GDM9AXKP042788"}),
    )
    shops[1].sync()
    assert verdict(shops[1], other) == ("suspended", "identity_missing")
    monkeypatch.setattr("pos_subsidy.services.city_sync.persons.sealed", kept)
    right = {"attributes": {"vin": "WVWZZZ1JZXW000001"}}
    assert shops[1].api.put(f"/claims/{other.json['claim_id']}/papers", right).status == 200
    assert shops[1].sync().parked == ()
    third = submitted(
        shops[0].api,
        PERSONS[2],
        attributes={**CAR, "vin": OTHER_VIN},
        given=papers("77427000000316294884", **{**proof, "old_car_vin": "LFV2A21K8A3000001"}),
    )
    assert third.status == 201, third.json
    shops[0].sync()
    assert verdict(shops[0], third) == ("accepted", None), "the corrected number is free in the whole city"


def test_a_withdrawn_claim_is_off_the_citys_sum_and_its_car_is_free(shops):
    claim = submitted(shops[0].api)
    shops[0].sync()
    shops[0].api.post(f"/claims/{claim.json['claim_id']}/withdraw", {"reason": "退车"})
    assert shops[0].sync().parked == ()
    second = submitted(shops[1].api, BAO, given=papers(NEW_INVOICE))
    shops[1].sync()
    assert verdict(shops[1], second) == ("accepted", None)


PROOF = {"old_car_disposed_on": "2025-03-01", "registered_on": "2025-06-18", "day": "2025-06-18"}


@pytest.fixture
def in_2025(clock):
    clock.now = datetime(2025, 6, 18, 4, tzinfo=UTC)


def test_a_correction_in_the_same_batch_is_judged_too(shops, in_2025, monkeypatch):
    claim = submitted(shops[0].api, given=papers(**PROOF))
    wrong = {"attributes": {"old_car_held_since": "2025-02-01"}}
    path = f"/claims/{claim.json['claim_id']}/papers"
    assert shops[0].api.put(path, wrong).codes == ["old_car_not_eligible"], "the till refuses it"
    monkeypatch.setattr(claim_checks, "refusals", lambda outcome: ())
    monkeypatch.setattr(
        claim_checks,
        "decide",
        lambda *_, honest=claim_checks.decide: replace(honest(*_), subsidy_fen=1_200_000),
    )
    assert shops[0].api.put(path, wrong).status == 200, "a till that does not"
    parked = shops[0].sync().parked
    assert [one["why"] for one in parked] == ["old_car_not_eligible"]
    assert verdict(shops[0], claim) == ("accepted", None), "what was good stays; people look at the rest"


def test_a_typo_mended_before_the_night_is_accepted(shops, in_2025):
    first = submitted(shops[0].api, given=papers(**PROOF))
    shops[0].sync()
    other = {**PROOF, "old_car_vin": "1M8GDM9AXKP042788"}
    second = submitted(shops[1].api, BAO, attributes={**CAR, "vin": OTHER_VIN}, given=papers(**other))
    right = papers(NEW_INVOICE, **other)
    assert shops[1].api.put(f"/claims/{second.json['claim_id']}/papers", right).status == 200
    assert shops[1].sync().parked == ()
    assert verdict(shops[0], first) == verdict(shops[1], second) == ("accepted", None)
    again = submitted(
        shops[1].api,
        PERSONS[2],
        attributes={**CAR, "vin": OTHER_VIN},
        given=papers("77427000000316294884", **PROOF),
    )
    assert again.codes == ["car_used"], "what an appeal won back is used again at the shop"


def test_a_rejected_correction_frees_what_it_would_have_used(shops, in_2025, monkeypatch):
    kept = persons.sealed
    monkeypatch.setattr("pos_subsidy.services.city_sync.persons.sealed", lambda *_: None)
    claim = submitted(shops[0].api, given=papers(**PROOF))
    shops[0].sync()
    assert verdict(shops[0], claim) == ("suspended", "identity_missing")
    monkeypatch.setattr("pos_subsidy.services.city_sync.persons.sealed", kept)
    first = submitted(
        shops[1].api,
        BAO,
        attributes={**CAR, "vin": OTHER_VIN},
        given=papers(NEW_INVOICE, **{**PROOF, "old_car_vin": "1M8GDM9AXKP042788"}),
    )
    shops[1].sync()
    taken = {"attributes": {"vin": OTHER_VIN}}
    assert shops[0].api.put(f"/claims/{claim.json['claim_id']}/papers", taken).status == 200
    shops[0].sync()
    assert verdict(shops[0], claim) == ("rejected", "car_used")
    good = submitted(shops[1].api, PERSONS[2], given=papers(**PROOF))
    shops[1].sync()
    assert verdict(shops[1], good) == ("accepted", None), "car, old car and invoice are free city-wide"
    assert verdict(shops[1], first) == ("accepted", None)


def test_a_row_is_judged_by_what_it_holds_not_by_what_it_says(shops, monkeypatch):
    first = submitted(shops[0].api)
    shops[0].sync()
    honest = rules_of_claims.things
    monkeypatch.setattr("pos_subsidy.services.claim_checks.rules_of_claims.things", lambda *_: [])
    second = submitted(shops[1].api, BAO)
    monkeypatch.setattr("pos_subsidy.services.claim_checks.rules_of_claims.things", honest)
    shops[1].sync()
    assert verdict(shops[0], first) == ("accepted", None)
    assert verdict(shops[1], second) == ("rejected", "car_used")


@pytest.mark.parametrize(
    "poison",
    [
        {"papers": [{"code": "invoice", "number": {"a": 1}, "issued_on": None, "amount_fen": 1}]},
        {"papers": "x"},
        {"price_fen": 2**53 - 1},
        {"price_fen": -1},
        {"attributes": {"vin": ["a"]}},
        {"sold_on": "some day"},
        {"category": "broom"},
    ],
)
def test_a_poisoned_row_is_parked_and_the_others_go_on(shops, poison):
    shop = shops[0]
    good = submitted(shop.api)
    last = shop.entries()[-1]
    bad = chain.link(
        seq=last.seq + 1,
        at=last.at,
        kind="claim_submitted",
        body={**last.body, "claim_id": "C-2", "redemption_id": "C-2", **poison},
        prev_hash=last.hash,
        sign=shop.wired.shop.keyring.sign,
    )
    insert(shop.db, "journal", {**asdict(bad), "body": json.dumps(bad.body)})
    after = submitted(
        shop.api,
        BAO,
        attributes={**CAR, "vin": OTHER_VIN},
        given=papers(NEW_INVOICE, old_car_vin="1M8GDM9AXKP042788"),
    )
    parked = shop.sync().parked
    assert [one["seq"] for one in parked] in ([bad.seq], []), parked
    assert verdict(shop, good) == verdict(shop, after) == ("accepted", None)
    assert shop.sync().complete


def test_no_clear_text_of_a_person_travels(shops, city, tmp_path):
    submitted(shops[0].api)
    shops[0].sync()
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("hub/*.db*"))
    assert ANNA["id_number"].encode() not in stored
    assert ANNA["id_number"] not in json.dumps([dict(entry.body) for entry in shops[0].entries()])


def test_the_persons_sum_is_one_for_the_whole_city(shops, clock):
    """AS-10 across shops: the second shop could not know; the city pays what is left."""
    clock.now = datetime(2025, 6, 18, 4, tzinfo=UTC)

    def adapt(shop, price_fen):
        shop.line._errors = 3  # the line is cut while it sells
        voucher = shop.api.voucher(ANNA, "ageing_adaptation")
        held = shop.api.hold(
            voucher["token"], gtin=None, category="ageing_adaptation", price_fen=price_fen, serial_no=None
        )
        return shop.api.redeem(held)

    first, second = adapt(shops[0], 6_000_000), adapt(shops[1], 1_000_000)
    assert (first["subsidy_fen"], second["subsidy_fen"]) == (1_800_000, 300_000)
    shops[0].sync()
    shops[1].sync()
    found = shops[1].api.get(f"/redemptions/{second['redemption_id']}").json
    assert (found["verdict"], found["verdict_code"]) == ("suspended", "subsidy_differs")
    assert found["verdict_context"]["expected_fen"] == 200_000


def test_days_that_cannot_be_are_rejected_whatever_the_till_took(shops, monkeypatch):
    monkeypatch.setattr("pos_subsidy.services.claims.impossible_days", lambda *_, **__: [])
    monkeypatch.setattr(claim_checks, "refusals", lambda outcome: ())
    monkeypatch.setattr(
        claim_checks,
        "decide",
        lambda *_, honest=claim_checks.decide: replace(honest(*_), subsidy_fen=1_200_000),
    )
    claim = submitted(shops[0].api, given=papers(registered_on="2027-01-01"))
    assert claim.status == 201, "a till that does not look"
    shops[0].sync()
    assert verdict(shops[0], claim) == ("rejected", "day_in_future")
