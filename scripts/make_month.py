"""Makes a month of a shop: what its till holds and its own files, with differences planted.

One order in a hundred differs, in turn in every kind there is; two in a thousand only look as
if they did. What reconciling each day must say is known beforehand. Seeded: the same again.
"""

import csv
import io
import random
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.statements import bills  # noqa: E402

FIRST, DAYS = date(2026, 11, 1), 30
PLANTED = (
    *("late", "duplicate_in_channel", "duplicate_in_pos", "refunded_elsewhere"),
    *("refund_missing_in_channel", "missing_in_channel", "missing_in_pos", "missing_in_till"),
    "amount_differs",
)
AMBIGUOUS = ("split", "two_equal_items", "beside", "refunded_later", "repriced", "sister_shop")
# Of the days on which something is planted; over all, 1 % and 0.2 %.
ONE_IN, AMBIGUOUS_ONE_IN = 90, 450
_CHANNELS = ("wechat",) * 6 + ("alipay",) * 3 + ("cash",)
_WORDS = {"wechat": "微信", "alipay": "支付宝", "cash": "现金"}
_RATE_PERCENT, _CAP_FEN = 15, 150_000


@dataclass
class Sold:
    """One redemption of the till: ``back`` is what was reversed, (day, price, subsidy, payable) in fen."""

    order_no: str
    day: date
    price_fen: int
    subsidy_fen: int
    payments: list[tuple[str, int]]
    back: tuple[date, int, int, int] | None = None

    @property
    def payable_fen(self) -> int:
        return self.price_fen - self.subsidy_fen


@dataclass
class Month:
    sold: list[Sold] = field(default_factory=list)
    pos: dict[date, list[list[object]]] = field(default_factory=dict)
    moves: dict[tuple[str, date], list[bills.Move]] = field(default_factory=dict)
    # What must be said: the kind, by day and order number.
    expected: dict[tuple[date, str], str] = field(default_factory=dict)
    ambiguous: int = 0

    def files(self, day: date) -> list[tuple[str, bytes]]:
        return [
            ("pos.csv", _pos_file(self.pos.get(day, ()))),
            ("wechat.csv", bills.wechat(moves=self.moves.get(("wechat", day), ()))),
            ("alipay.csv", bills.alipay(self.moves.get(("alipay", day), ()))),
        ]


def days() -> list[date]:
    return [FIRST + timedelta(place) for place in range(DAYS)]


