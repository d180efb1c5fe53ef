"""What a shop with software of its own could write: nothing is taken on trust, and no row stops the city."""

import base64
import gzip
import io
import json
from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from PIL import Image
from pydantic import ValidationError

from pos_subsidy.domain import journal, moments
from pos_subsidy.domain.person import Identity, commitment
from pos_subsidy.errors import Conflict, Invalid
from pos_subsidy.hub import freezing, ingest, judging_evidence, pictures
from pos_subsidy.hub.city import OfflineCaps
from pos_subsidy.hub.store import claims, outlets, traces, units
from pos_subsidy.hub.store.db import run as run_in
from pos_subsidy.protocol import batches, sealing
from pos_subsidy.protocol.messages import HoldRequest
from pos_subsidy.store import persons
from tests.hub.test_verdicts import INVOICE, hand_in
from tests.pictures import jpeg
from tests.support import ANNA, BAO, FRIDGE, nth_person


def rewritten(shop, change):
    """Return a shop's journal with other bodies, linked and signed anew by the shop itself."""
    entries, head = [], journal.GENESIS_HASH
    for one in shop.entries():
        body = change(one.kind, dict(one.body))
        about = {"seq": one.seq, "at": one.at, "kind": one.kind, "body": body, "prev_hash": head}
        entries.append(journal.link(**about, sign=shop.wired.shop.keyring.sign))
        head = entries[-1].hash
    return entries


def seals(shop):
    wanted = batches.commitments(shop.entries())
    return {one: sealed for one in wanted if (sealed := persons.sealed(shop.db, one)) is not None}


def verdicts(city, sold):
    return [run_in(city.engine, lambda db, one=one: claims.find(db, one["redemption_id"])) for one in sold]


@pytest.mark.parametrize("said", ["9999-12-31T00:00:00.000Z", "2030-01-01T00:00:00.000Z"])
def test_the_caps_do_not_believe_the_shops_clock(shops, city, clock, said):
    shop = shops[0]
    shop.line._errors = 3
    sold = [shop.api.sell(nth_person(at), serial_no=f"SN-{at}") for at in range(3)]

    def later(kind, body):
        return {**body, "held_at": said} if kind == "redeemed" else body

    capped = replace(city, offline_caps=OfflineCaps(1, 10_000_000))
    content = batches.write("DEMO-A", rewritten(shop, later), seals(shop))
    ingest.ingest(capped, "DEMO-A", content, now=clock())
    assert [one["code"] for one in verdicts(city, sold)] == [None, *["sold_beyond_offline_caps"] * 2]


def test_an_invoice_that_a_claim_was_accepted_on_serves_no_other(shops, city):
    first, second = (
        shop.api.sell(person, serial_no=serial)
        for shop, person, serial in ((shops[0], ANNA, "SN-1"), (shops[1], BAO, "SN-2"))
    )
    hand_in(shops[0], first, invoice=INVOICE)
    assert shops[0].sync().complete
    assert verdicts(city, [first])[0]["verdict"] == "accepted"
    hold_id = verdicts(city, [first])[0]["hold_id"]
    other = {"code": "", "number": "26332000000012345679"}
    found = verdicts(city, [first])[0]
    assert run_in(city.engine, lambda db: judging_evidence._invoice(db, "DEMO-A", found, other)) is None
    owner = run_in(city.engine, lambda db: units.piece_owner(db, "invoice", INVOICE["number"]))
    assert owner == {"outlet": "DEMO-A", "hold_id": hold_id}
    hand_in(shops[1], second, invoice={**INVOICE, "buyer_name": BAO["name"]})
    assert shops[1].sync().complete
    owner = run_in(city.engine, lambda db: units.piece_owner(db, "invoice", INVOICE["number"]))
    assert owner == {"outlet": "DEMO-A", "hold_id": hold_id}


@pytest.mark.parametrize("which", ["hash", "signature", "body"])
def test_another_past_that_the_shop_did_not_sign_stops_nobody(shops, city, which):
    shop = shops[0]
    shop.api.sell()
    assert shop.sync().complete
    entries = shop.entries()
    changes = {"hash": "ab" * 32, "signature": "ab" * 64, "body": {"x": 1}}
    last = replace(entries[-1], **{which: changes[which]})
    if which != "hash":  # the hash is what tells two pasts apart
        last = replace(last, hash="cd" * 32)
    with pytest.raises(Invalid, match="upload_refused"):
        shop.client.send(batches.write("DEMO-A", [*entries[:-1], last], {}))
    assert run_in(city.engine, lambda db: outlets.find(db, "DEMO-A"))["status"] == "active"
    assert shop.sync().complete


