"""Evidence of a sale through the API: what is missing and by when, and every wrong field by its name."""

import base64
import hashlib
import io
import json
import uuid
from datetime import UTC, datetime

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from pos_subsidy import bundled
from pos_subsidy.config import Folder
from pos_subsidy.store import journal, migrations
from pos_subsidy.store.db import open_database, write_transaction
from tests import pictures
from tests.support import ANNA, BAO, IMEI, PHONE, Api, journal_kinds, run, wired_with

NUMBER, OTHER = "24417000000034170288", "24417000000034170289"
QR = f"01,32,,{NUMBER},6100.00,20261120,,ABCD"


def path(sold) -> str:
    return f"/redemptions/{sold['redemption_id']}/evidence"


def invoice(**changes):
    told = {
        "number": NUMBER,
        "total_fen": 610_000,
        "issued_on": "2026-11-20",
        "buyer_name": ANNA["name"],
        "items": 1,
    }
    return {"invoice": {**told, **changes}}


def photo(content: bytes, kind: str = "box", **more):
    return {"photos": [{"kind": kind, "content_base64": base64.b64encode(content).decode(), **more}]}


def states(answer) -> dict[str, str]:
    return {one["code"]: one["state"] for one in answer.json["items"]}


def warnings(answer, code: str = "box_photo") -> list[str]:
    part = next(one for one in answer.json["items"] if one["code"] == code)
    return [one["code"] for one in part["warnings"]]


def test_each_answer_lists_what_is_missing_and_by_when(api):
    """EV-01"""
    sold = api.sell()
    first = api.put(path(sold), invoice())
    assert first.status == 200, first.json
    assert (first.json["complete"], states(first)) == (False, {"invoice": "given", "box_photo": "missing"})
    assert first.json["missing"] == [
        {"code": "box_photo", "state": "missing", "due_on": "2026-11-27", "overdue": False}
    ]
    last = api.put(path(sold), photo(pictures.jpeg(), serial_no="sn-0001"))
    assert (last.json["complete"], last.json["missing"]) == (True, [])
    assert api.get(f"/redemptions/{sold['redemption_id']}").json["evidence"]["complete"] is True


def test_a_part_that_comes_twice_changes_nothing_and_any_order_is_the_same(api, db, clock):
    """EV-01"""
    sold, other = api.sell(), api.sell(BAO, serial_no="SN-0002", order_no="O-2")
    parts = [invoice(), photo(pictures.jpeg(), serial_no="SN-0001")]
    for part in parts:
        api.put(path(sold), part)
    kinds, rows = journal_kinds(db), db.execute("SELECT * FROM evidence").fetchall()
    clock.pass_by(hours=1)
    for part in reversed(parts):
        assert api.put(path(sold), part).json["complete"] is True
    assert journal_kinds(db) == kinds and db.execute("SELECT * FROM evidence").fetchall() == rows
    api.put(path(other), photo(pictures.jpeg(seed=2)))
    both = api.put(path(other), invoice(number=OTHER))
    assert (both.json["complete"], states(both)) == (True, {"invoice": "given", "box_photo": "given"})


def test_the_same_request_gets_the_same_answer(api, db):
    sold, key = api.sell(), uuid.uuid4().hex
    first, again = (api.put(path(sold), invoice(), key=key) for _ in range(2))
    assert again.raw == first.raw and again.headers["Idempotent-Replay"] == "true"
    assert journal_kinds(db).count("evidence_given") == 1
    assert api.put(path(sold), invoice(items=2), key=key).code == "idempotency_conflict"


def test_an_invoice_that_is_replaced_is_kept_with_who_and_when(api, clock):
    """EV-03"""
    sold = api.sell()
    api.put(path(sold), {**invoice(), "cashier": "wang"})
    clock.pass_by(days=1)
    new = api.put(path(sold), {**invoice(number=OTHER), "cashier": "li"})
    counts = next(one for one in new.json["items"] if one["code"] == "invoice")
    assert (counts["content"]["number"], counts["cashier"]) == (OTHER, "li")
    (old,) = new.json["replaced"]
    assert (old["content"]["number"], old["cashier"]) == (NUMBER, "wang")
    assert (old["given_at"], old["replaced_at"]) == ("2026-11-20T04:00:00.000Z", "2026-11-21T04:00:00.000Z")


