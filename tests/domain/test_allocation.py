"""What holds for every discount on every order."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pos_subsidy.domain.allocation import paid_by, shares

# A busy machine is slow at its first draw; that says nothing of the shares.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
PRICES = st.lists(st.one_of(st.integers(0, 5), st.integers(1, 3_000_000)), min_size=1, max_size=12)


@st.composite
def orders(draw):
    prices = draw(PRICES)
    return draw(st.integers(0, sum(prices))), prices


@PATIENT
@given(orders())
def test_the_shares_sum_exactly_and_stay_between_nothing_and_the_price(order):
    discount_fen, prices = order
    found = shares(discount_fen, prices)
    assert sum(found) == discount_fen
    assert all(0 <= share <= price for share, price in zip(found, prices, strict=True))


@PATIENT
@given(orders())
def test_a_share_is_the_proportion_to_less_than_one_fen(order):
    discount_fen, prices = order
    assume(sum(prices))
    for share, price in zip(shares(discount_fen, prices), prices, strict=True):
        assert abs(share * sum(prices) - discount_fen * price) < sum(prices)


@PATIENT
@given(orders(), st.randoms())
def test_the_order_of_the_lines_decides_nothing_but_who_of_equals_gets_the_odd_fen(order, chance):
    discount_fen, prices = order
    mixed = chance.sample(prices, len(prices))
    before = sorted(zip(prices, shares(discount_fen, prices), strict=True))
    assert before == sorted(zip(mixed, shares(discount_fen, mixed), strict=True))


@PATIENT
@given(orders())
def test_equal_lines_differ_by_one_fen_at_most_and_a_dearer_one_never_gets_less(order):
    discount_fen, prices = order
    told = sorted(zip(prices, shares(discount_fen, prices), strict=True))
    for (price, share), (next_price, next_share) in zip(told, told[1:], strict=False):
        assert next_share - share <= 1 if price == next_price else share <= next_share


@pytest.mark.parametrize(("discount_fen", "prices"), [(-1, [5]), (6, [5]), (1, []), (1, [-1, 5])])
def test_a_discount_that_does_not_fit_is_no_discount(discount_fen, prices):
    with pytest.raises(ValueError):
        shares(discount_fen, prices)


@pytest.mark.parametrize(("prices", "expected"), [([1, 3], [0, 2]), ([3, 1], [2, 0])])
def test_of_lines_that_lost_as_much_the_dearer_gets_the_fen(prices, expected):
    assert shares(2, prices) == expected


@st.composite
def paid_orders(draw):
    """Return lines, and the same sum cut anywhere into payments."""
    dues = draw(PRICES)
    cuts = sorted(draw(st.lists(st.integers(0, sum(dues)), max_size=3)))
    ends = [*cuts, sum(dues)]
    return [end - start for start, end in zip([0, *cuts], ends, strict=True)], dues


@PATIENT
@given(paid_orders())
def test_every_line_is_paid_in_full_and_every_payment_is_used_up(order):
    payments, dues = order
    found = paid_by(payments, dues)
    assert [sum(line) for line in found] == dues
    assert [sum(column) for column in zip(*found, strict=True)] == payments
    assert all(amount >= 0 for line in found for amount in line)


@PATIENT
@given(paid_orders())
def test_no_more_lines_are_split_than_payments_change(order):
    payments, dues = order
    split = sum(sum(amount > 0 for amount in line) > 1 for line in paid_by(payments, dues))
    assert split < max(len(payments), 1)


@pytest.mark.parametrize(("payments", "dues"), [([1], [2]), ([3, -1], [2]), ([2], [3, -1]), ([], [1])])
def test_payments_that_do_not_come_to_what_is_due_are_not_shared_out(payments, dues):
    with pytest.raises(ValueError):
        paid_by(payments, dues)
