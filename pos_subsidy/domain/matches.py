"""Why an order matched: which lines of which files, and the sums that agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pos_subsidy.domain.money import yuan
from pos_subsidy.domain.reconciliation import Movement, PosLine, Reconciliation, TillOrder, grouped

_NAMES = {
    "wechat": ("微信", "WeChat"),
    "alipay": ("支付宝", "Alipay"),
    "unionpay": ("银联", "UnionPay"),
    "card": ("银行卡", "Card"),
    "cash": ("现金", "Cash"),
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one file says of an order: ``source`` is pos or a channel."""

    source: str
    refund: bool
    amount_fen: int
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """An order on which everything agrees, and what says so."""

    order_no: str
    sold_on: date
    net_payable_fen: int
    unbilled_fen: int  # paid where no bill was handed in, or none can show it
    evidence: tuple[Evidence, ...]

    @property
    def sentence_zh(self) -> str:
        return f"订单 {self.order_no}：" + "；".join(self._parts(english=False)) + "。"

    @property
    def sentence_en(self) -> str:
        return f"Order {self.order_no}: " + "; ".join(self._parts(english=True)) + "."

    def _parts(self, *, english: bool) -> list[str]:
        net = yuan(self.net_payable_fen)
        parts = [f"{net} yuan due here, net" if english else f"核验端净应收 {net} 元"]
        parts += [_spoken(one, english=english) for one in self.evidence]
        if self.unbilled_fen:
            sum_ = yuan(self.unbilled_fen)
            parts.append(f"{sum_} yuan in no bill handed in" if english else f"{sum_} 元不在已上传的账单里")
        return parts


def explain(
    found: Reconciliation,
    orders: Sequence[TillOrder],
    pos: Sequence[PosLine] | None,
    bills: Mapping[str, Sequence[Movement]],
) -> tuple[Match, ...]:
    """Return every order that agrees, with what shows it; differences speak for themselves."""
    differing = {one.order_no for one in found.differences}
    pos_by_no = grouped(pos or ())
    moved_by_no = grouped([move for moves in bills.values() for move in moves])
    return tuple(
        _match(order, pos_by_no.get(order.order_no, []), moved_by_no.get(order.order_no, []), bills)
        for order in sorted(orders, key=lambda one: one.order_no)
        if order.order_no not in differing
    )


def _match(
    order: TillOrder,
    lines: Sequence[PosLine],
    moves: Sequence[Movement],
    bills: Mapping[str, Sequence[Movement]],
) -> Match:
    evidence = []
    standing = [line for line in lines if not line.returned]
    if lines:
        numbers = tuple(line.line for line in lines)
        evidence.append(Evidence("pos", False, sum(line.payable_fen for line in standing), numbers))
    for channel in sorted(bills):
        for refund in (False, True):
            of_it = [one for one in moves if one.channel == channel and one.refund is refund]
            if of_it:
                total_fen = sum(one.amount_fen for one in of_it if not one.failed)
                evidence.append(Evidence(channel, refund, total_fen, tuple(one.line for one in of_it)))
    unbilled_fen = sum(fen for channel, fen in order.paid_fen.items() if channel not in bills)
    return Match(order.order_no, order.sold_on, order.net_payable_fen, unbilled_fen, tuple(evidence))


def _spoken(one: Evidence, *, english: bool) -> str:
    numbers, total = ", ".join(map(str, one.lines)), yuan(one.amount_fen)
    if one.source == "pos":
        return f"POS line {numbers}: {total} yuan" if english else f"收银系统第 {numbers} 行共 {total} 元"
    name = _NAMES.get(one.source, (one.source, one.source))[english]
    if english:
        return f"{name} line {numbers}: {total} yuan {'given back' if one.refund else 'taken'}"
    return f"{name}账单第 {numbers} 行{'退款' if one.refund else '收款'} {total} 元"
