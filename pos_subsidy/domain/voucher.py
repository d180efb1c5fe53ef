"""Voucher codes (券码) and the states of voucher and hold.

A code is 12 characters of Crockford base32: 55 random bits and a check character (Luhn
modulo 32, which finds every single wrong character). At least one is a letter, so that a
code is never taken for a bar code of digits.

>>> normalise("7k3m-9qwx-4t2o")
'7K3M9QWX4T20'
"""

from collections.abc import Callable

from stdnum import luhn

from pos_subsidy.errors import Conflict, Invalid

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 12
# The till of vouchers that consumers apply for themselves.
SELF_SERVICE = "SELF"
_LOOKALIKES = str.maketrans("OILoil", "011011")
_SEPARATORS = str.maketrans("", "", "- \u3000")

# from, action -> to. Every change is a guarded UPDATE on "from".
VOUCHER_STATES = {
    ("issued", "hold"): "held",
    ("issued", "void"): "voided",
    ("issued", "expire"): "expired",
    ("held", "redeem"): "redeemed",
    ("held", "release"): "issued",
    ("held", "release_over"): "expired",  # released after its own time was over
    ("issued", "redeem_late"): "redeemed",
    ("expired", "redeem_late"): "redeemed",  # the hold was taken in time, and money was paid
    ("redeemed", "reverse"): "reversed",
}
HOLD_STATES = {
    ("held", "redeem"): "redeemed",
    ("held", "release"): "released",
    ("held", "expire"): "expired",
    ("expired", "redeem_late"): "redeemed",
}
# The city's verdict, a column of its own beside the state.
VERDICT_STATES = {
    None: ("accepted", "rejected", "suspended"),
    "suspended": ("accepted", "rejected"),
    "accepted": ("settled", "clawed_back"),
    "settled": ("clawed_back",),
    "rejected": ("accepted",),  # on appeal
    "clawed_back": (),
}


def new_code(draw: Callable[[int], int]) -> str:
    """Return a fresh code; ``draw(n)`` gives an unguessable number below n."""
    while True:
        body = "".join(ALPHABET[draw(len(ALPHABET))] for _ in range(CODE_LENGTH - 1))
        code = body + luhn.calc_check_digit(body, ALPHABET)
        if not code.isdigit():
            return code


def normalise(typed: str) -> str:
    """Return the code as it was issued, from what a person typed.

    Raises:
        Invalid: ``voucher_code_invalid``, it is no code or one character is wrong.
    """
    code = typed.translate(_SEPARATORS).translate(_LOOKALIKES).upper()
    well_formed = len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) and not code.isdigit()
    if not well_formed or not luhn.is_valid(code, ALPHABET):
        raise Invalid("voucher_code_invalid")
    return code


def next_state(states: dict[tuple[str, str], str], old: str, action: str, *, conflict: str) -> str:
    """Return the state that ``action`` leads to.

    Raises:
        Conflict: the action is not possible from ``old``.
    """
    if (old, action) not in states:
        raise Conflict(conflict, status=old)
    return states[old, action]