@pytest.mark.parametrize("verdict", ["accepted", "rejected", "settled", "clawed_back"])
def test_after_the_verdict_nothing_is_swapped(api, db, verdict):
    """EV-03"""
    sold = api.sell()
    api.put(path(sold), invoice())
    with write_transaction(db):
        db.execute("UPDATE redemption SET verdict = ?", [verdict])
    swapped = api.put(path(sold), invoice(number=OTHER))
    assert (swapped.status, swapped.code) == (409, "evidence_decided")
    assert api.put(path(sold), invoice()).status == 200, "the same again swaps nothing"
    assert api.put(path(sold), photo(pictures.jpeg())).json["complete"], "what was missing may still come"


def test_a_suspended_sale_takes_better_evidence(api, db):
    """EV-03"""
    sold = api.sell()
    api.put(path(sold), invoice())
    with write_transaction(db):
        db.execute("UPDATE redemption SET verdict = 'suspended'")
    assert api.put(path(sold), invoice(number=OTHER)).status == 200


@pytest.mark.parametrize(
    ("changes", "code", "named"),
    [
        ({"total_fen": 610_001}, "invoice_total_differs", "invoice.total_fen"),
        ({"total_fen": 609_999}, "invoice_total_differs", "invoice.total_fen"),
        ({"total_fen": 518_500}, "invoice_total_differs", "invoice.total_fen"),
        ({"buyer_name": "测试乙"}, "invoice_buyer_differs", "invoice.buyer_name"),
        ({"issued_on": "2026-11-19"}, "invoice_day_impossible", "invoice.issued_on"),
        ({"issued_on": "2026-11-21"}, "invoice_day_impossible", "invoice.issued_on"),
        ({"items": 2}, "invoice_several_items", "invoice.items"),
    ],
)
def test_the_very_field_of_an_invoice_is_named(api, db, changes, code, named):
    """EV-04"""
    sold = api.sell()
    refused = api.put(path(sold), {**invoice(**changes), **photo(pictures.jpeg())})
    assert (refused.status, refused.codes) == (422, [code])
    assert refused.json["reasons"][0]["field"] == named
    assert "evidence_given" not in journal_kinds(db), "nothing is half-done"


def test_every_wrong_field_is_named_at_once(api):
    """EV-04"""
    refused = api.put(path(api.sell()), invoice(total_fen=1, buyer_name="别人", items=3))
    assert {"invoice_total_differs", "invoice_buyer_differs", "invoice_several_items"} == set(refused.codes)


def test_an_invoice_counts_for_one_sale(api):
    """EV-04"""
    sold, other = api.sell(), api.sell(BAO, serial_no="SN-0002", order_no="O-2")
    api.put(path(sold), invoice())
    refused = api.put(path(other), invoice())
    assert (refused.codes, refused.json["reasons"][0]["field"]) == (
        ["invoice_on_other_sale"],
        "invoice.number",
    )
    assert "O-1" in refused.json["detail"]
    api.put(path(sold), invoice(number=OTHER))
    assert api.put(path(other), invoice()).status == 200, "a replaced invoice is free"


def test_an_invoice_is_read_from_its_qr(api):
    """EV-04"""
    sold = api.sell()
    off = api.put(path(sold), {"invoice": {"qr": QR.replace("6100.00", "6100.01"), "buyer_name": "测试甲"}})
    assert off.codes == ["invoice_total_differs"]
    told = api.put(path(sold), {"invoice": {"qr": QR, "number": OTHER, "buyer_name": "测试甲"}})
    assert (told.status, told.code, told.json["context"]["field"]) == (
        400,
        "invoice_qr_differs",
        "invoice.number",
    )
    assert states(api.put(path(sold), {"invoice": {"qr": QR, "buyer_name": "测试甲"}}))["invoice"] == "given"


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "evidence_empty", None),
        (invoice(number="123"), "invoice_number_invalid", "invoice.number"),
        (invoice(buyer_name=""), "invoice_incomplete", "invoice.buyer_name"),
        ({"invoice": {"qr": "hello", "buyer_name": "x"}}, "invoice_invalid", "invoice.qr"),
        (invoice(total_fen="6100"), "body_invalid", "invoice.total_fen"),
        ({"invoices": {}}, "body_invalid", "invoices"),
        ({"photos": [{"kind": "box"}]}, "evidence_file_invalid", "photos.box"),
        ({"photos": [{"kind": "box", "sha256": "0" * 64}]}, "photo_unknown", "photos.box"),
        ({"photos": [{"kind": "box", "content_base64": "%%%"}]}, "evidence_file_invalid", "photos.box"),
        ({"delivery": {"delivered_on": "2026-13-01"}}, "body_invalid", "delivery.delivered_on"),
    ],
)
def test_what_is_malformed_is_a_field_error(api, body, code, field):
    refused = api.put(path(api.sell()), body)
    assert (refused.status, refused.code) == (400, code)
    assert field is None or refused.json["context"]["field"] == field