def test_another_past_is_found_at_whichever_row_it_begins(shops, city):
    """The end of what is stored is among the rows: only the links tell of what lies before."""
    shop = shops[0]
    shop.api.sell()
    assert shop.sync().complete
    entries = shop.entries()
    changed = [replace(entries[0], hash="ab" * 32), *entries[1:]]
    with pytest.raises(Invalid, match="upload_refused"):
        shop.client.send(batches.write("DEMO-A", changed, {}))
    again = rewritten(shop, lambda kind, body: {**body, "x": 1})
    for later in (again, [again[0], *entries[1:]]):
        with pytest.raises(Conflict, match="chain_forked"):
            shop.client.send(batches.write("DEMO-A", later, {}))


@pytest.mark.parametrize("name", ["redemption_id", "hold_id", "order_no", "gtin", "serial_no", "commitment"])
def test_a_text_that_no_database_keeps_is_parked_and_the_rest_goes_on(shops, city, name):
    shop = shops[0]
    odd, plain = shop.api.sell(), shop.api.sell(BAO, serial_no="SN-2")

    def change(kind, body):
        is_odd = kind == "redeemed" and body["redemption_id"] == odd["redemption_id"]
        return {**body, name: "a\0b"} if is_odd else body

    content = batches.write("DEMO-A", rewritten(shop, change), seals(shop))
    for _again in range(2):
        said = ingest.ingest(city, "DEMO-A", content, now=shop.clock())["said"]
        assert [one["verdict"] for one in said["verdicts"] if one["redemption_id"] == plain["redemption_id"]]
    assert [one["verdict"] for one in verdicts(city, [plain])] == ["accepted"]


def test_whatever_numbers_a_row_names_it_is_found_by_them(shops, city):
    shop = shops[0]
    sold = shop.api.sell()
    more = {"claim_id": "C-OTHER"}
    entries = rewritten(shop, lambda kind, body: {**body, **more} if kind == "redeemed" else body)
    ingest.ingest(city, "DEMO-A", batches.write("DEMO-A", entries, seals(shop)), now=shop.clock())
    body = next(one.body for one in entries if one.kind == "redeemed")
    for space, number in (
        *(("claim", "C-OTHER"), ("claim", sold["redemption_id"])),
        *(("hold", body["hold_id"]), ("voucher", body["voucher"])),
    ):
        found = run_in(city.engine, lambda db, one=(space, number): traces.rows_naming(db, dict([one])))
        assert "redeemed" in {one["kind"] for one in found}, space


@pytest.mark.parametrize(
    "change",
    [
        {"seq": "1"},
        {"seq": True},
        {"seq": 2**40},
        {"hash": "no hex"},
        {"signature": "00"},
        {"kind": "a\x00b"},
        {"at": 7},
        {"kind": "redeemed", "body": {"subsidy_fen": 1}},
        {"kind": "redeemed", "body": [1]},
    ],
    ids=str,
)
def test_a_batch_of_odd_rows_is_malformed_in_words(change):
    plain = {"seq": 1, "at": "2026-11-20T04:00:00.000Z", "kind": "x", "body": {}, "prev_hash": "0" * 64}
    entry = plain | {"hash": "ab" * 32, "kid": "k", "signature": "ab" * 64} | change
    header = asdict(batches._header("DEMO-A", [])) | {"count": 1}
    lines = [json.dumps(one).encode() for one in (header, entry)]
    with pytest.raises(Invalid, match="batch_malformed"):
        batches.read(gzip.compress(b"\n".join(lines)))


@pytest.mark.parametrize("named", ["a\\u0000b", "\\ud800", "\u00e9"], ids=ascii)
def test_a_seal_of_a_name_that_is_no_commitment_is_of_nobody(shops, city, named):
    shop = shops[0]
    sold = shop.api.sell()
    content = gzip.decompress(batches.write("DEMO-A", shop.entries(), seals(shop)))
    odd = f'{{"commitment":"{named}","sealed":"AAAA"}}\n'.encode()
    ingest.ingest(city, "DEMO-A", gzip.compress(content + odd), now=shop.clock())
    assert [one["verdict"] for one in verdicts(city, [sold])] == ["accepted"]


def test_a_seal_of_a_number_is_malformed():
    content = gzip.decompress(batches.write("DEMO-A", [], {}))
    with pytest.raises(Invalid, match="batch_malformed"):
        batches.read(gzip.compress(content + b'{"commitment":7,"sealed":"AAAA"}\n'))


def test_a_batch_that_is_nested_too_deeply_is_malformed():
    with pytest.raises(Invalid, match="batch_malformed"):
        batches.read(gzip.compress(b"[" * 200_000))


def test_what_a_photo_says_of_itself_is_not_shown():
    picture = Image.open(io.BytesIO(jpeg("SN-1")))
    kept = io.BytesIO()
    picture.save(kept, "JPEG", comment=b"330402189901010015")
    assert b"330402189901010015" in kept.getvalue()
    shown = pictures.shown(kept.getvalue())
    assert shown is not None and b"330402189901010015" not in shown


