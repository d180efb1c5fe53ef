"""Claims after purchase, purely: which papers, what is missing, what stands against a submission."""

from datetime import date
from decimal import Decimal

import pytest

from pos_subsidy.domain import claims
from pos_subsidy.domain.claims import Given
from pos_subsidy.policy import load_rulebook

TERMS = load_rulebook().rule_in_force("car", date(2025, 6, 18)).programme.claim
SCRAPPED = {"scheme": "scrappage", "vin": "V", "old_car_vin": "O"}
PAPERS = ("invoice", "registration", "old_car_scrapped", "old_car_registration", "bank_account")
ON = date(2025, 6, 18)


def wanted(attributes=SCRAPPED, codes=PAPERS, needed=(), **invoice):
    given = [Given(code, **(invoice if code == "invoice" else {})) for code in codes]
    return claims.wanted(TERMS, attributes, given, needed)


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
    assert claims.wanted(TERMS, told, [Given("invoice")], ("vin", "invoice_region"))[0].is_complete


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
    assert codes(claims.against_submission(TERMS, wanted(), price_fen=100, on=day)) == code


def test_every_missing_paper_is_named_with_what_it_must_show():
    found = claims.against_submission(TERMS, wanted(codes=PAPERS[1:]), price_fen=100, on=ON)
    assert codes(found) == ["paper_missing"]
    assert found[0].params["paper"] == "invoice" and found[0].params["shows_en"]
    assert found[0].clause


@pytest.mark.parametrize(("amount_fen", "code"), [(None, []), (100, []), (99, ["invoice_differs"])])
def test_an_invoice_says_the_price_of_the_claim(amount_fen, code):
    found = claims.against_submission(TERMS, wanted(amount_fen=amount_fen), price_fen=100, on=ON)
    assert codes(found) == code


def test_terms_without_days_are_open():
    terms = load_rulebook().rule_in_force("car", date(2026, 6, 18)).programme.claim
    assert claims.against_submission(terms, [], price_fen=1, on=date(2026, 6, 18)) == []
    assert (terms.apply_first_day, terms.apply_last_day) == (None, None)


def test_what_is_used_up_is_counted_in_spaces_of_its_own():
    assert claims.things(TERMS, {**SCRAPPED, "displacement_l": Decimal(2)}) == [("car", "V"), ("oldcar", "O")]
    assert claims.things(TERMS, {"vin": "V"}) == [("car", "V")]
    assert [claims.taken_code(one) for one in ("car", "oldcar", "flat")] == [
        "car_used",
        "old_car_used",
        "flat_used",
    ]