def test_a_sale_that_is_not_there_is_not_found(api):
    """SE-02"""
    assert api.put("/redemptions/R-1/evidence", invoice()).code == "redemption_unknown"
    assert api.get("/redemptions/1/evidence").status == 404
    assert api.client.put("/api/v1/redemptions/R-1/evidence").status_code == 401


def test_a_reversed_sale_takes_no_evidence_and_lacks_none(api):
    sold = api.sell()
    api.post(f"/redemptions/{sold['redemption_id']}/reverse", {"kind": "full", "reason": "x"})
    assert api.put(path(sold), invoice()).code == "already_reversed"
    assert api.get(path(sold)).json["complete"] is True


def test_a_partial_reversal_makes_the_invoice_wrong_until_it_is_replaced(api):
    sold = api.sell()
    api.put(path(sold), invoice())
    body = {"kind": "partial", "new_price_fen": 600_000, "reason": "x"}
    api.post(f"/redemptions/{sold['redemption_id']}/reverse", body)
    now = api.get(path(sold))
    assert states(now)["invoice"] == "wrong" and "invoice" in [one["code"] for one in now.json["missing"]]
    assert states(api.put(path(sold), invoice(total_fen=600_000)))["invoice"] == "given"


def test_each_part_has_its_own_day_and_one_not_due_blocks_nothing(api, clock):
    """EV-10"""
    clock.now = datetime(2025, 6, 18, 4, tzinfo=UTC)
    voucher = api.voucher(category="ageing_adaptation")
    hold = api.post(
        "/holds",
        {
            "voucher": voucher["token"],
            "category": "ageing_adaptation",
            "price_fen": 100_000,
            "order_no": "O-9",
        },
    )
    sold = api.redeem(hold.json)
    waiting = api.get(path(sold)).json["items"]
    assert {one["code"]: (one["state"], one["due_on"]) for one in waiting} == {
        "delivery_note": ("not_due", "2025-09-25"),
        "box_photo": ("not_due", "2025-09-25"),
        "invoice": ("not_due", "2025-10-18"),
    }
    assert api.post("/days/2025-06-18/close").status == 200
    clock.now = datetime(2025, 7, 30, 4, tzinfo=UTC)
    told = api.put(path(sold), {"delivery": {"delivered_on": "2025-07-30", "signed_by": "家属"}})
    assert [(one["code"], one["state"], one["due_on"]) for one in told.json["missing"]] == [
        ("box_photo", "missing", "2025-08-06"),
        ("invoice", "missing", "2025-08-29"),
    ]
    clock.now = datetime(2025, 8, 7, 4, tzinfo=UTC)
    assert [one["overdue"] for one in api.get(path(sold)).json["missing"]] == [True, False]
    late = {"number": NUMBER, "total_fen": 100_000, "issued_on": "2025-08-07", "buyer_name": "测试甲"}
    assert states(api.put(path(sold), {"invoice": late}))["invoice"] == "given"


