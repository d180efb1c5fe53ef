"""What speaks against a hold in the whole city: lists, pieces, keys, and who came between."""

import base64
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos_subsidy.domain import block, moments
from pos_subsidy.domain.keys import key_id, raw_public
from pos_subsidy.domain.product import Product
from pos_subsidy.errors import NotSignedIn
from pos_subsidy.hub import freezing, identities
from pos_subsidy.hub.keys import Signers
from pos_subsidy.hub.store import blocks, catalogue, claims, keys, units
from pos_subsidy.hub.store.db import read, run
from pos_subsidy.hub.store.schema import outlet
from pos_subsidy.hub.store.schema_units import unit
from tests.hub.test_databases import asked, market
from tests.support import IMEI, NOON, OTHER_IMEI

__all__ = ["market"]

GTIN, USCC = "6901234567892", "91330402MA28A1B2C3"


def test_a_hold_asked_for_with_a_key_the_shop_has_not_is_unsigned(market):
    with pytest.raises(NotSignedIn, match="signature_invalid"):
        freezing.hold(market, "S-0", asked(market, "H-1", 1, "SN-1"), now=NOON, kid="0123456789abcdef")


def enter(city, kind, number):
    told = {"reason": block.REASONS[kind][0], "since": "2026-11-01", "until": None, "lifts": None}
    by = {"note": "x", "entered_by": "test", "entered_at": moments.text(NOON)}
    run(city.engine, lambda db: blocks.add(db, kind=kind, number=number, **told, **by))


def file(city, gtin, price_fen):
    product = Product(gtin, "refrigerator", "x", "x", "x", None, None, "", price_fen, None)
    by = {"why": "x", "entered_by": "test", "entered_at": moments.text(NOON)}
    filing = catalogue.row_of(product, since="2026-11-01", status="in_force", **by)
    run(city.engine, lambda db: catalogue.add(db, [filing]))


def codes(city, outlet, request):
    answer = freezing.hold(city, outlet, request, kid=None, now=NOON)
    return [one["code"] for one in answer.refusals]


@pytest.mark.parametrize(
    ("kind", "number", "code"),
    [
        ("outlet", "S-0", "merchant_suspended"),
        ("merchant", USCC, "merchant_suspended"),
        ("product", GTIN, "not_in_catalogue"),
        ("serial", "SN-1", "piece_blocked"),
        ("imei", IMEI, "piece_blocked"),
        ("imei", OTHER_IMEI, "piece_blocked"),
    ],
)
def test_the_city_refuses_a_hold_of_what_it_blocked(market, kind, number, code):
    named = outlet.update().where(outlet.c.outlet == "S-0").values(merchant_uscc=USCC)
    run(market.engine, lambda db: db.execute(named))
    numbers = {"gtin": GTIN, "imei1": IMEI, "imei2": OTHER_IMEI}
    enter(market, kind, number)
    assert codes(market, "S-0", asked(market, "H-1", 1, "SN-1", **numbers)) == [code]
    assert codes(market, "S-1", asked(market, "H-2", 2, "SN-2")) == [], "it is none of the entry's"


def test_the_city_refuses_a_hold_over_the_filed_price(market):
    file(market, GTIN, 499_999)
    assert codes(market, "S-0", asked(market, "H-1", 1, "SN-1", gtin=GTIN)) == ["price_over_filed"]


def test_a_piece_is_taken_in_either_slot_and_by_its_serial_number(market):
    assert codes(market, "S-0", asked(market, "H-1", 1, "SN-1", imei1=IMEI)) == []
    assert codes(market, "S-1", asked(market, "H-2", 2, "SN-2", imei2=IMEI)) == ["imei_used"]
    assert codes(market, "S-1", asked(market, "H-3", 3, "SN-1")) == ["serial_used"]
    assert codes(market, "S-1", asked(market, "H-4", 4, "SN-4", imei1=OTHER_IMEI)) == []


def test_who_is_refused_for_his_key_does_not_wait_for_the_end_of_what_is_due(market):
    key = Ed25519PrivateKey.generate().public_key()
    kid = key_id(raw_public(key))

    def add(db):
        keys.add(db, "S-0", [raw_public(key)], at=moments.text(NOON), by="test")

    run(market.engine, add)
    request = asked(market, "H-1", 1, "SN-1")
    assert freezing.hold(market, "S-0", request, kid=kid, now=NOON).refusals == [], "it is believed"
    (known,) = read(market.engine, lambda db: keys.of_outlet(db, "S-0"))
    since = moments.text(NOON)
    run(market.engine, lambda db: keys.revoke(db, known, since=since, at=since, by="test", why="x"))

    later = NOON + timedelta(days=3)
    refused = freezing.hold(market, "S-0", asked(market, "H-2", 2, "SN-2"), kid=kid, now=later).refusals
    assert refused == [{"code": "key_revoked", "params": {"kid": kid, "since": since}}]
    due = read(market.engine, lambda db: units.due_holds(db, moments.text(later)))
    assert [tuple(one) for one in due] == [("S-0", "H-1")], "nothing was written for him"


def test_a_key_that_was_unknown_is_found_once_it_is_there(market):
    signers, key = Signers(market.engine), Ed25519PrivateKey.generate().public_key()
    kid = key_id(raw_public(key))
    assert signers(kid) is None
    run(market.engine, lambda db: keys.add(db, "S-0", [raw_public(key)], at="", by="test"))
    assert (signers(kid).outlet, signers(kid).public) == ("S-0", key)


def test_who_took_a_second_slot_between_look_and_hold_is_seen(market, monkeypatch):
    """Where the first slot is free again, no key of a table would refuse it."""
    first = asked(market, "H-1", 1, "SN-1")
    person = identities.opened(market, first.commitment, base64.b64decode(first.sealed))
    taken = {"person": person, "programme": first.programme, "unit_class": first.unit_class}

    def take_and_run(engine, work, **about):
        with engine.begin() as db:
            db.execute(unit.insert().values(**taken, slot=2, outlet="S-1", hold_id="H-2"))
        monkeypatch.setattr(freezing, "run", run)
        return run(engine, work, **about)

    monkeypatch.setattr(freezing, "run", take_and_run)
    assert codes(market, "S-0", first) == ["claimed_elsewhere"]
    assert read(market.engine, lambda db: units.find_hold(db, "S-0", "H-1")) is None


def test_who_sold_under_a_holds_number_between_look_and_hold_is_seen(market, monkeypatch):
    first = asked(market, "H-1", 1, "SN-1")
    sold = {name: "x" for name in ("order_no", "category", "programme", "unit_class", "params", "judged_at")}
    sold |= {"outlet": "S-0", "seq": 1, "hold_id": "H-1", "redemption_id": "R-1", "unit_used": False}
    sold |= {"business_date": "2026-11-20", "verdict": "rejected", "received_at": "then"}
    sold |= dict.fromkeys(("price_fen", "subsidy_fen", "net_subsidy_fen"), 1)

    def sell_and_run(engine, work, **about):
        with engine.begin() as db:
            claims.add(db, **sold)
        monkeypatch.setattr(freezing, "run", run)
        return run(engine, work, **about)

    monkeypatch.setattr(freezing, "run", sell_and_run)
    assert codes(market, "S-0", first) == ["hold_released"]
    assert read(market.engine, lambda db: units.find_hold(db, "S-0", "H-1")) is None
