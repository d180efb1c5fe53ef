"""Claims after purchase through the API: pre-check, papers, slip, one submission."""

from datetime import UTC, datetime

import pytest

from pos_subsidy import bundled
from pos_subsidy.store import journal
from pos_subsidy.store.db import open_database
from pos_subsidy.store.migrations import create
from tests.support import ANNA, BAO, PERSONS, content, journal_kinds

VIN, OLD_VIN = "LSVAA49J7R2000001", "LGXC16AF3S0000001"
OTHER_VIN = "11111111111111111"
CAR = {"scheme": "replacement", "fuel": "nev", "vin": VIN}
PROVEN = {
    "old_car_vin": OLD_VIN,
    "old_car_held_since": "2020-05-01",
    "old_car_disposed_on": "2025-03-01",
    "old_car_first_registered_on": "2015-03-01",
    "old_car_fuel": "petrol",
    "invoice_region": "330402",
}
CODES = ("invoice", "registration", "old_car_transfer", "old_car_registration", "bank_account")


@pytest.fixture(autouse=True)
def in_2026(clock):
    clock.now = datetime(2026, 11, 20, 4, tzinfo=UTC)


def papers(
    number="26427000000316294884", amount_fen=15_000_000, codes=CODES, *, day="2026-11-20", **attributes
):
    invoice = {"code": "invoice", "number": number, "amount_fen": amount_fen, "issued_on": day}
    given = [invoice if code == "invoice" else {"code": code} for code in codes]
    return {"papers": given, "attributes": {**PROVEN, "registered_on": day, **attributes}}


def try_open(api, person=ANNA, price_fen=15_000_000, category="car", attributes=CAR, **more):
    body = {"category": category, "person": person, "price_fen": price_fen, "attributes": attributes, **more}
    return api.post("/claims", body)


def opened(api, person=ANNA, **more):
    answer = try_open(api, person, **more)
    assert answer.status == 201, answer.json
    return answer.json


def submitted(api, person=ANNA, *, given=None, **more):
    claim = opened(api, person, **more)
    entered = api.put(f"/claims/{claim['claim_id']}/papers", given or papers())
    assert entered.status == 200, entered.json
    return api.post(f"/claims/{claim['claim_id']}/submit")


def test_the_till_pre_checks_and_lists_the_papers(api):
    claim = opened(api)
    assert (claim["status"], claim["subsidy_fen"], claim["payable_fen"]) == ("open", 1_200_000, 15_000_000)
    assert claim["claim_id"].startswith("C-20261120-")
    assert [one["code"] for one in claim["papers"]] == list(CODES), "of a replacement, not of a scrapping"
    assert all(one["shows_zh"] and one["shows_en"] and one["clause"] for one in claim["papers"])
    assert {one["status"] for one in claim["papers"]} == {"missing"}
    assert claim["slip"]["url"].startswith("http://till.test/claim/")
    told = claim["assessment"]["steps"]
    assert told[0]["code"] == "base" and all(step["clause"] for step in told)


def test_papers_of_2025_have_their_last_day(api, clock):
    clock.now = datetime(2025, 6, 18, 4, tzinfo=UTC)
    claim = opened(api, attributes={**CAR, "scheme": "scrappage", "old_car_fuel": "petrol"})
    due = {one["code"]: one["due"] for one in claim["papers"]}
    assert due["invoice"] == due["registration"] == "2026-01-10"
    assert "old_car_scrapped" in due and "old_car_transfer" not in due
    assert (claim["apply_last_day"], claim["corrections_until"]) == ("2026-01-10", "2026-01-20")


def test_opening_reserves_nothing_and_submitting_is_the_redemption(api, db):
    first, second = opened(api), opened(api)
    api.put(f"/claims/{first['claim_id']}/papers", papers())
    done = api.post(f"/claims/{first['claim_id']}/submit")
    assert (done.status, done.json["status"], done.json["redemption_id"]) == (
        201,
        "submitted",
        first["claim_id"],
    )
    assert journal_kinds(db)[-3:] == ["claim_opened", "claim_papers", "claim_submitted"]
    again = api.post(f"/claims/{first['claim_id']}/submit")
    assert (again.status, again.code) == (409, "claim_submitted")
    late = api.put(f"/claims/{second['claim_id']}/papers", papers())
    assert (late.status, late.codes) == (422, ["units_exhausted"])