def test_a_delivery_is_signed_in_time_and_after_the_sale(api, clock):
    clock.now = datetime(2025, 6, 18, 4, tzinfo=UTC)
    voucher = api.voucher(category="ageing_adaptation")
    asked = {"voucher": voucher["token"], "category": "ageing_adaptation", "order_no": "O-9"}
    sold = api.redeem(api.post("/holds", {**asked, "price_fen": 100_000}).json)
    clock.now = datetime(2025, 9, 20, 4, tzinfo=UTC)
    for day, code in (("2025-06-17", "delivery_day_impossible"), ("2025-09-19", "delivery_too_late")):
        refused = api.put(path(sold), {"delivery": {"delivered_on": day, "signed_by": "x"}})
        assert (refused.codes, refused.json["reasons"][0]["field"]) == ([code], "delivery.delivered_on")
    unsigned = api.put(path(sold), {"delivery": {"delivered_on": "2025-09-18", "region": "110101"}})
    (note,) = [one for one in unsigned.json["items"] if one["code"] == "delivery_note"]
    assert (note["state"], note["reasons"][0]["code"]) == ("wrong", "delivery_not_signed")
    assert note["warnings"][0]["code"] == "evidence_region_differs"


def test_a_photo_of_another_piece_is_refused(api):
    sold = api.sell()
    refused = api.put(path(sold), photo(pictures.jpeg(), serial_no="SN-0002"))
    assert (refused.codes, refused.json["reasons"][0]["field"]) == (
        ["photo_serial_differs"],
        "photos.box.serial_no",
    )


def test_digital_goods_want_the_screen_too_and_its_imei_is_the_piece(api):
    hold = api.hold(
        api.voucher(category="phone")["token"], PHONE, 399_900, serial_no="SN-P1", imei1=IMEI, order_no="O-3"
    )
    sold = api.redeem(hold)
    now = api.put(path(sold), photo(pictures.png(), "screen", serial_no=IMEI))
    assert states(now) == {"invoice": "missing", "box_photo": "missing", "screen_photo": "given"}


@pytest.mark.parametrize(
    ("content", "media"),
    [
        (pictures.jpeg(), "image/jpeg"),
        (pictures.png(), "image/png"),
        (pictures.pdf(), "application/pdf"),
        (pictures.heic(), "image/heic"),
    ],
    ids=["jpeg", "png", "pdf", "heic"],
)
def test_files_are_known_by_their_content_and_kept_encrypted(api, folder, content, media):
    sold = api.sell()
    parts = {"evidence": json.dumps({}), "box": (io.BytesIO(content), "photo.exe")}
    answer = _send_files(api, sold, parts)
    assert answer.status_code == 200, answer.text
    (part,) = [one for one in answer.json["items"] if one["code"] == "box_photo"]
    sha256 = hashlib.sha256(content).hexdigest()
    assert (part["content"]["media"], part["content"]["sha256"]) == (media, sha256)
    (kept,) = [one for one in (folder.path / "files").rglob("*") if one.is_file()]
    assert content not in kept.read_bytes() and kept.stat().st_mode & 0o077 == 0
    back = api.client.get(
        f"/api/v1{path(sold)}/box_photo/file", headers={"Authorization": f"Bearer {api.key}"}
    )
    assert (back.data, back.mimetype) == (content, media)


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "file_empty"),
        (b"MZ\x90\x00 a program", "file_kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "file_kind"),
        (pictures.jpeg()[:-4000], "file_damaged"),
        (pictures.png()[:3000], "file_damaged"),
        (b"\xff\xd8\xff" + b"\0" * 500, "file_damaged"),
        (pictures.pdf()[:200], "file_damaged"),
        (pictures.heic()[:-5], "file_damaged"),
        (pictures.false_heic(), "file_damaged"),
        (pictures.bomb(), "file_pixels"),
        (b"%PDF-" + b"0" * 15 * 1024 * 1024, "file_too_large"),
    ],
    ids=[
        "empty",
        "program",
        "svg",
        "jpeg cut",
        "png cut",
        "no jpeg",
        "pdf cut",
        "heic cut",
        "heic",
        "bomb",
        "large",
    ],
)
def test_a_file_that_cannot_be_used_is_refused_and_leaves_nothing(api, db, folder, content, cause):
    sold = api.sell()
    answer = _send_files(api, sold, {**_invoice_part(), "box": (io.BytesIO(content), "box.jpg")})
    assert (answer.status_code, answer.json["code"]) == (400, "evidence_file_invalid")
    assert answer.json["context"] == {"field": "photos.box", "cause": cause}
    assert "evidence_given" not in journal_kinds(db) and not (folder.path / "files").exists()