def make(orders: int, seed: int) -> Month:
    draw, month = random.Random(seed), Month()
    planted = ambiguous = 0
    for place in range(orders):
        # Nothing is planted on the last days: some of it reaches into the following ones.
        day = FIRST + timedelta(place * DAYS // orders)
        may_plant = day < FIRST + timedelta(DAYS - 3)
        kind = ""
        if place % ONE_IN == ONE_IN // 2 and may_plant:
            kind, planted = PLANTED[planted % len(PLANTED)], planted + 1
        elif place % AMBIGUOUS_ONE_IN == 1 and may_plant:
            kind, ambiguous = AMBIGUOUS[ambiguous % len(AMBIGUOUS)], ambiguous + 1
        _Order(month, draw, f"9{day:%Y%m%d}{place:06d}", day).happen(kind)
    month.ambiguous = ambiguous
    return month


class _Order:
    """One order as till, POS and channel know it."""

    def __init__(self, month: Month, draw: random.Random, order_no: str, day: date) -> None:
        self.month, self.draw, self.order_no, self.day = month, draw, order_no, day
        self.price_fen = draw.randrange(50_000, 1_500_000)
        self.subsidy_fen = min(self.price_fen * _RATE_PERCENT // 100, _CAP_FEN)
        self.channel = draw.choice(_CHANNELS)

    @property
    def paid_fen(self) -> int:
        return self.price_fen - self.subsidy_fen

    def happen(self, kind: str) -> None:
        if not kind and self.draw.random() < 0.2:
            self._unsubsidised()
            return
        if kind and self.channel == "cash":
            self.channel = "wechat"
        sold = Sold(
            self.order_no, self.day, self.price_fen, self.subsidy_fen, [(self.channel, self.paid_fen)]
        )
        if kind in PLANTED:
            self._expect(kind)
        getattr(self, f"_{kind or 'plain'}")(sold)

    def _expect(self, kind: str, day: date | None = None) -> None:
        self.month.expected[day or self.day, self.order_no] = kind

    def _pos(self, payable_fen: int, *, returned: bool = False, subsidised: bool = True) -> None:
        subsidy_fen = self.subsidy_fen if subsidised else 0
        status = "已退货" if returned else "已完成"
        amounts = [f"{bills.yuan(fen)}" for fen in (payable_fen + subsidy_fen, subsidy_fen, payable_fen)]
        at = f"{self.day} {self._clock()}"
        row = [self.order_no, at, "6901234567892", "冰箱,双门", 1, *amounts, _WORDS[self.channel], status]
        self.month.pos.setdefault(self.day, []).append(row)

    def _took(
        self, fen: int, *, back: bool = False, day: date | None = None, channel: str | None = None
    ) -> None:
        on, by = day or self.day, channel or self.channel
        if by != "cash":
            move = (f"{on} {self._clock()}", self.order_no, fen, back)
            self.month.moves.setdefault((by, on), []).append(move)

    def _clock(self) -> str:
        return f"{self.draw.randrange(9, 21):02d}:{self.draw.randrange(60):02d}:{self.draw.randrange(60):02d}"

    def _unsubsidised(self) -> None:
        self._pos(self.price_fen, subsidised=False)
        self._took(self.price_fen)

    def _plain(self, sold: Sold) -> None:
        self.month.sold.append(sold)
        self._pos(self.paid_fen)
        self._took(self.paid_fen)

    def _late(self, sold: Sold) -> None:
        """Paid after midnight: missing on its day, and late in the next day's bill."""
        self.month.sold.append(sold)
        self._pos(self.paid_fen)
        self._expect("missing_in_channel")
        self._expect("late", self.day + timedelta(1))
        self._took(self.paid_fen, day=self.day + timedelta(1))

    def _duplicate_in_channel(self, sold: Sold) -> None:
        self.month.sold.append(sold)
        self._pos(self.paid_fen)
        self._took(self.paid_fen)
        self._took(self.paid_fen)

    def _duplicate_in_pos(self, sold: Sold) -> None:
        self.month.sold.append(sold)
        self._pos(self.paid_fen)
        self._pos(self.paid_fen)
        self._took(self.paid_fen)

    def _refunded_elsewhere(self, sold: Sold) -> None:
        self.month.sold.append(sold)
        self._pos(self.paid_fen)
        self._took(self.paid_fen)
        self._took(self.draw.choice((1, self.paid_fen)), back=True)

    def _refund_missing_in_channel(self, sold: Sold) -> None:
        self._reverse(sold, self.day)
        self._pos(self.paid_fen, returned=True)
        self._took(self.paid_fen)
        if self.draw.random() < 0.5:
            self._took(self.paid_fen - 1, back=True)

    def _missing_in_channel(self, sold: Sold) -> None:
        self.month.sold.append(sold)
        self._pos(self.paid_fen)

    def _missing_in_pos(self, sold: Sold) -> None:
        self.month.sold.append(sold)
        self._took(self.paid_fen)

    def _missing_in_till(self, sold: Sold) -> None:
        self._pos(self.paid_fen)
        self._took(self.paid_fen)

    def _amount_differs(self, sold: Sold) -> None:
        self.month.sold.append(sold)
        self._pos(self.paid_fen)
        self._took(self.paid_fen + self.draw.choice((-1, 1, 5_000)))

    def _split(self, sold: Sold) -> None:
        part = self.paid_fen // 3
        sold.payments = [("wechat", part), ("alipay", self.paid_fen - part)]
        self.month.sold.append(sold)
        self._pos(self.paid_fen)
        self._took(part, channel="wechat")
        self._took(self.paid_fen - part, channel="alipay")

    def _two_equal_items(self, sold: Sold) -> None:
        """The same goods twice in one order and paid in two equal payments: nothing is double."""
        for _ in range(2):
            self.month.sold.append(
                Sold(self.order_no, self.day, self.price_fen, self.subsidy_fen, list(sold.payments))
            )
            self._pos(self.paid_fen)
            self._took(self.paid_fen)

    def _beside(self, sold: Sold) -> None:
        """An item without subsidy in the same order and the same payment."""
        self.month.sold.append(sold)
        self._pos(self.paid_fen)
        self._pos(9_900, subsidised=False)
        self._took(self.paid_fen + 9_900)

    def _refunded_later(self, sold: Sold) -> None:
        """Reversed and refunded two days after the sale (DR-08)."""
        after = self.day + timedelta(2)
        self._reverse(sold, after)
        self._pos(self.paid_fen)
        self._took(self.paid_fen)
        self._took(self.paid_fen, back=True, day=after)

    def _repriced(self, sold: Sold) -> None:
        sold.back = (self.day, 10_000, 0, 10_000)
        self.month.sold.append(sold)
        self._pos(self.paid_fen - 10_000)
        self._took(self.paid_fen)
        self._took(10_000, back=True)

    def _sister_shop(self, sold: Sold) -> None:
        """Another shop's order in the same merchant's bill, refunded in part."""
        self._took(self.paid_fen)
        self._took(1, back=True)

    def _reverse(self, sold: Sold, day: date) -> None:
        sold.back = (day, sold.price_fen, sold.subsidy_fen, sold.payable_fen)
        self.month.sold.append(sold)


def _pos_file(rows: Iterable[list[object]]) -> bytes:
    sink = io.StringIO(newline="")
    table = csv.writer(sink, lineterminator="\r\n")
    table.writerow("订单号,下单时间,商品条码,商品名称,数量,成交价,国补金额,实付金额,支付方式,状态".split(","))
    table.writerows(rows)
    return sink.getvalue().encode("gb18030")