def test_a_submission_with_papers_missing_names_each(api):
    claim = opened(api)
    refused = api.post(f"/claims/{claim['claim_id']}/submit")
    assert refused.status == 422
    assert refused.codes.count("paper_missing") == len(CODES)
    assert "attribute_required" in refused.codes
    entered = api.put(f"/claims/{claim['claim_id']}/papers", papers(codes=CODES[:-1])).json
    assert {one["code"]: one["status"] for one in entered["papers"]}["bank_account"] == "missing"
    refused = api.post(f"/claims/{claim['claim_id']}/submit")
    assert refused.codes == ["paper_missing"]
    assert "bank account" in refused.json["reasons"][0]["message_en"]


def test_a_paper_without_what_it_shows_is_incomplete(api):
    claim = opened(api)
    given = papers()
    del given["attributes"]["old_car_vin"]
    entered = api.put(f"/claims/{claim['claim_id']}/papers", given).json
    transfer = next(one for one in entered["papers"] if one["code"] == "old_car_transfer")
    assert (transfer["status"], transfer["missing"]) == ("incomplete", ["old_car_vin"])
    assert api.post(f"/claims/{claim['claim_id']}/submit").status == 422


@pytest.mark.parametrize(
    "written",
    [
        "26427000000316294884 ",
        " 2642 7000 0003 1629 4884",
        "26427000-000316294884",
        "２６４２７000000316294884",
    ],
)
def test_an_invoice_is_one_however_it_is_written(api, written):
    assert submitted(api).status == 201
    attributes = {**CAR, "vin": OTHER_VIN}
    refused = submitted(
        api, BAO, attributes=attributes, given=papers(written, old_car_vin="1M8GDM9AXKP042788")
    )
    assert (refused.status, refused.codes) == (422, ["invoice_used"])


@pytest.mark.parametrize("number", ["123", "2642700000031629488X", "264270000003162948841"])
def test_what_is_no_invoice_number_is_not_taken(api, number):
    claim = opened(api)
    refused = api.put(f"/claims/{claim['claim_id']}/papers", papers(number))
    assert (refused.status, refused.code) == (400, "invoice_number_invalid")


@pytest.mark.parametrize("without", ["number", "amount_fen", "issued_on"])
def test_an_invoice_without_number_amount_or_day_is_incomplete(api, without):
    claim = opened(api)
    given = papers()
    del given["papers"][0][without]
    entered = api.put(f"/claims/{claim['claim_id']}/papers", given).json
    assert entered["papers"][0]["status"] == "incomplete" and entered["papers"][0]["missing"]
    assert api.post(f"/claims/{claim['claim_id']}/submit").codes == ["paper_missing"]


def test_the_invoices_day_is_the_day_whose_rules_count(api, clock):
    clock.now = datetime(2026, 1, 9, 4, tzinfo=UTC)
    proof = {"old_car_disposed_on": "2025-03-01", "registered_on": "2026-01-08"}
    late = submitted(api, sold_on="2025-12-31", given=papers(day="2026-01-08", **proof))
    assert (late.status, late.codes) == (422, ["invoice_day_differs"])


def test_one_car_is_not_new_and_old_at_once(api):
    refused = submitted(api, given=papers(old_car_vin=VIN))
    assert (refused.status, refused.codes) == (422, ["same_car_twice"])


def test_a_sum_that_rounds_down_to_nothing_opens_no_claim(api, db):
    for price_fen in (1, 12):
        refused = try_open(api, price_fen=price_fen)
        assert (refused.status, refused.codes) == (422, ["nothing_granted"])
    assert opened(api, price_fen=13)["subsidy_fen"] == 1
    assert journal_kinds(db).count("claim_opened") == 1


def test_a_flats_number_is_never_taken_as_a_hash(api, clock):
    clock.now = datetime(2025, 6, 18, 4, tzinfo=UTC)
    made_up = {"flat_no": "SHA256:" + "A" * 64, "house_completed_on": "2010-01-01"}
    claim = opened(api, category="renovation", attributes={}, price_fen=10_000_000)
    refused = api.put(f"/claims/{claim['claim_id']}/papers", {"attributes": made_up})
    assert (refused.status, refused.code) == (400, "attribute_invalid")


