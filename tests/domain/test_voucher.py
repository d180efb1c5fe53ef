"""Voucher codes: readable, typeable, hard to mistake."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_subsidy.domain import voucher
from pos_subsidy.domain.identifiers import gtin
from pos_subsidy.errors import Invalid

DRAW = random.Random(1).randrange
CODES = [voucher.new_code(DRAW) for _ in range(200)]


def test_codes_have_12_characters_and_a_letter():
    assert all(len(code) == 12 and not code.isdigit() for code in CODES)


@given(st.sampled_from(CODES), st.integers(0, 11), st.sampled_from(voucher.ALPHABET))
def test_every_single_wrong_character_is_found(code, place, other):
    changed = code[:place] + other + code[place + 1 :]
    if changed != code:
        with pytest.raises(Invalid, match="voucher_code_invalid"):
            voucher.normalise(changed)


def test_a_code_is_never_taken_for_a_bar_code():
    for code in CODES:
        with pytest.raises(Invalid):
            gtin.validate(code)


@pytest.mark.parametrize("junk", ["", "7K3M", "7K3M9QWX4T2BX", "７Ｋ３Ｍ９ＱＷＸ４Ｔ２Ｂ", "123456789012"])
def test_junk_is_no_code(junk):
    with pytest.raises(Invalid):
        voucher.normalise(junk)


def test_nothing_leads_out_of_an_end():
    """The table of states in the contract."""
    ends = {"voided", "reversed"}
    assert not any(old in ends for old, _ in voucher.VOUCHER_STATES)
    assert voucher.VOUCHER_STATES["held", "redeem"] == "redeemed"
    assert voucher.VOUCHER_STATES["held", "release"] == "issued"
