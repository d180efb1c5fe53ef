"""Vouchers and their QR, through the API: scenarios VQ."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
import zxingcpp
from PIL import Image

from pos_subsidy.domain import keys, qr_token
from pos_subsidy.domain.keys import Keyring, KnownKey
from pos_subsidy.domain.qr_token import Claims
from tests.support import ANNA, BAO, FRIDGE, Api, content, journal_kinds, wired_with


def test_a_strangers_signature_is_refused_and_the_attempt_kept(api, db, wired, clock):
    """VQ-02"""
    voucher = api.voucher()
    claims = qr_token.read(voucher["token"], wired.shop.keyring, outlet="DEMO-A")
    forged = qr_token.make(claims, keys.new_keyring())
    answer = api.try_hold(forged)
    assert (answer.status, answer.code) == (400, "voucher_forged")
    assert journal_kinds(db) == ["voucher_issued", "scan_refused"]
    kept = json.loads(db.execute("SELECT body FROM journal WHERE seq = 2").fetchone()[0])
    assert (kept["code"], kept["text"], kept["till"]) == ("voucher_forged", forged, "T1")
    assert api.get(f"/vouchers/{voucher['code']}").json["status"] == "issued"


@pytest.mark.parametrize("changed", ["\n", " ", "A", ":"])
def test_a_token_is_byte_exact(api, changed):
    """VQ-02, HR-08's neighbour: no second text means the same voucher."""
    voucher = api.voucher()
    assert api.try_hold(voucher["token"] + changed).code == "voucher_forged"
    assert api.try_hold(voucher["token"][:-1]).code == "voucher_forged"


def test_yesterdays_paper_verifies_with_the_key_that_signed_it(folder, clock, wired):
    """VQ-06"""
    old = wired.shop.keyring
    api = Api.of(wired, folder)
    paper = api.voucher(kind="paper")
    new = keys.new_keyring()
    replaced = Keyring(old.kid, new.private, (KnownKey(old.kid, new.known[0].public), *old.known))
    after = Api.of(wired_with(folder, clock, keyring=replaced), folder)
    assert after.try_hold(paper["token"]).code == "identity_check_required"
    assert after.try_hold(paper["token"], identity_checked=True).status == 201

    revoked = Keyring(
        old.kid,
        new.private,
        (replaced.known[0], KnownKey(old.kid, old.known[0].public, revoked=True)),
    )
    later = Api.of(wired_with(folder, clock, keyring=revoked), folder)
    assert later.try_hold(paper["token"], identity_checked=True).code == "token_key_revoked"


def test_the_end_is_the_same_however_one_looks(api, clock):
    """VQ-07"""
    first, second = api.voucher(ANNA), api.voucher(BAO)
    clock.pass_by(minutes=29, seconds=59)
    assert api.get(f"/vouchers/{first['code']}").json["status"] == "issued"
    assert api.try_hold(first["token"]).status == 201
    clock.pass_by(seconds=2)
    assert api.get(f"/vouchers/{second['code']}").json["status"] == "expired"
    assert api.try_hold(second["token"], serial_no="SN-2").code == "voucher_expired"
    api.sweep()
    assert api.get(f"/vouchers/{second['code']}").json["status"] == "expired"
    assert api.try_hold(second["code"], serial_no="SN-2").code == "voucher_expired"


def test_milliseconds_and_backward_times_are_malformed(wired, clock):
    """VQ-08"""
    ring = wired.shop.keyring
    good = Claims("DEMO-A", "7K3M9QWX4T2B", "phone", "screen", clock(), clock() + timedelta(minutes=30))
    assert qr_token.read(qr_token.make(good, ring), ring, outlet="DEMO-A")
    backwards = Claims("DEMO-A", "7K3M9QWX4T2B", "phone", "screen", clock(), clock() - timedelta(1))
    for_ever = Claims("DEMO-A", "7K3M9QWX4T2B", "phone", "screen", clock(), clock() + timedelta(400))
    for claims in (backwards, for_ever):
        with pytest.raises(Exception, match="voucher_forged"):
            qr_token.read(qr_token.make(claims, ring), ring, outlet="DEMO-A")