def test_a_correction_must_have_what_a_submission_must_have(api, clock):
    clock.now = datetime(2025, 6, 18, 4, tzinfo=UTC)
    proof = {"old_car_disposed_on": "2025-03-01", "registered_on": "2025-06-18", "day": "2025-06-18"}
    claim = submitted(api, given=papers(**proof)).json["claim_id"]
    empty = {"papers": [{"code": "invoice", "number": "", "amount_fen": 1}]}
    refused = api.put(f"/claims/{claim}/papers", empty)
    assert (refused.status, refused.codes) == (422, ["paper_missing"])
    attributes = {**CAR, "vin": OTHER_VIN}
    other = papers(**{**proof, "old_car_vin": "1M8GDM9AXKP042788"})
    assert submitted(api, BAO, attributes=attributes, given=other).codes == ["invoice_used"]


def test_a_submitted_claim_is_found_as_a_redemption(api):
    claim = submitted(api).json
    assert api.get(f"/redemptions/{claim['redemption_id']}").json["claim_id"] == claim["claim_id"]
    listed = api.get("/redemptions?business_date=2026-11-20").json
    assert [one["claim_id"] for one in listed["claims"]] == [claim["claim_id"]]
    assert listed["redemptions"] == []


def test_what_papers_show_against_the_rules_is_refused(api):
    claim = opened(api)
    wrong = api.put(f"/claims/{claim['claim_id']}/papers", papers(old_car_held_since="2025-01-08"))
    assert (wrong.status, wrong.codes) == (422, ["old_car_not_eligible"])
    assert api.get(f"/claims/{claim['claim_id']}").json["papers"][0]["status"] == "missing"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"vin": OTHER_VIN, "old_car_vin": OLD_VIN}, "old_car_used"),
        ({"vin": VIN, "old_car_vin": "1M8GDM9AXKP042788"}, "car_used"),
    ],
)
def test_a_new_car_and_an_old_car_are_used_once_each(api, change, code):
    assert submitted(api).status == 201
    attributes = {**CAR, "vin": change["vin"]}
    given = papers("99427000000316294884", old_car_vin=change["old_car_vin"])
    refused = submitted(api, BAO, attributes=attributes, given=given)
    assert (refused.status, refused.codes) == (422, [code])


def test_an_invoice_is_used_once_and_must_say_the_price(api):
    assert submitted(api).status == 201
    attributes = {**CAR, "vin": OTHER_VIN}
    given = papers(old_car_vin="1M8GDM9AXKP042788")
    assert submitted(api, BAO, attributes=attributes, given=given).codes == ["invoice_used"]
    given = papers("99427000000316294884", 15_000_001, old_car_vin="1M8GDM9AXKP042788")
    assert submitted(api, BAO, attributes=attributes, given=given).codes == ["invoice_differs"]


def test_in_2026_a_person_has_one_of_the_two_schemes(api):
    assert submitted(api).status == 201
    refused = try_open(api, attributes={**CAR, "vin": OTHER_VIN, "scheme": "scrappage"})
    assert (refused.status, refused.codes) == (422, ["scheme_conflict"])
    refused = try_open(api, attributes={**CAR, "vin": OTHER_VIN})
    assert refused.codes == ["units_exhausted"]


def test_in_2025_she_has_one_of_each(api, clock):
    clock.now = datetime(2025, 6, 18, 4, tzinfo=UTC)
    proof = {"old_car_disposed_on": "2025-03-01", "registered_on": "2025-06-18", "day": "2025-06-18"}
    assert submitted(api, given=papers(**proof)).status == 201
    again = {**CAR, "vin": OTHER_VIN}
    assert try_open(api, attributes=again).codes == ["units_exhausted"]
    scrapped = {**again, "scheme": "scrappage", "old_car_fuel": "petrol"}
    codes = ("invoice", "registration", "old_car_scrapped", "old_car_registration", "bank_account")
    given = papers("99427000000316294884", codes=codes, **proof)
    given["attributes"] |= {"old_car_first_registered_on": "2012-06-30", "old_car_vin": "1M8GDM9AXKP042788"}
    assert submitted(api, attributes=scrapped, given=given).json["subsidy_fen"] == 2_000_000