def test_a_photo_used_before_is_pointed_out_and_refused_by_nothing(api):
    sold, other = api.sell(), api.sell(BAO, serial_no="SN-0002", order_no="O-2")
    api.put(path(sold), photo(pictures.jpeg(quality=90)))
    for again in (
        pictures.jpeg(quality=90),
        pictures.jpeg(quality=60),
        pictures.png(),
        pictures.turned_jpeg(),
        pictures.heic(),
    ):
        answer = api.put(path(other), photo(again))
        assert (answer.status, warnings(answer)) == (200, ["photo_reused"])
        (part,) = [one for one in answer.json["items"] if one["code"] == "box_photo"]
        assert part["state"] == "given" and part["warnings"][0]["params"]["order_no"] == "O-1"
    assert warnings(api.put(path(other), photo(pictures.jpeg(seed=5)))) == []


@pytest.mark.parametrize(
    ("content", "defects"),
    [
        (pictures.jpeg(), []),
        (pictures.dark(), ["photo_dark"]),
        (pictures.blurred(), ["photo_blurred"]),
        (pictures.jpeg(size=(660, 300)), ["photo_small"]),
    ],
    ids=["good", "dark", "blurred", "small"],
)
def test_what_cannot_be_seen_on_a_photo_is_named(api, content, defects):
    assert warnings(api.put(path(api.sell()), photo(content))) == defects


def test_a_file_that_is_there_already_is_named_by_its_fingerprint(api):
    sold = api.sell()
    api.put(path(sold), photo(pictures.jpeg(seed=7)))
    sha256 = hashlib.sha256(pictures.jpeg(seed=7)).hexdigest()
    body = {"photos": [{"kind": "label", "sha256": sha256}]}
    assert states(api.put(path(sold), body))["label_photo"] == "given"


def test_the_journal_names_nobody_and_brings_the_evidence_back(api, db, tmp_path):
    sold = api.sell()
    told = {"delivery": {"delivered_on": "2026-11-20", "signed_by": "签收人李四"}}
    api.put(path(sold), {**invoice(), **told, **photo(pictures.jpeg())})
    api.put(path(sold), invoice(number=OTHER))
    text = json.dumps([entry.body for entry in journal.entries(db)], ensure_ascii=False)
    assert "测试甲" not in text and "李四" not in text
    empty = open_database(tmp_path / "rebuilt.db")
    migrations.create(empty, bundled("schema.sql").read_text("utf-8"))
    assert journal.rebuild_into(db, empty) == []
    assert empty.execute("SELECT count(*) FROM evidence").fetchone() == (4,)
    empty.close()


def test_a_shop_made_before_there_were_files_can_keep_them(folder, clock):
    keys = json.loads((folder.path / "keys/shop.json").read_text("utf-8"))
    del keys["files_key"]
    (folder.path / "keys/shop.json").write_text(json.dumps(keys), "utf-8")
    api = Api.of(wired_with(folder, clock), folder)
    assert api.put(path(api.sell()), photo(pictures.jpeg())).status == 200


def test_a_backup_carries_the_files(api, folder, clock, tmp_path):
    sold = api.sell()
    api.put(path(sold), photo(pictures.jpeg()))
    run("backup", str(tmp_path / "kept.zip"), "--data", str(folder.path))
    run("restore", str(tmp_path / "kept.zip"), "--data", str(tmp_path / "back"))
    back = Api.of(wired_with(Folder(tmp_path / "back"), clock), Folder(tmp_path / "back"))
    found = back.get(f"{path(sold)}/box_photo/file")
    assert (found.status, found.raw) == (200, pictures.jpeg())


def _invoice_part():
    return {"evidence": json.dumps(invoice())}


def _send_files(api, sold, parts):
    headers = {"Authorization": f"Bearer {api.key}", "Idempotency-Key": uuid.uuid4().hex}
    files = {name: FileStorage(*one) if isinstance(one, tuple) else one for name, one in parts.items()}
    boundary, written = encode_multipart(files)
    form = f"multipart/form-data; boundary={boundary}"
    return api.client.put(f"/api/v1{path(sold)}", data=written, content_type=form, headers=headers)
