"""Numbers as they exist in the world, with their traps."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_subsidy.domain.identifiers import gtin, imei, person_id, region, resident_id, serial_no, uscc
from pos_subsidy.errors import Invalid
from tests.support import PERSONS

TODAY = date(2026, 11, 20)
GTINS = ["6901234567892", "6923567890126", "6934123456786", "6945678901232", "6956789012342"]
IMEIS = ["490154203237518", "354178036859789", "860000000000017", "860123045678900", "864567890123451"]
RESIDENTS = [person["id_number"] for person in PERSONS] + ["11010519491231002X", "440524188001010014"]


def _cause(error) -> str:
    return error.value.params["cause"]


@pytest.mark.parametrize("number", GTINS)
def test_known_bar_codes_are_good(number):
    assert gtin.validate(number) == gtin.validate("0" + number) == number


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("036000291452", "0036000291452"),
        ("96385074", "96385074"),
        (" ６９０１２３４５６７８９２ ", "6901234567892"),
    ],
)
def test_bar_codes_have_one_form(written, read):
    assert gtin.validate(written) == read


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        ("6901234567891", "check_digit"),
        ("690123456789", "check_digit"),
        ("69012345678", "length"),
        ("690A234567892", "alphabet"),
        ("", "alphabet"),
    ],
)
def test_a_wrong_bar_code_says_why(number, cause):
    with pytest.raises(Invalid, match="identifier_invalid") as error:
        gtin.validate(number)
    assert _cause(error) == cause


@given(st.sampled_from(GTINS), st.integers(0, 12), st.integers(1, 9))
def test_every_single_wrong_digit_of_a_bar_code_is_found(number, place, by):
    with pytest.raises(Invalid):
        gtin.validate(_changed(number, place, by))


@pytest.mark.parametrize("number", IMEIS)
def test_known_imeis_are_good(number):
    assert imei.validate(number) == number


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        ("49015420323751", "length"),
        ("4901542032375180", "length"),
        ("490154203237519", "check_digit"),
        ("49015420323751A", "alphabet"),
    ],
)
def test_an_imei_has_exactly_15_digits(number, cause):
    """A shorter or longer one passes unchecked elsewhere."""
    with pytest.raises(Invalid) as error:
        imei.validate(number)
    assert _cause(error) == cause


@given(st.sampled_from(IMEIS), st.integers(0, 14), st.integers(1, 9))
def test_every_single_wrong_digit_of_an_imei_is_found(number, place, by):
    with pytest.raises(Invalid):
        imei.validate(_changed(number, place, by))


@pytest.mark.parametrize("number", RESIDENTS)
def test_known_resident_numbers_are_good(number):
    """The standard's own sample, whose county is younger than its bearer, too."""
    assert resident_id.validate(number, today=TODAY) == number


def test_a_resident_number_is_mended_in_width_and_case():
    assert resident_id.validate("１１０１０５１９４９１２３１００２ｘ", today=TODAY) == "11010519491231002X"


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        ("11010519491231002", "length"),
        ("110105194912310021", "check_digit"),
        ("11010519491331002X", "birth_date"),
        ("330402190002290013", "birth_date"),
        ("X1010519491231002X", "alphabet"),
    ],
)
def test_a_wrong_resident_number_says_why_and_not_what(number, cause):
    with pytest.raises(Invalid, match="person_invalid") as error:
        resident_id.validate(number, today=TODAY)
    assert _cause(error) == cause
    assert number not in str(error.value)


def test_nobody_is_born_tomorrow():
    number = RESIDENTS[0][:6] + "20261121" + "001"
    from stdnum.cn import ric

    number += ric.calc_check_digit(number + "0")
    assert resident_id.validate(number, today=date(2026, 11, 21))
    with pytest.raises(Invalid):
        resident_id.validate(number, today=TODAY)


@given(st.sampled_from(RESIDENTS), st.integers(0, 16), st.integers(1, 9))
def test_every_single_wrong_digit_of_a_resident_number_is_found(number, place, by):
    with pytest.raises(Invalid):
        resident_id.validate(_changed(number, place, by), today=TODAY)


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("hk_macao_permit", "H12345678"),
        ("hk_macao_permit", "M1234567890"),
        ("taiwan_permit", "12345678"),
        ("passport", "E12345678"),
        ("foreigner_card", "USA123456789012"),
    ],
)
def test_other_papers_are_taken_and_compared_by_a_person(kind, number):
    found = person_id.validate(kind, number.lower(), today=TODAY)
    assert (found.number, found.manual_check) == (number, True)


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("resident", "1"),
        ("hk_macao_permit", "X12345678"),
        ("taiwan_permit", "123"),
        ("passport", "E-1"),
        ("residence_permit", RESIDENTS[0]),
        ("library_card", "1"),
        ("foreigner_card", RESIDENTS[0]),
    ],
)
def test_wrong_papers_are_refused_without_their_number(kind, number):
    with pytest.raises(Invalid, match="person_invalid") as error:
        person_id.validate(kind, number, today=TODAY)
    assert number == "1" or number not in str(error.value)


def test_serial_numbers_are_normalised_and_never_corrected():
    assert serial_no.validate("  ａｂｃ-０１２３ ") == "ABC-0123"
    assert serial_no.validate("ABC-O123") != serial_no.validate("ABC-0123")
    assert serial_no.lookalike("ABC-OI23") == serial_no.lookalike("ABC-0123")


@pytest.mark.parametrize(
    ("number", "good"),
    [
        ("ABC", False),
        ("ABCD", True),
        ("A" * 40, True),
        ("A" * 41, False),
        ("A B C D", False),
        ("序列号一二", False),
    ],
)
def test_serial_numbers_have_a_shape(number, good):
    if good:
        assert serial_no.validate(number) == number
    else:
        with pytest.raises(Invalid):
            serial_no.validate(number)


def test_credit_codes_are_checked():
    assert uscc.validate("91330402ma2xxxxx0l") == "91330402MA2XXXXX0L"
    assert uscc.validate("91110000600037341L")
    with pytest.raises(Invalid) as error:
        uscc.validate("91110000600037341M")
    assert _cause(error) == "check_digit"


def test_regions_have_names():
    assert region.name_of("330402") == ("嘉兴市南湖区", "Nanhu, Jiaxing")
    assert region.is_in("330402", "330400") and not region.is_in("330102", "330400")


def _changed(number: str, place: int, by: int) -> str:
    if not number[place].isdigit():
        return number[:place] + "0" + number[place + 1 :]
    return number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