def test_claims_have_their_days(api, clock):
    clock.now = datetime(2025, 1, 10, 4, tzinfo=UTC)
    proof = {"old_car_disposed_on": "2025-01-05", "registered_on": "2025-01-10", "day": "2025-01-10"}
    claim = opened(api)
    api.put(f"/claims/{claim['claim_id']}/papers", papers(**proof))
    assert api.post(f"/claims/{claim['claim_id']}/submit").codes == ["claim_too_early"]
    clock.now = datetime(2026, 1, 11, 4, tzinfo=UTC)
    assert api.post(f"/claims/{claim['claim_id']}/submit").codes == ["claim_too_late"]
    clock.now = datetime(2026, 1, 10, 4, tzinfo=UTC)
    assert api.post(f"/claims/{claim['claim_id']}/submit").status == 201
    clock.now = datetime(2026, 1, 20, 4, tzinfo=UTC)
    corrected = api.put(f"/claims/{claim['claim_id']}/papers", papers("11427000000316294884", **proof))
    assert corrected.status == 200, "corrections are taken after the last day"
    assert api.get(f"/claims/{claim['claim_id']}").json["papers"][0]["number"] == "11427000000316294884"
    changed = {"attributes": {"scheme": "scrappage", "old_car_fuel": "petrol"}}
    refused = api.put(f"/claims/{claim['claim_id']}/papers", changed)
    assert refused.status in (409, 422) and api.get(f"/claims/{claim['claim_id']}").json["subsidy_fen"]
    clock.now = datetime(2026, 1, 21, 4, tzinfo=UTC)
    over = api.put(f"/claims/{claim['claim_id']}/papers", papers(**proof))
    assert (over.status, over.code) == (409, "claim_submitted")


def test_a_correction_frees_the_wrong_number_and_takes_the_right_one(api, clock):
    clock.now = datetime(2025, 6, 18, 4, tzinfo=UTC)
    proof = {"old_car_disposed_on": "2025-03-01", "registered_on": "2025-06-18", "day": "2025-06-18"}
    first = submitted(api, given=papers(**proof)).json["claim_id"]
    second = submitted(
        api,
        BAO,
        attributes={**CAR, "vin": OTHER_VIN},
        given=papers("99427000000316294884", **{**proof, "old_car_vin": "1M8GDM9AXKP042788"}),
    ).json["claim_id"]
    taken = api.put(f"/claims/{first}/papers", {"attributes": {"vin": OTHER_VIN}})
    assert (taken.status, taken.codes) == (422, ["car_used"])
    right = {"attributes": {"vin": "WVWZZZ1JZXW000001"}}
    assert api.put(f"/claims/{first}/papers", right).status == 200
    freed = api.put(f"/claims/{second}/papers", {"attributes": {"vin": VIN}})
    assert freed.status == 200, "the wrong number is free again"
    scheme = {"attributes": {"fuel": "ice"}}
    assert api.put(f"/claims/{second}/papers", scheme).code == "correction_too_large"


def test_a_purchase_of_last_year_is_judged_by_last_years_rules(api, clock):
    clock.now = datetime(2026, 1, 5, 4, tzinfo=UTC)
    claim = opened(api, sold_on="2025-12-30", price_fen=10_000_000)
    assert (claim["programme"], claim["subsidy_fen"]) == ("car-2025", 1_200_000)
    assert try_open(api, sold_on="2026-01-06").code == "sale_in_future"


def test_a_flat_is_renovated_once_and_its_number_is_not_kept(api, db, clock):
    clock.now = datetime(2025, 6, 18, 4, tzinfo=UTC)
    flat = "330402001001GB00001F00010001"
    codes = ("property", "contract", "invoice", "photos", "bank_account")

    def renovate(person, invoice):
        paper = {"number": invoice, "amount_fen": 10_000_000, "issued_on": "2025-06-18"}
        body = {"papers": [{"code": one, **(paper if one == "invoice" else {})} for one in codes]}
        body["attributes"] = {"flat_no": flat, "house_completed_on": "2010-01-01"}
        claim = opened(api, person, category="renovation", attributes={}, price_fen=10_000_000)
        api.put(f"/claims/{claim['claim_id']}/papers", body)
        return api.post(f"/claims/{claim['claim_id']}/submit")

    done = renovate(ANNA, "26427000000316294884")
    assert (done.status, done.json["subsidy_fen"]) == (201, 1_500_000)
    assert renovate(BAO, "99427000000316294884").codes == ["flat_used"]
    assert flat not in str(content(db))


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({"fuel": "nev"}, "attribute_required"),
        ({**CAR, "vin": "LSVAA49J1R2000001"}, "identifier_invalid"),
        ({**CAR, "old_bike_handed_in": True}, "attribute_unknown"),
        ({**CAR, "old_car_held_since": "2025-02-30"}, "attribute_invalid"),
    ],
)
def test_a_wrong_purchase_opens_nothing(api, db, attributes, code):
    refused = try_open(api, attributes=attributes)
    assert refused.status in (400, 422) and code in refused.codes
    assert "claim_opened" not in journal_kinds(db)


