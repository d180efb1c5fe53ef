"""Compares a day of the till with the shop's POS and the payment channels' bills (对账).

Every order gets at most one difference: the one that explains most. What agrees, and what
was never subsidised, is counted and nobody's difference. Amounts are compared in fen.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import TypeVar

# When several things are wrong with an order, the first of these is the one to look at.
KINDS = (
    "late",
    "duplicate_in_channel",
    "duplicate_in_pos",
    "refunded_elsewhere",
    "refund_missing_in_channel",
    "missing_in_channel",
    "missing_in_pos",
    "missing_in_till",
    "amount_differs",
)


@dataclass(frozen=True, slots=True)
class TillOrder:
    """All redemptions of one order number, as they stand at the end of the day.

    ``paid_fen`` is by channel, before anything was given back; net amounts count reversals.
    """

    order_no: str
    sold_on: date
    redemptions: int
    net_price_fen: int
    net_subsidy_fen: int
    net_payable_fen: int
    paid_fen: Mapping[str, int]
    refunded_fen: int
    refunded_today_fen: int


@dataclass(frozen=True, slots=True)
class PosLine:
    """One line of the POS export; a returned line counts nothing."""

    order_no: str
    day: date
    line: int
    price_fen: int
    subsidy_fen: int
    payable_fen: int
    channel: str | None
    returned: bool


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of a channel's bill; ``amount_fen`` is positive for payment and refund alike.

    ``failed`` marks a refund that the channel took on and could not pay out.
    """

    order_no: str
    day: date
    line: int
    channel: str
    amount_fen: int
    refund: bool
    failed: bool = False


Row = TypeVar("Row", PosLine, Movement)


