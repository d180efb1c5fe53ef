"""Everything a counter can get wrong: a stable code, two languages, and nothing changed."""

import json
from datetime import UTC, datetime

import pytest

from pos_subsidy.demo.folder import PACKAGED
from tests.support import ANNA, BAO, FRIDGE, PHONE, content

SALE = {"gtin": FRIDGE, "price_fen": 610_000, "serial_no": "SN-1", "order_no": "O-1"}


def both_languages(api, path, body):
    """Send the same thing in both languages and return the two answers."""
    return [api.post(path, body, **{"Accept-Language": language}) for language in ("zh-CN", "en")]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"gtin": "6901234567891"}, "identifier_invalid"),
        ({"gtin": "6920000000012"}, "not_in_catalogue"),
        ({"gtin": PHONE, "price_fen": 500_000, "imei1": "490154203237519"}, "identifier_invalid"),
        ({"serial_no": "S!"}, "identifier_invalid"),
        ({"serial_no": None}, "serial_required"),
        ({"price_fen": 610_001}, "price_over_filed"),
        ({"price_fen": 6100.555}, "body_invalid"),
        ({"price_fen": "6100"}, "body_invalid"),
        ({"price_fen": 0}, "body_invalid"),
        ({"order_no": ""}, "body_invalid"),
        ({"surprise": 1}, "body_invalid"),
        ({"gtin": None, "category": "broom"}, "category_unknown"),
        ({"voucher": "TI1:ABC"}, "voucher_forged"),
        ({"voucher": "7K3M9QWX4T2B"}, "voucher_code_invalid"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_field_at_the_hold_is_named_and_changes_nothing(api, db, change, code):
    voucher = api.voucher(ANNA)
    body = {"voucher": voucher["token"], **SALE, **change}
    before = content(db)
    zh, en = both_languages(api, "/holds", body)
    assert code in zh.codes and code in en.codes
    assert zh.status == en.status and 400 <= zh.status < 500
    for answer, has_chinese in ((zh, True), (en, False)):
        said = answer.json["title"] + answer.json["detail"] + answer.json["next_step"]
        assert any("\u4e00" <= char <= "\u9fff" for char in said) is has_chinese
        assert answer.headers["Content-Type"] == "application/problem+json"
    after = content(db)
    for table in ("voucher", "hold", "redemption", "piece"):
        assert after[table] == before[table]
    assert api.try_hold(voucher["token"]).status == 201


@pytest.mark.parametrize(
    ("person", "field"),
    [
        ({"id_number": "330402189901010016"}, "check_digit"),
        ({"id_number": "33040218990101001"}, "length"),
        ({"id_number": "330402189913010015"}, "birth_date"),
        ({"id_type": "library_card"}, "unknown"),
        ({"phone": "12"}, "length"),
    ],
)
def test_a_wrong_person_is_refused_without_being_repeated(api, db, person, field):
    before = content(db)
    wrong = {**ANNA, **person}
    answer = api.post("/vouchers", {"category": "refrigerator", "person": wrong})
    assert answer.codes == ["person_invalid"]
    assert wrong["id_number"].encode() not in answer.raw
    assert {name: rows for name, rows in content(db).items() if name != "request"} == {
        name: rows for name, rows in before.items() if name != "request"
    }


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"{}"])
def test_a_malformed_body_is_never_a_crash(api, body):
    answer = api.post("/vouchers", body)
    assert (answer.status, answer.code) == (400, "body_invalid")


def test_a_reused_key_is_a_conflict_and_a_repeated_one_a_replay(api, db):
    body = {"category": "refrigerator", "person": ANNA}
    first = api.post("/vouchers", body, key="once")
    again = api.post("/vouchers", body, key="once")
    assert (again.raw, again.headers["Idempotent-Replay"]) == (first.raw, "true")
    other = api.post("/vouchers", {**body, "person": BAO}, key="once")
    assert (other.status, other.code) == (409, "idempotency_conflict")
    assert len(content(db)["voucher"]) == 1


def test_a_second_scan_while_the_first_is_paid_for_waits(api):
    voucher = api.voucher()
    api.hold(voucher["token"])
    second = api.try_hold(voucher["token"])
    assert (second.status, second.code) == (409, "voucher_held")
    assert "T1" in second.json["detail"]


@pytest.mark.parametrize("key", [None, "tk_wrong", "Basic x"])
def test_without_a_good_key_nothing_is_told(api, key):
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    for method, path in (
        ("get", "/vouchers/X"),
        ("post", "/vouchers"),
        ("get", "/days/2026-11-20"),
        ("post", "/sync"),
    ):
        answer = getattr(api.client, method)(f"/api/v1{path}", headers=headers)
        assert answer.status_code == 401, path


def _upload(api, day, *names, **files):
    import io

    data = {name: (io.BytesIO((PACKAGED / name).read_bytes()), name) for name in names}
    data |= {name: (io.BytesIO(raw), name) for name, raw in files.items()}
    response = api.client.post(
        f"/api/v1/days/{day}/reconciliation",
        data=data,
        headers={"Authorization": f"Bearer {api.key}"},
        content_type="multipart/form-data",
    )
    return response.status_code, json.loads(response.data)