def test_what_is_deducted_at_the_till_is_not_claimed(api):
    refused = try_open(api, category="refrigerator", attributes={}, price_fen=500_000)
    assert "claimed_at_till" in refused.codes


def test_an_unknown_paper_and_an_unknown_claim_are_named(api):
    claim = opened(api)
    refused = api.put(f"/claims/{claim['claim_id']}/papers", {"papers": [{"code": "selfie"}]})
    assert (refused.status, refused.code) == (400, "paper_unknown")
    assert api.get("/claims/C-20261120-00000000").code == "claim_unknown"


def test_an_imported_cars_number_is_a_warning_only(api):
    claim = opened(api, attributes={**CAR, "vin": "WVWZZZ1JZXW000001"})
    assert "vin_check_digit" in [one["code"] for one in claim["assessment"]["warnings"]]


def test_a_write_is_carried_out_once(api, db):
    body = {"category": "car", "person": ANNA, "price_fen": 15_000_000, "attributes": CAR}
    first = api.post("/claims", body, key="k1")
    again = api.post("/claims", body, key="k1")
    assert (again.raw, again.headers["Idempotent-Replay"]) == (first.raw, "true")
    assert journal_kinds(db).count("claim_opened") == 1


def test_the_claims_are_rebuilt_from_the_journal(api, db, tmp_path):
    submitted(api)
    opened(api, PERSONS[2], attributes={**CAR, "vin": OTHER_VIN})
    empty = open_database(tmp_path / "empty.db")
    create(empty, bundled("schema.sql").read_text("utf-8"))
    assert journal.rebuild_into(db, empty) == []
    empty.close()


def test_the_slip_is_a_qr_of_the_customers_own_page(api):
    claim = opened(api)
    picture = api.client.get(claim["slip"]["qr"], headers={"Authorization": f"Bearer {api.key}"})
    assert (picture.status_code, picture.content_type) == (200, "image/svg+xml")
    assert api.client.get(claim["slip"]["qr"]).status_code == 401


def test_a_claim_is_withdrawn_when_the_purchase_is_undone(api, db):
    claim = submitted(api).json["claim_id"]
    back = api.post(f"/claims/{claim}/withdraw", {"reason": "退车"})
    assert (back.status, back.json["status"]) == (200, "withdrawn")
    assert api.post(f"/claims/{claim}/withdraw", {"reason": "x"}).code == "claim_withdrawn"
    assert api.put(f"/claims/{claim}/papers", papers()).code == "claim_withdrawn"
    assert try_open(api).codes == ["units_exhausted"], "the pack says: consumed"
    assert submitted(api, BAO).codes == ["invoice_used"], "its invoice serves no other purchase"
    given = papers("99427000000316294884")
    assert submitted(api, BAO, given=given).status == 201, "car and old car are free again"
    assert journal_kinds(db).count("claim_withdrawn") == 1


def test_an_open_claim_that_is_withdrawn_uses_nothing_up(api):
    claim = opened(api)["claim_id"]
    assert api.post(f"/claims/{claim}/withdraw", {"reason": "x"}).json["status"] == "withdrawn"
    assert api.post(f"/claims/{claim}/submit").code == "claim_withdrawn"
    assert submitted(api).status == 201


SCRAP_CODES = ("invoice", "registration", "old_car_scrapped", "old_car_registration", "bank_account")
SCRAPPED = {**CAR, "scheme": "scrappage", "old_car_fuel": "petrol"}


def of_scrapped(**attributes):
    proof = {"old_car_first_registered_on": "2012-03-01", "day": "2026-11-21", **attributes}
    return papers(codes=SCRAP_CODES, **proof)


