"""Money as whole fen (1 yuan = 100 fen).

An amount is an ``int`` whose name ends in ``_fen``. Floats never touch money.

>>> fen(Decimal("3499.99"))
349999
>>> share_of(price_fen=349_999, rate=Decimal("0.15"))
52499
>>> yuan(52499)
'524.99'
"""

from decimal import ROUND_DOWN, Decimal

_MOST_DIGITS = 20


def fen(amount_yuan: Decimal | int) -> int:
    """Convert yuan, as people and policy write it, to fen.

    Raises:
        ValueError: the amount has a fraction of a fen or is no number.
    """
    amount = Decimal(amount_yuan)
    if amount.is_finite() and amount.adjusted() > _MOST_DIGITS:
        # "1e9999999" would take minutes to write out.
        raise ValueError("not an amount")
    amount_fen = amount * 100
    if not amount_fen.is_finite() or amount_fen != int(amount_fen):
        raise ValueError(f"{amount_yuan} yuan is not a whole number of fen")
    return int(amount_fen)


def share_of(price_fen: int, rate: Decimal) -> int:
    """Return ``rate`` of ``price_fen``, rounded down to a whole fen."""
    return int((price_fen * rate).to_integral_value(rounding=ROUND_DOWN))


def yuan(amount_fen: int) -> str:
    """Write an amount in yuan with two decimals, for people to read."""
    sign = "-" if amount_fen < 0 else ""
    return f"{sign}{abs(amount_fen) // 100}.{abs(amount_fen) % 100:02d}"