def test_another_days_bill_and_a_cut_one_change_nothing(api, db):
    before = content(db)
    status, said = _upload(api, "2026-11-20", "wechat_bill.csv")
    assert (status, said["code"]) == (400, "file_other_day")
    whole = (PACKAGED / "wechat_bill.csv").read_bytes()
    status, said = _upload(api, "2026-11-18", "pos_export.csv", cut=whole[:600])
    assert (status, said["code"]) == (400, "file_cut")
    assert content(db) == before


def test_the_same_file_twice_changes_nothing(api, db):
    first = _upload(api, "2026-11-18", "pos_export.csv", "wechat_bill.csv", "alipay_detail.zip")
    rows = content(db)["statement_file"]
    assert first[0] == 200 and len(rows) == 3
    assert _upload(api, "2026-11-18", "pos_export.csv") == first
    assert content(db)["statement_file"] == rows


def test_a_bad_day_is_named(api):
    assert api.get("/days/2026-13-01").code == "day_invalid"
    assert api.get("/redemptions?business_date=yesterday").code == "day_invalid"
    assert api.post("/days/2026-11-21/close").code == "day_not_begun"


def test_what_is_not_there_is_not_found(api):
    assert (api.get("/vouchers/7K3M9QWX4T20").status, api.get("/holds/H-X").status) == (404, 404)
    assert (api.get("/serials/NEVER-SEEN").status, api.get("/serials/NEVER-SEEN").code) == (404, "not_found")
    assert api.get("/nothing-here").status == 404


def test_what_is_claimed_after_purchase_is_not_deducted_at_the_till(api, clock):
    clock.now = datetime(2025, 6, 18, 4, tzinfo=UTC)
    refused = api.post("/vouchers", {"category": "renovation", "person": ANNA})
    assert (refused.status, refused.codes) == (422, ["claimed_afterwards"])


def test_attributes_are_read_strictly(api):
    body = {"category": "car", "price_fen": 10_000_000, "sold_on": "2025-06-18"}
    good = {"scheme": "replacement", "fuel": "nev", "old_car_held_since": "2024-01-01"}
    granted = api.post("/assessments", {**body, "attributes": good}, key=None)
    assert (granted.status, granted.json["subsidy_fen"]) == (200, 1_200_000)
    for name, value in (("fuel", "steam"), ("old_car_held_since", "last year"), ("vin", "1")):
        refused = api.post("/assessments", {**body, "attributes": {**good, name: value}}, key=None)
        assert refused.code in ("attribute_invalid", "identifier_invalid"), name
    assert (
        api.post("/assessments", {**body, "attributes": {"colour": "red"}}, key=None).code
        == "attribute_unknown"
    )


def test_a_bug_shows_no_detail(api, monkeypatch):
    def broken(*_args, **_kwargs):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("pos_subsidy.services.looking_up.redemption", broken)
    answer = api.get("/redemptions/R-1")
    assert (answer.status, answer.code) == (500, "internal_error")
    assert b"secret" not in answer.raw and b"zero" not in answer.raw.lower()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"price_fen": 0}, "body_invalid"),
        ({"price_fen": -1}, "body_invalid"),
        ({"price_fen": 100.005}, "body_invalid"),
        ({"price_fen": 10**14}, "body_invalid"),
        ({"energy_rating": "一级"}, "rating_invalid"),
        ({"energy_rating": "1级"}, "rating_invalid"),
        ({"energy_rating": "Ⅰ"}, "rating_invalid"),
        ({"energy_rating": "1.5匹"}, "rating_invalid"),
        ({"energy_rating": 0}, "rating_invalid"),
        ({"sold_on": "2026-02-30"}, "body_invalid"),
        ({"sold_on": "2026-11-21"}, "sale_in_future"),
        ({"attributes": {"scheme": "replacement"}}, "attribute_unknown"),
    ],
)
def test_a_question_that_cannot_be_is_a_field_error_that_names_it(api, changes, code):
    body = {"category": "computer", "price_fen": 599_900, "energy_rating": 1, **changes}
    answer = api.post("/assessments", body, key=None)
    assert (answer.status, answer.code) == (400, code)
    told = answer.json["detail"]
    field = next(iter(changes))
    assert str(changes[field])[:10] in told or field in told or "scheme" in told
    assert answer.json["next_step"]


def test_somebody_born_tomorrow_is_refused(api):
    body = {"category": "computer", "price_fen": 599_900, "energy_rating": 1}
    person = {"id_type": "resident", "id_number": "330402202611210019"}
    refused = api.post("/assessments", {**body, "person": person}, key=None)
    assert refused.status == 200 and not refused.json["eligible"]
    assert refused.json["refusals"][0]["code"] == "person_invalid"


def test_a_rating_in_words_is_told_as_the_number_to_send(api):
    body = {"category": "computer", "price_fen": 599_900, "energy_rating": "一级"}
    answer = api.post("/assessments", body, key=None)
    assert answer.code == "rating_invalid" and "whole number 1" in answer.json["next_step"]


@pytest.mark.parametrize("day", [1750204800, "1750204800", "2025-06-18T00:00:00", "20250618", "2025-6-8"])
def test_a_day_is_written_in_one_way(api, day):
    body = {"category": "computer", "price_fen": 599_900, "energy_rating": 1, "sold_on": day}
    answer = api.post("/assessments", body, key=None)
    assert (answer.status, answer.code) == (400, "body_invalid")
    assert "YYYY-MM-DD" in str(answer.json)
