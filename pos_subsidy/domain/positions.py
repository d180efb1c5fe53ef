"""What became of the subsidy that a shop advanced: each sale is in exactly one state.

The amounts of a sale are its lines, net of reversals. Only what was paid out needs more care:
the city paid what it knew of when it settled; a reversal it learned of afterwards is owed back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

UNSENT, SENT, SUSPENDED, ACCEPTED = "unsent", "sent", "suspended", "accepted"
REJECTED, CLAWED_BACK, SETTLED, REVERSED = "rejected", "clawed_back", "settled", "reversed"
STATES = (UNSENT, SENT, SUSPENDED, ACCEPTED, SETTLED, REJECTED, CLAWED_BACK, REVERSED)
OUTSTANDING = frozenset({UNSENT, SENT, SUSPENDED, ACCEPTED})
# Days since the sale up to which an amount belongs to a step; what is older belongs to the last.
AGE_STEPS: tuple[int | None, ...] = (7, 30, 60, None)


@dataclass(frozen=True, slots=True)
class Booked:
    """One line's subsidy and its place in the journal."""

    seq: int
    subsidy_fen: int


@dataclass(frozen=True, slots=True)
class Sold:
    """What decides a sale's state. ``heard_seq`` is the last entry the city had when it judged."""

    redemption_id: str
    order_no: str
    category: str
    unit_class: str
    sold_on: date
    seq: int
    is_reversed: bool
    verdict: str | None
    verdict_code: str | None
    verdict_params: str | None
    heard_seq: int
    lines: tuple[Booked, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """Where one sale's subsidy stands. ``net_fen`` = paid out − owed back, once it is settled."""

    sold: Sold
    state: str
    advanced_fen: int
    taken_back_fen: int
    settled_fen: int = 0
    owed_back_fen: int = 0

    @property
    def net_fen(self) -> int:
        return self.advanced_fen - self.taken_back_fen

    @property
    def outstanding_fen(self) -> int:
        return self.net_fen if self.state in OUTSTANDING else 0


def position(sold: Sold, *, acknowledged_seq: int) -> Position:
    """Return where a sale stands when the city has every entry up to ``acknowledged_seq``."""
    advanced = sum(line.subsidy_fen for line in sold.lines if line.subsidy_fen > 0)
    taken_back = -sum(line.subsidy_fen for line in sold.lines if line.subsidy_fen < 0)
    state = _state(sold, acknowledged_seq)
    if state != SETTLED:
        return Position(sold, state, advanced, taken_back)
    # It cannot have settled a sale it did not have, whatever a clock says.
    heard = max(sold.heard_seq, sold.seq)
    settled = sum(line.subsidy_fen for line in sold.lines if line.seq <= heard)
    return Position(sold, state, advanced, taken_back, settled, settled - (advanced - taken_back))


def _state(sold: Sold, acknowledged_seq: int) -> str:
    if sold.verdict in (SETTLED, CLAWED_BACK):
        return sold.verdict
    if sold.is_reversed:
        return REVERSED
    if sold.verdict:
        return sold.verdict
    return SENT if sold.seq <= acknowledged_seq else UNSENT


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over positions. Amounts are fen."""

    sales: int
    advanced_fen: int
    taken_back_fen: int
    settled_fen: int
    owed_back_fen: int
    by_state_fen: Mapping[str, int]
    by_state_count: Mapping[str, int]

    @property
    def net_fen(self) -> int:
        return self.advanced_fen - self.taken_back_fen

    @property
    def outstanding_fen(self) -> int:
        """What the city still has to pay: not sent, not judged, suspended, accepted."""
        return sum(self.by_state_fen[state] for state in OUTSTANDING)

    @property
    def balance_fen(self) -> int:
        """What the city owes when everything it judged good is netted with what it is owed back."""
        return self.outstanding_fen - self.owed_back_fen


def total(positions: Iterable[Position]) -> Sums:
    """Sum positions up."""
    found = list(positions)
    fen, count = dict.fromkeys(STATES, 0), dict.fromkeys(STATES, 0)
    for one in found:
        fen[one.state] += one.net_fen
        count[one.state] += 1
    return Sums(
        sales=len(found),
        advanced_fen=sum(one.advanced_fen for one in found),
        taken_back_fen=sum(one.taken_back_fen for one in found),
        settled_fen=sum(one.settled_fen for one in found),
        owed_back_fen=sum(one.owed_back_fen for one in found),
        by_state_fen=fen,
        by_state_count=count,
    )


def by_age(positions: Iterable[Position], *, today: date) -> Sequence[int]:
    """Return what is outstanding by days since the sale, one sum for each step."""
    sums = [0] * len(AGE_STEPS)
    for one in positions:
        sums[age_step(one.sold.sold_on, today=today)] += one.outstanding_fen
    return sums


def age_step(sold_on: date, *, today: date) -> int:
    """Return the step of the ageing that a sale of that day belongs to."""
    days = (today - sold_on).days
    return next(place for place, most in enumerate(AGE_STEPS) if most is None or days <= most)