def test_a_clock_put_back_revives_nothing(api, clock, db):
    """VQ-09"""
    voucher = api.voucher()
    clock.pass_by(hours=1)
    api.sweep()
    clock.pass_by(days=-1)
    assert api.try_hold(voucher["token"]).code == "voucher_expired"
    assert api.client.get("/readyz").get_json()["clock_behind"] is True
    moments = [at for (at,) in db.execute("SELECT at FROM journal ORDER BY seq").fetchall()]
    assert moments == sorted(moments)


def test_a_second_scan_shows_what_the_first_one_was(api):
    """VQ-10"""
    voucher = api.voucher()
    held = api.hold(voucher["token"])
    for scan in (voucher["token"], voucher["code"]):
        busy = api.try_hold(scan, serial_no="SN-2")
        assert (busy.status, busy.code) == (409, "voucher_held")
        assert busy.json["context"]["expires_at"] == held["expires_at"]
    sold = api.redeem(held)
    for scan in (voucher["token"], voucher["code"]):
        spent = api.try_hold(scan, serial_no="SN-2")
        assert (spent.status, spent.code) == (409, "voucher_spent")
        context = spent.json["context"]
        assert (context["redemption_id"], context["till"]) == (sold["redemption_id"], "T1")
        assert (context["category"], context["last4"]) == ("refrigerator", ANNA["id_number"][-4:])


def test_a_replaced_voucher_is_called_voided(api):
    """VQ-11"""
    old = api.voucher()
    new = api.voucher(replaces=old["code"])
    refused = api.try_hold(old["token"])
    assert (refused.status, refused.code) == (409, "voucher_voided")
    assert refused.json["context"]["replaced"] is True
    assert api.try_hold(new["token"]).status == 201


def test_a_typed_code_is_forgiving_and_a_wrong_one_finds_nobody(api):
    """VQ-12"""
    code = api.voucher()["code"]
    typed = "-".join((code[:4], code[4:8], code[8:])).lower().replace("0", "o").replace("1", "l")
    assert api.try_hold(typed).status == 201
    assert api.get(f"/vouchers/{typed}").json["code"] == code
    for place in range(12):
        other = "7" if code[place] != "7" else "8"
        wrong = code[:place] + other + code[place + 1 :]
        assert api.try_hold(wrong, serial_no="SN-2").code in ("voucher_code_invalid", "voucher_unknown")


def test_a_voucher_is_good_for_its_own_class_only(api):
    """VQ-14"""
    voucher = api.voucher(category="phone")
    refused = api.try_hold(voucher["token"])
    assert "category_mismatch" in refused.codes
    after = api.get(f"/vouchers/{voucher['code']}").json
    assert (after["status"], after["valid_until"]) == ("issued", voucher["valid_until"])
    assert api.get("/serials/SN-0001").status == 404


def test_a_photograph_of_the_page_goes_stale(api, clock, wired, db):
    """VQ-17"""
    voucher = api.voucher()
    claims = qr_token.read(voucher["token"], wired.shop.keyring, outlet="DEMO-A")
    shown = Claims(
        "DEMO-A", claims.voucher, claims.category, "screen", clock(), clock() + timedelta(seconds=120)
    )
    photograph = qr_token.make(shown, wired.shop.keyring)
    clock.pass_by(minutes=3)
    stale = api.try_hold(photograph)
    assert (stale.status, stale.code) == (409, "token_stale")
    assert api.try_hold(voucher["token"]).status == 201


@pytest.mark.parametrize(("kind", "largest"), [("screen", 53), ("paper", 65)])
def test_the_largest_qr_stays_small_and_readable(api, kind, largest):
    """VQ-18: version 9 at level M on screens, 12 at Q on paper."""
    voucher = api.voucher(kind=kind)
    png = api.client.get(
        f"/api/v1/vouchers/{voucher['code']}/qr.png", headers={"Authorization": f"Bearer {api.key}"}
    )
    picture = Image.open(io.BytesIO(png.data)).convert("L")
    read = zxingcpp.read_barcodes(picture)
    assert [code.text for code in read] == [voucher["token"]]
    box = picture.width
    modules = [size for size in range(21, largest + 1, 4) if box % (size + 8) == 0]
    assert modules, f"{box} px is no QR of at most {largest} modules"


