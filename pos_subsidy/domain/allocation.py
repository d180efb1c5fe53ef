"""Shares of one discount among the lines of an order, in whole fen.

The subsidy is reckoned on a line's final price, so a discount on the whole order has to be
told line by line. The shares follow the prices; the fen that rounding leaves over go to the
lines that lost most of one (largest remainder), to the dearer first, then to the earlier.

>>> shares(10_000, [610_000, 299_900])
[6704, 3296]
>>> shares(1, [100, 100, 100])
[1, 0, 0]
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
