"""Claims after purchase, purely: which papers, what is missing, what stands against a submission."""

from datetime import date
from decimal import Decimal

import pytest

from pos_subsidy.domain import claims
from pos_subsidy.domain.claims import Given
from pos_subsidy.errors import Invalid
from pos_subsidy.policy import load_rulebook

TERMS = load_rulebook().rule_in_force("car", date(2025, 6, 18)).programme.claim
SCRAPPED = {
    **{"scheme": "scrappage", "vin": "V", "old_car_vin": "O"},
    **{"registered_on": date(2025, 6, 18), "old_car_disposed_on": date(2025, 3, 1)},
}
PAPERS = ("invoice", "registration", "old_car_scrapped", "old_car_registration", "bank_account")
ON = date(2025, 6, 18)


def wanted(attributes=SCRAPPED, codes=PAPERS, needed=(), **invoice):
    told = {"number": "26427000000316294884", "issued_on": ON, "amount_fen": 100, **invoice}
    given = [Given(code, **(told if code == "invoice" else {})) for code in codes]
    return claims.wanted(TERMS, attributes, given, needed)


def against(papers, attributes=SCRAPPED, on=ON, terms=TERMS):
    return claims.against_submission(terms, papers, attributes, price_fen=100, sold_on=ON, on=on)


def codes(reasons):
    return [one.code for one in reasons]


def test_papers_follow_what_was_said():
    assert [one.paper.code for one in wanted()] == list(PAPERS)
    replaced = wanted({"scheme": "replacement"})
    assert "old_car_transfer" in [one.paper.code for one in replaced]
    assert [one.paper.code for one in replaced].count("old_car_scrapped") == 0


def test_a_paper_is_complete_when_it_is_there_and_what_it_shows_is_entered():
    by_code = {one.paper.code: one for one in wanted(codes=PAPERS[:1], needed=("vin", "invoice_region"))}
    assert by_code["invoice"].missing == ("invoice_region",) and not by_code["invoice"].is_complete
    assert by_code["bank_account"].missing == () and not by_code["bank_account"].is_complete
    told = {**SCRAPPED, "invoice_region": "330402"}
    assert wanted(told, codes=PAPERS[:1], needed=("vin", "invoice_region"))[0].is_complete


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (date(2025, 1, 10), ["claim_too_early"]),
        (date(2025, 1, 11), []),
        (date(2026, 1, 10), []),
        (date(2026, 1, 11), ["claim_too_late"]),
    ],
)
def test_a_claim_has_its_days(day, code):
    told = {"scheme": "scrappage", "vin": "V", "old_car_vin": "O"}
    assert codes(against([], told, on=day)) == code


def test_every_missing_paper_is_named_with_what_it_must_show():
    found = against(wanted(codes=PAPERS[1:]))
    assert codes(found) == ["paper_missing"]
    assert found[0].params["paper"] == "invoice" and found[0].params["shows_en"]
    assert found[0].clause


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({}, []),
        ({"amount_fen": 99}, ["invoice_differs"]),
        ({"amount_fen": None}, ["paper_missing"]),
        ({"number": ""}, ["paper_missing"]),
        ({"issued_on": None}, ["paper_missing"]),
        ({"issued_on": date(2025, 6, 19)}, ["invoice_day_differs"]),
    ],
)
def test_an_invoice_says_number_day_and_the_price_of_the_claim(told, code):
    assert codes(against(wanted(**told))) == code


def test_what_is_claimed_for_once_is_named_and_not_the_same_twice():
    assert codes(against(wanted(), {"scheme": "scrappage", "vin": "V"})) == ["attribute_required"]
    assert codes(against(wanted(), {**SCRAPPED, "old_car_vin": "V"})) == ["same_car_twice"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("26427000000316294884", None),
        (" 2642 7000-000316294884\u3000", "26427000000316294884"),
        ("１2345678", "12345678"),
        ("033002100211 12345678", "03300210021112345678"),
        ("", ""),
    ],
)
def test_an_invoice_number_has_one_form(written, kept):
    found = claims.checked(Given("invoice", written))
    assert found.number == (written if kept is None else kept)
    assert claims.checked(Given("registration", " A-1 ")).number == "A-1"


@pytest.mark.parametrize("written", ["1", "1234567", "2642700000031629488X"])
def test_what_is_no_invoice_number_is_refused(written):
    with pytest.raises(Invalid, match="invoice_number_invalid"):
        claims.checked(Given("invoice", written))


def test_terms_without_days_are_open():
    terms = load_rulebook().rule_in_force("car", date(2026, 6, 18)).programme.claim
    assert against([], on=date(2026, 6, 18), terms=terms) == []
    assert (terms.apply_first_day, terms.apply_last_day) == (None, None)


def test_what_is_used_up_is_counted_in_spaces_of_its_own():
    told = {**SCRAPPED, "displacement_l": Decimal(2)}
    assert claims.things(TERMS, told, []) == [("car", "V"), ("oldcar", "O")]
    given = [Given("invoice", "12345678"), Given("registration", "9"), Given("invoice", "")]
    assert claims.things(TERMS, {"vin": "V"}, given) == [("car", "V"), ("invoice", "12345678")]
    spaces = ("car", "oldcar", "flat", "invoice")
    codes_of = ("car_used", "old_car_used", "flat_used", "invoice_used")
    assert tuple(claims.taken_code(one) for one in spaces) == codes_of