@pytest.mark.usefixtures("shops")
@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("serial_no", "sn-1"),
        ("serial_no", " SN-1"),
        ("serial_no", "ＳＮ-1"),
        ("serial_no", "S"),
        ("gtin", "6901234567893"),
        ("gtin", 6901234567892),
        ("imei1", "490154203237518 "),
        ("imei2", "490154203237519"),
    ],
)
class TestANumberInAnotherSpelling:
    """Else one piece could be claimed as often as there are spellings of its number."""

    def test_is_rejected_when_claimed(self, shops, city, clock, name, number):
        sold = shops[0].api.sell(ANNA, serial_no="SN-1")

        def odd(kind, body):
            return {**body, name: number} if kind == "redeemed" else body

        content = batches.write("DEMO-A", rewritten(shops[0], odd), seals(shops[0]))
        ingest.ingest(city, "DEMO-A", content, now=clock())
        (found,) = verdicts(city, [sold])
        word = "suspended" if name == "gtin" else "rejected"
        assert (found["verdict"], found["code"]) == (word, "identifier_invalid")

    def test_is_refused_at_the_hold(self, city, clock, name, number):
        if not isinstance(number, str):
            with pytest.raises(ValidationError):
                hold_of(city, clock, **{name: number})
            return
        answer = freezing.hold(city, "DEMO-A", hold_of(city, clock, **{name: number}), kid=None, now=clock())
        assert [one["code"] for one in answer.refusals] == ["identifier_invalid"]


@pytest.mark.usefixtures("shops")
def test_no_hold_sets_more_aside_than_the_rule_grants_anybody(city, clock):
    greedy = hold_of(city, clock, price_fen=5_000_000, subsidy_fen=200_001)
    (refused,) = freezing.hold(city, "DEMO-A", greedy, kid=None, now=clock()).refusals
    assert refused["code"] == "subsidy_differs"
    assert (refused["params"]["expected_fen"], refused["params"]["claimed_fen"]) == (150_000, 200_001)
    at_old_rate = hold_of(city, clock, price_fen=500_000, subsidy_fen=100_000)
    (refused,) = freezing.hold(city, "DEMO-A", at_old_rate, kid=None, now=clock()).refusals
    assert refused["params"]["expected_fen"] == 75_000
    coupon = {
        "category": "consumption_coupon",
        "unit_class": "consumption_coupon:x",
        "programme": "coupon-2025",
    }
    nothing = hold_of(city, clock, **coupon, business_date="2025-05-02", price_fen=900_000, subsidy_fen=1)
    (refused,) = freezing.hold(city, "DEMO-A", nothing, kid=None, now=clock()).refusals
    assert refused["params"]["expected_fen"] == 0, "a provisional rule grants nothing"
    modest = hold_of(city, clock, price_fen=5_000_000, subsidy_fen=150_000)
    assert not freezing.hold(city, "DEMO-A", modest, kid=None, now=clock()).refusals


@pytest.mark.parametrize("written", ["0" + FRIDGE, "".join(chr(ord(one) + 0xFEE0) for one in FRIDGE)])
def test_a_bar_code_in_another_spelling_is_no_reason_to_refuse_our_own_till(shops, written):
    held = shops[0].api.try_hold(shops[0].api.voucher()["token"], gtin=written, serial_no="SN-1")
    assert held.status == 201, held.json


@pytest.mark.usefixtures("shops")
def test_a_till_of_before_that_tells_the_bar_code_as_typed_is_understood(city, clock):
    asked = hold_of(city, clock, gtin="0" + FRIDGE)
    assert asked.gtin == FRIDGE and not freezing.hold(city, "DEMO-A", asked, kid=None, now=clock()).refusals


def hold_of(city, clock, **more):
    salt = bytes(16)
    told = {one: ANNA[one] for one in ("id_type", "id_number", "name", "phone")}
    sealed = sealing.seal(json.dumps({**told, "salt": salt.hex()}).encode(), city.seal_public)
    values = {
        "hold_id": "H-HOSTILE",
        "category": "refrigerator",
        "unit_class": "refrigerator",
        "programme": "appliance-2026",
        "business_date": clock().date().isoformat(),
        "price_fen": 500_000,
        "subsidy_fen": 75_000,
        **dict.fromkeys(("gtin", "imei1", "imei2")),
        "serial_no": "SN-HOSTILE",
        "expires_at": moments.text(clock() + timedelta(minutes=10)),
        "commitment": commitment(Identity(**told), salt),
        "sealed": base64.b64encode(sealed).decode(),
    }
    return HoldRequest(**{**values, **more})