@dataclass(frozen=True, slots=True)
class Difference:
    """One order that does not agree. ``till_fen`` is what the till says, ``other_fen`` the other side."""

    order_no: str
    kind: str
    source: str
    till_fen: int
    other_fen: int
    lines: tuple[int, ...] = ()

    @property
    def figures(self) -> dict[str, int | str]:
        """Return what its sentence needs; of an order that was wholly returned no amount is left to tell."""
        told: dict[str, int | str] = {"till_fen": self.till_fen, "other_fen": self.other_fen}
        if self.kind == "missing_in_pos" and not self.till_fen:
            told["variant"] = "returned"
        return told


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The outcome of one day."""

    business_date: date
    differences: tuple[Difference, ...]
    matched: int
    unsubsidised: int
    sources: tuple[str, ...] = field(default=())

    @property
    def orders(self) -> int:
        """Every order that the till or any file names; each has exactly one class."""
        return self.matched + self.unsubsidised + len(self.differences)

    @property
    def classes(self) -> dict[str, int]:
        """How many orders there are of each class; they sum to all orders."""
        kinds = Counter(one.kind for one in self.differences)
        return {
            "matched": self.matched,
            "unsubsidised": self.unsubsidised,
            **{kind: kinds[kind] for kind in KINDS},
        }


def reconcile(
    day: date,
    orders: Sequence[TillOrder],
    pos: Sequence[PosLine] | None,
    bills: Mapping[str, Sequence[Movement]],
    *,
    one_sided: Mapping[str, str] = MappingProxyType({}),
) -> Reconciliation:
    """Return what does not agree on ``day``.

    ``pos`` is None and a channel is absent from ``bills`` where no file was handed in; what
    cannot be compared is no difference. ``one_sided`` names the channels whose bill tells only
    ``payments`` or only ``refunds``. ``orders`` holds every order of the till that was
    sold or reversed on the day, and those of other days that the files name.
    """
    by_no = {order.order_no: order for order in orders}
    pos_by_no = grouped(pos or ())
    moved_by_no = grouped([move for moves in bills.values() for move in moves])
    differences: list[Difference] = []
    matched = unsubsidised = 0
    for order_no in sorted(by_no.keys() | pos_by_no.keys() | moved_by_no.keys()):
        order = by_no.get(order_no)
        lines, moves = pos_by_no.get(order_no, []), moved_by_no.get(order_no, [])
        if order is None:
            found = _unknown_to_till(day, order_no, lines)
            unsubsidised += not found
        else:
            found = _against_pos(day, order, lines) if pos is not None else []
            found += _against_bills(day, order, lines, moves, bills, one_sided)
            matched += not found
        differences += sorted(found, key=lambda one: KINDS.index(one.kind))[:1]
    sources = (*(("pos",) if pos is not None else ()), *sorted(bills))
    return Reconciliation(day, tuple(differences), matched, unsubsidised, sources)


def _unknown_to_till(day: date, order_no: str, lines: Sequence[PosLine]) -> list[Difference]:
    subsidised = [line for line in lines if line.subsidy_fen > 0 and not line.returned]
    if not subsidised:
        return []
    kind = "late" if all(line.day != day for line in subsidised) else "missing_in_till"
    claimed_fen = sum(line.subsidy_fen for line in subsidised)
    return [Difference(order_no, kind, "pos", 0, claimed_fen, tuple(line.line for line in subsidised))]


def _against_pos(day: date, order: TillOrder, lines: Sequence[PosLine]) -> list[Difference]:
    subsidised = [line for line in lines if line.subsidy_fen > 0]
    numbers = tuple(line.line for line in subsidised)
    if order.sold_on != day:
        # Its POS line belongs to the day it was sold on; a return of today may repeat it.
        wandered = [line for line in subsidised if not line.returned]
        return [_late(order, "pos", wandered)] if wandered and not order.refunded_today_fen else []
    if not subsidised:
        return [Difference(order.order_no, "missing_in_pos", "pos", order.net_payable_fen, 0)]
    if all(line.day != day for line in subsidised):
        return [_late(order, "pos", subsidised)]
    standing = [line for line in subsidised if not line.returned]
    net = (
        sum(line.price_fen for line in standing),
        sum(line.subsidy_fen for line in standing),
        sum(line.payable_fen for line in standing),
    )
    if net == (order.net_price_fen, order.net_subsidy_fen, order.net_payable_fen):
        return []
    twice = len(subsidised) > order.redemptions and _has_repetition(
        [(line.price_fen, line.subsidy_fen, line.payable_fen) for line in subsidised]
    )
    kind = "duplicate_in_pos" if twice else "amount_differs"
    return [Difference(order.order_no, kind, "pos", order.net_payable_fen, net[2], numbers)]


def _against_bills(
    day: date,
    order: TillOrder,
    lines: Sequence[PosLine],
    moves: Sequence[Movement],
    bills: Mapping[str, Sequence[Movement]],
    one_sided: Mapping[str, str],
) -> list[Difference]:
    found: list[Difference] = []
    for channel in sorted(bills):
        if one_sided.get(channel) == "refunds":
            continue
        paid = [move for move in moves if move.channel == channel and not move.refund]
        found += _payments(day, order, channel, _expected_fen(day, order, lines, channel), paid)
    tell_refunds = {channel for channel in bills if one_sided.get(channel) != "payments"}
    return found + _refunds(day, order, moves, tell_refunds)


def _expected_fen(day: date, order: TillOrder, lines: Sequence[PosLine], channel: str) -> int:
    """Return what the channel should have taken: the till's part and the order's other items."""
    beside = sum(
        line.payable_fen
        for line in lines
        if not line.subsidy_fen and line.channel == channel and not line.returned
    )
    return order.paid_fen.get(channel, 0) + beside if order.sold_on == day else 0


def _payments(
    day: date, order: TillOrder, channel: str, expected_fen: int, paid: Sequence[Movement]
) -> list[Difference]:
    total_fen = sum(move.amount_fen for move in paid)
    numbers = tuple(move.line for move in paid)
    if paid and (order.sold_on != day or all(move.day != day for move in paid)):
        return [_late(order, channel, paid)]
    if total_fen == expected_fen:
        return []
    if not paid:
        return [Difference(order.order_no, "missing_in_channel", channel, expected_fen, 0)]
    twice = total_fen > expected_fen and _has_repetition([move.amount_fen for move in paid])
    kind = "duplicate_in_channel" if twice else "amount_differs"
    return [Difference(order.order_no, kind, channel, expected_fen, total_fen, numbers)]


def _refunds(
    day: date, order: TillOrder, moves: Sequence[Movement], bills: Collection[str]
) -> list[Difference]:
    """Compare what the channels gave back with what the till reversed."""
    closed = [move for move in moves if move.failed]
    if closed and order.refunded_fen:
        closed_fen = sum(move.amount_fen for move in closed)
        at_lines = tuple(move.line for move in closed)
        kind = "refund_missing_in_channel"
        return [Difference(order.order_no, kind, closed[0].channel, closed_fen, 0, at_lines)]
    given = [move for move in moves if move.refund and not move.failed]
    given_fen = sum(move.amount_fen for move in given)
    source = given[0].channel if given else next((one for one in order.paid_fen if one in bills), "")
    # Cash and cards give back outside the bills; only what the bills must show can be missing.
    beyond_bills_fen = sum(fen for channel, fen in order.paid_fen.items() if channel not in bills)
    due_fen = order.refunded_fen if order.sold_on == day else order.refunded_today_fen
    numbers = tuple(move.line for move in given)
    if given_fen > order.refunded_fen:
        return [
            Difference(order.order_no, "refunded_elsewhere", source, order.refunded_fen, given_fen, numbers)
        ]
    if given_fen < due_fen - beyond_bills_fen:
        return [Difference(order.order_no, "refund_missing_in_channel", source, due_fen, given_fen, numbers)]
    return []


def _late(order: TillOrder, source: str, rows: Sequence[PosLine] | Sequence[Movement]) -> Difference:
    other_fen = sum(row.amount_fen if isinstance(row, Movement) else row.payable_fen for row in rows)
    numbers = tuple(row.line for row in rows)
    return Difference(order.order_no, "late", source, order.net_payable_fen, other_fen, numbers)


def _has_repetition(values: Sequence[object]) -> bool:
    return len(set(values)) < len(values)


def grouped(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return rows by their order number, in the order of the file."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.order_no, []).append(row)
    return groups
