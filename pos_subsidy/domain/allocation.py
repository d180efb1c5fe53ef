"""Shares of one discount, and of an order's payments, among its lines, in whole fen.

The subsidy is reckoned on a line's final price, so a discount on the whole order has to be
told line by line. The shares follow the prices; the fen that rounding leaves over go to the
lines that lost most of one (largest remainder), to the dearer first, then to the earlier.

>>> shares(10_000, [610_000, 299_900])
[6704, 3296]
>>> shares(1, [100, 100, 100])
[1, 0, 0]

An order paid in two ways is told line by line, too: the first payment pays the lines from the
top until it is used up, the next goes on where it ended. So at most one line is split at each
change, and whoever compares statements sees whole amounts on the others.

>>> paid_by([700_000, 118_400], [518_500, 299_900])
[[518500, 0], [181500, 118400]]
"""

from collections.abc import Sequence


def shares(discount_fen: int, prices_fen: Sequence[int]) -> list[int]:
    """Return each line's share; they sum to the discount and none is above its price.

    Raises:
        ValueError: a price or the discount is negative, or the discount is above their sum.
    """
    total_fen = sum(prices_fen)
    if discount_fen < 0 or discount_fen > total_fen or any(price_fen < 0 for price_fen in prices_fen):
        raise ValueError(f"a discount of {discount_fen} fen does not fit prices of {total_fen} fen")
    if total_fen == 0:
        return [0] * len(prices_fen)
    found = [discount_fen * price_fen // total_fen for price_fen in prices_fen]
    by_need = sorted(
        range(len(prices_fen)),
        key=lambda place: (-(discount_fen * prices_fen[place] % total_fen), -prices_fen[place], place),
    )
    for place in by_need[: discount_fen - sum(found)]:
        found[place] += 1
    return found


def paid_by(payments_fen: Sequence[int], dues_fen: Sequence[int]) -> list[list[int]]:
    """Return for each line what each payment pays of it; both sum exactly.

    Raises:
        ValueError: an amount is negative, or payments and dues come to different sums.
    """
    if min((*payments_fen, *dues_fen), default=0) < 0 or sum(payments_fen) != sum(dues_fen):
        raise ValueError(f"payments of {sum(payments_fen)} fen do not pay {sum(dues_fen)} fen")
    left = list(payments_fen)
    found = []
    for due_fen in dues_fen:
        line: list[int] = []
        for place, left_fen in enumerate(left):
            taken_fen = min(left_fen, due_fen - sum(line))
            left[place] -= taken_fen
            line.append(taken_fen)
        found.append(line)
    return found
