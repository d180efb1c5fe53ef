"""Both databases under a crowd, a broken connection, and a wrong address."""

import base64
import hashlib
import json
import shutil
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner
from pydantic import ValidationError
from sqlalchemy import text

from pos_subsidy.cli.hub import hub as hub_command
from pos_subsidy.domain import moments
from pos_subsidy.domain.person import Identity, commitment
from pos_subsidy.errors import Conflict, Invalid
from pos_subsidy.hub import config as hub_config
from pos_subsidy.hub import freezing, live
from pos_subsidy.hub.store import claims, outlets, units
from pos_subsidy.hub.store.db import open_engine, run
from pos_subsidy.policy import PACKS_DIR, load_rulebook
from pos_subsidy.protocol import sealing
from pos_subsidy.protocol.messages import HoldRequest
from tests.domain.test_coupons import BATCHES
from tests.support import NOON, nth_id_number

SHOPS, ROUNDS = 6, 12


@pytest.fixture
def market(city, tmp_path):
    """A city with coupons and six shops."""
    packs = shutil.copytree(PACKS_DIR, tmp_path / "packs")
    path = packs / "coupon-2025.toml"
    confirmed = path.read_text("utf-8").replace('status = "provisional"', 'status = "confirmed"')
    path.write_text(confirmed + BATCHES, "utf-8")
    details = {"name": "x", "merchant_name": "x", "merchant_uscc": "", "region": "330402"}

    def enrol(db):
        for place in range(SHOPS):
            outlets.add(db, f"S-{place}", at="", **details)

    run(city.engine, enrol)
    return replace(city, rulebook=load_rulebook(packs))


def asked(city, hold_id, person, serial_no, **more):
    salt = hashlib.sha256(hold_id.encode()).digest()[:16]  # every till commits to her in its own way
    identity = Identity("resident", nth_id_number(person), "测试", "13800000000")
    told = {name: getattr(identity, name) for name in ("id_type", "id_number", "name", "phone")}
    sealed = sealing.seal(json.dumps({**told, "salt": salt.hex()}).encode(), city.seal_public)
    values = {
        "hold_id": hold_id,
        "category": "refrigerator",
        "unit_class": "refrigerator",
        "programme": "appliance-2026",
        "business_date": "2026-11-20",
        "price_fen": 500_000,
        "subsidy_fen": 75_000,
        **dict.fromkeys(("gtin", "imei1", "imei2")),
        "serial_no": serial_no,
        "expires_at": moments.text(NOON + timedelta(minutes=10)),
        "commitment": commitment(identity, salt),
        "sealed": base64.b64encode(sealed).decode(),
    }
    return HoldRequest(**{**values, **more})


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("business_date", "yesterday"),
        ("business_date", "2026-02-30"),
        ("expires_at", "soon"),
        ("expires_at", "2026-11-20T04:00:00"),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_hold_of_no_day_or_moment_is_malformed(city, field, written):
    with pytest.raises(ValidationError, match=field):
        asked(city, "H-1", 1, "SN-1", **{field: written})


def all_at_once(city, requests):
    """Let every shop ask at the same moment; return what each was refused for."""
    answers, gate = {}, threading.Barrier(len(requests))

    def send(place, request):
        gate.wait()
        answers[place] = [
            one["code"] for one in freezing.hold(city, f"S-{place}", request, now=NOON).refusals
        ]

    threads = [threading.Thread(target=send, args=job) for job in enumerate(requests)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return [answers[place] for place in range(len(requests))]


def test_of_six_shops_one_gets_a_persons_unit(market):
    for number in range(ROUNDS):
        requests = [
            asked(market, f"H-{number}-{shop}", number, f"SN-{number}-{shop}") for shop in range(SHOPS)
        ]
        assert sorted(all_at_once(market, requests)) == [[], *[["claimed_elsewhere"]] * (SHOPS - 1)]


def test_of_six_shops_one_gets_a_piece(market):
    for number in range(ROUNDS):
        requests = [
            asked(market, f"H-{number}-{shop}", number * SHOPS + shop, f"SN-{number}")
            for shop in range(SHOPS)
        ]
        assert sorted(all_at_once(market, requests)) == [[], *[["serial_used"]] * (SHOPS - 1)]


def test_two_coupons_go_to_two_people(market):
    coupon = {
        "category": "consumption_coupon",
        "unit_class": "consumption_coupon:may-50",
        "programme": "coupon-2025",
        "business_date": "2025-05-02",
    }
    for number in range(ROUNDS):
        requests = [
            asked(market, f"H-{number}-{shop}", number * SHOPS + shop, None, **coupon)
            for shop in range(SHOPS)
        ]
        assert sorted(all_at_once(market, requests)) == [[], [], *[["budget_exhausted"]] * (SHOPS - 2)]
        for shop, request in enumerate(requests):
            live.cancel(market, f"S-{shop}", request.hold_id, now=NOON)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_transaction_whose_connection_dies_is_done_again_from_its_beginning(market):
    tries = []

    def die_once(db):
        tries.append(units.find_hold(db, "S-0", "H-1"))
        units.put_hold(db, outlet="S-0", hold_id="H-1", status="held", asked_at="")
        if len(tries) == 1:
            pid = db.execute(text("SELECT pg_backend_pid()")).scalar_one()
            run(market.engine, lambda other: other.execute(text(f"SELECT pg_terminate_backend({pid})")))
        db.execute(text("SELECT 1"))
        return len(tries)

    assert run(market.engine, die_once) == 2
    assert tries == [None, None], "the first try left nothing behind"
    assert live.query(market, "S-0", "H-1") == "held"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_rows_whose_connection_dies_are_taken_in_again_and_none_is_parked(city, shops, monkeypatch):
    """A row is carried out under a savepoint; a lost connection there is no fault of the row."""
    shops[0].api.sell()
    add, killed = claims.add_all, []

    def add_and_die(db, values):
        if not killed:
            killed.append(db.execute(text("SELECT pg_backend_pid()")).scalar_one())
            run(city.engine, lambda other: other.execute(text(f"SELECT pg_terminate_backend({killed[0]})")))
        add(db, values)

    monkeypatch.setattr(claims, "add_all", add_and_die)
    done = shops[0].sync()
    assert killed and done.complete and not done.parked


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_second_hub_does_not_settle_in_the_same_database(city, database, tmp_path):
    with pytest.raises(Conflict, match="database_in_use"):
        hub_config.init(tmp_path / "other", name="x", demo=True, database=database)


@pytest.mark.parametrize("url", ["mysql://u:geheim@h/d", "postgresql://u:geheim@h", "geheim"])
def test_a_wrong_address_is_refused_without_repeating_it(url):
    with pytest.raises(Invalid, match="database_invalid") as refused:
        open_engine(url)
    assert "geheim" not in str(refused.value)


def test_a_password_is_told_to_nobody(tmp_path):
    url = "postgresql://hub:geheim@127.0.0.1:1/hub"
    done = CliRunner().invoke(hub_command, ["init", "--data", str(tmp_path / "hub"), "--database", url])
    assert done.exit_code == 1
    assert "geheim" not in f"{done.output} {done.exception!r} {open_engine(url)!r}"
    assert not (tmp_path / "hub" / "hub.json").exists()
