"""Money is whole fen, shown in yuan."""

from decimal import Decimal

import pytest

from pos_subsidy.domain.money import fen, share_of, yuan


@pytest.mark.parametrize(
    ("amount_fen", "shown"),
    [
        (0, "0.00"),
        (1, "0.01"),
        (99, "0.99"),
        (100, "1.00"),
        (52_499, "524.99"),
        (-1, "-0.01"),
        (-10_100, "-101.00"),
    ],
)
def test_fen_are_shown_in_yuan(amount_fen, shown):
    assert yuan(amount_fen) == shown
    assert fen(Decimal(shown)) == amount_fen


@pytest.mark.parametrize("amount", ["0.001", "1.005", "NaN", "Infinity"])
def test_what_is_no_whole_fen_is_refused(amount):
    with pytest.raises(ValueError, match="whole number of fen|NaN|Infinity|integer"):
        fen(Decimal(amount))


def test_a_share_is_rounded_down():
    assert share_of(333_333, Decimal("0.15")) == 49_999
    assert share_of(333_334, Decimal("0.15")) == 50_000


def test_an_endless_amount_is_refused_at_once():
    for written in ("1e9999999", "-1e99999", "1e30"):
        with pytest.raises(ValueError, match="not an amount"):
            fen(Decimal(written))
    assert fen(Decimal("1e20")) == 10**22
    with pytest.raises(ValueError, match="not an amount"):
        fen(Decimal("1e21"))