def test_svg_and_png_need_the_key_or_the_consumers_link(api):
    voucher = api.voucher()
    link = voucher["wallet_url"].rsplit("/", 1)[1]
    path = f"/api/v1/vouchers/{voucher['code']}/qr.svg"
    assert api.client.get(path).status_code == 401
    assert api.client.get(f"{path}?wallet={link}").data.startswith(b"<?xml")
    assert api.client.get(f"{path}?wallet={'0' * 40}").status_code == 404


def test_a_spent_voucher_has_no_picture(api):
    voucher = api.voucher()
    api.redeem(api.hold(voucher["token"]))
    answer = api.get(f"/vouchers/{voucher['code']}/qr.png")
    assert (answer.status, answer.code) == (409, "voucher_not_usable")


def test_the_token_names_no_person_and_ends_with_the_voucher(api, wired):
    voucher = api.voucher()
    claims = qr_token.read(voucher["token"], wired.shop.keyring, outlet="DEMO-A")
    assert (claims.voucher, claims.category) == (voucher["code"], "refrigerator")
    assert ANNA["id_number"] not in voucher["token"]
    assert f"{claims.expires_at:%H:%M}" == voucher["valid_until"][11:16]


def test_another_shops_voucher_is_never_accepted(api, folder, clock):
    elsewhere = Api.of(wired_with(folder, clock, outlet_id="DEMO-B"), folder)
    answer = elsewhere.try_hold(api.voucher(gtin=FRIDGE)["token"])
    assert (answer.status, answer.code) == (400, "voucher_other_shop")


def test_no_identity_is_written_in_clear(api, folder):
    api.sell(ANNA)
    api.wired.till.db().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = folder.database.read_bytes()
    assert ANNA["id_number"].encode() not in content
    assert ANNA["name"].encode() not in content
    assert ANNA["phone"].encode() not in content


def test_assessing_uses_nothing_up(api, db):
    """AS-08"""
    before = content(db)
    body = {"gtin": FRIDGE, "price_fen": 610_000}
    answers = {api.post("/assessments", body, key=None).raw for _ in range(50)}
    papers = {"id_type": ANNA["id_type"], "id_number": ANNA["id_number"]}
    with_person = {api.post("/assessments", {**body, "person": papers}, key=None).raw for _ in range(50)}
    assert len(answers) == len(with_person) == 1
    assert content(db) == before


def test_a_person_is_not_assessed_without_a_key(api):
    body = {"gtin": FRIDGE, "price_fen": 610_000, "person": {"id_type": "resident", "id_number": "1"}}
    answer = api.client.post("/api/v1/assessments", json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "api_key_required")


def test_a_voucher_tells_its_history(api, clock):
    voucher = api.voucher()
    first = api.hold(voucher["token"])
    api.post(f"/holds/{first['hold_id']}/release")
    clock.pass_by(minutes=1)
    sold = api.redeem(api.hold(voucher["token"]))
    api.post(f"/redemptions/{sold['redemption_id']}/reverse", {"kind": "full", "reason": "x"})
    told = [event["what"] for event in api.get(f"/vouchers/{voucher['code']}").json["history"]]
    assert told == ["issued", "held", "released", "held", "redeemed", "reversed"]


def test_a_voucher_is_not_pinned_to_goods_of_another_class(api):
    body = {"category": "phone", "gtin": FRIDGE, "person": ANNA}
    for more in ({}, {"price_fen": 500_000}):
        refused = api.post("/vouchers", {**body, **more})
        assert "category_mismatch" in refused.codes


def test_a_person_whose_cap_is_used_up_gets_no_voucher(api, clock):
    clock.now = datetime(2025, 6, 18, 4, tzinfo=UTC)
    voucher = api.voucher(category="ageing_adaptation")
    dear = {"gtin": None, "category": "ageing_adaptation", "price_fen": 7_000_000}
    held = api.post("/holds", {"voucher": voucher["token"], "serial_no": "RAIL-1", "order_no": "O", **dear})
    assert held.json["subsidy_fen"] == 2_000_000
    api.redeem(held.json)
    refused = api.post("/vouchers", {"category": "ageing_adaptation", "person": ANNA})
    assert refused.codes == ["units_exhausted"]
