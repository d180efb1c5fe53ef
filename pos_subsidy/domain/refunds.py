"""The cash leg of a reversal: due, accepted by the channel, paid, or failed there.

A channel may accept a refund and close it days later for lack of money; its bill says so.
What the city is owed does not depend on it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# from, action -> to. Every change is a guarded UPDATE on "from".
REFUND_STATES = {
    ("due", "accept"): "accepted",
    ("due", "pay"): "paid",
    ("due", "fail"): "failed",
    ("accepted", "pay"): "paid",
    ("accepted", "fail"): "failed",
    ("paid", "fail"): "failed",
    ("failed", "repeat"): "due",
    ("failed", "repeat_in_cash"): "paid",
}
ATTEMPTS_MAX = 2  # the first, and one repetition


@dataclass(frozen=True, slots=True)
class Refund:
    """The cash leg of one reversal as it stands. ``ref`` and ``seen_at`` are the bill's."""

    reversal_id: str
    redemption_id: str
    amount_fen: int
    state: str
    attempts: int
    channel: str | None
    ref: str | None
    seen_at: str | None


@dataclass(frozen=True, slots=True)
class Seen:
    """One refund in a channel's bill; ``action`` is accept, pay or fail."""

    order_no: str
    channel: str
    ref: str
    amount_fen: int
    action: str
    at: str


def news(refunds: Sequence[Refund], seen: Iterable[Seen]) -> list[tuple[Refund, Seen]]:
    """Return what the bills say anew about the refunds of one order, oldest first.

    A row is matched by its own number, else by its amount where exactly that is due; one row
    that pays for all reversals of the order together speaks for each. What fits none is left
    to the day's differences. What is older than what was seen before is no news.
    """
    found: list[tuple[Refund, Seen]] = []
    standing = {refund.reversal_id: refund for refund in refunds}
    for one in sorted(seen, key=lambda row: (row.at, row.ref)):
        for refund in _meant(list(standing.values()), one):
            is_old = refund.seen_at is not None and one.at <= refund.seen_at
            if is_old or (refund.state, one.action) not in REFUND_STATES:
                continue
            found.append((refund, one))
            standing[refund.reversal_id] = Refund(
                refund.reversal_id,
                refund.redemption_id,
                refund.amount_fen,
                REFUND_STATES[refund.state, one.action],
                refund.attempts,
                one.channel,
                one.ref,
                one.at,
            )
    return found


def _meant(refunds: Sequence[Refund], seen: Seen) -> list[Refund]:
    known = [refund for refund in refunds if refund.ref == seen.ref]
    if known:
        return known
    open_ones = [refund for refund in refunds if refund.state in ("due", "accepted")]
    equal = [refund for refund in open_ones if refund.amount_fen == seen.amount_fen]
    if equal:
        return equal[:1]
    together = sum(refund.amount_fen for refund in open_ones)
    return open_ones if together == seen.amount_fen else []