@pytest.mark.parametrize(
    ("attributes", "codes"),
    [
        ({"old_car_disposed_on": "2030-01-01", "registered_on": "2030-01-01"}, ["day_in_future"] * 2),
        ({"registered_on": "2026-11-26"}, ["day_in_future"]),
        ({"registered_on": "2026-11-20"}, ["days_out_of_order"]),
        ({"old_car_disposed_on": "2010-01-01"}, ["days_out_of_order"]),
        ({"old_car_held_since": "2012-02-29"}, ["days_out_of_order"]),
    ],
)
def test_days_that_cannot_be_are_never_taken(api, clock, db, attributes, codes):
    clock.now = datetime(2026, 11, 25, 4, tzinfo=UTC)
    claim = opened(api, attributes=SCRAPPED, sold_on="2026-11-21")
    path = f"/claims/{claim['claim_id']}"
    refused = api.put(f"{path}/papers", of_scrapped(**attributes))
    assert (refused.status, refused.codes) == (422, codes)
    assert {one["attribute"] for one in refused.json["reasons"]} <= set(attributes)
    told = {**SCRAPPED, **of_scrapped(**attributes)["attributes"]}
    assert try_open(api, attributes=told, sold_on="2026-11-21").codes == codes
    assert journal_kinds(db).count("claim_opened") == 1
    assert api.put(f"{path}/papers", of_scrapped()).json["complete"]
    assert api.post(f"{path}/submit").status == 201


@pytest.mark.parametrize("name", ["old_car_disposed_on", "old_car_held_since", "registered_on"])
@pytest.mark.parametrize(("day", "codes"), [("2026-11-20", []), ("2026-11-21", ["day_in_future"])])
def test_an_assessment_refuses_a_day_to_come_and_names_it(api, name, day, codes):
    told = {**SCRAPPED, "old_car_first_registered_on": "2012-03-01", name: day}
    body = {"category": "car", "price_fen": 15_000_000, "sold_on": "2026-11-20", "attributes": told}
    found = api.post("/assessments", body, key=None).json
    assert [one["code"] for one in found["refusals"]] == codes
    assert all(one["attribute"] == name and one["clause"] for one in found["refusals"])
    assert found["eligible"] is not bool(codes)


@pytest.mark.parametrize(
    ("without", "code"),
    [
        ("registered_on", "registration"),
        ("old_car_disposed_on", "old_car_scrapped"),
        ("old_car_first_registered_on", "old_car_registration"),
    ],
)
def test_a_day_that_a_paper_shows_must_be_entered(api, without, code):
    claim = opened(api, attributes=SCRAPPED)
    given = of_scrapped(day="2026-11-20")
    del given["attributes"][without]
    entered = api.put(f"/claims/{claim['claim_id']}/papers", given).json
    found = {one["code"]: (one["status"], one["missing"]) for one in entered["papers"]}
    assert found[code] == ("incomplete", [without]) and entered["complete"] is False
    refused = api.post(f"/claims/{claim['claim_id']}/submit")
    assert refused.status == 422 and "paper_missing" in refused.codes


def test_scrappage_asks_neither_since_when_the_old_car_is_held_nor_where_the_invoice_is_of(api):
    claim = opened(api, attributes=SCRAPPED)
    late = {"old_car_held_since": "2025-06-01", "old_car_disposed_on": "2026-03-01"}
    given = of_scrapped(day="2026-11-20", invoice_region="310000", **late)
    assert api.put(f"/claims/{claim['claim_id']}/papers", given).status == 200
    assert api.post(f"/claims/{claim['claim_id']}/submit").json["status"] == "submitted"


def test_what_is_not_copied_from_a_paper_is_asked_for_in_whole_sentences(api):
    claim = opened(api, attributes={"scheme": "replacement", "fuel": "nev"})
    for language, sentence in (("zh-CN", "提交前还要填写「车架号」。"), ("en", "“VIN” must be entered")):
        refused = api.post(f"/claims/{claim['claim_id']}/submit", **{"Accept-Language": language})
        asked = [one for one in refused.json["reasons"] if one["code"] == "attribute_required"]
        assert {"vin", "old_car_vin", "invoice_region"} <= {one["attribute"] for one in asked}
        told = str(asked)
        assert sentence in told and "：）" not in told and ": )" not in told


def test_nothing_is_deducted_at_the_till_of_what_is_claimed_after_purchase(api):
    claim = opened(api)
    inner = claim["assessment"]
    assert claim["payable_fen"] == inner["payable_fen"] == 15_000_000 and inner["subsidy_fen"] == 1_200_000
    body = {"category": "car", "price_fen": 15_000_000, "attributes": CAR}
    found = api.post("/assessments", body, key=None).json
    assert found["payable_fen"] == 15_000_000
    last = found["steps"][-1]
    assert last["code"] == "paid_afterwards" and "150000.00" in last["text_zh"]
    assert "deducted at the till" in last["text_en"] and "1745" in last["clause"]
    fridge = {"category": "refrigerator", "price_fen": 610_000, "energy_rating": 1}
    assert api.post("/assessments", fridge, key=None).json["payable_fen"] == 518_500
