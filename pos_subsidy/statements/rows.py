"""What every statement file is read into."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pos_subsidy.errors import Invalid

MONTHS = 12
_TOLD = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file. ``amount_fen`` is positive, for a payment and for a refund alike.

    ``refund`` marks money given back in a bill, a returned line in a POS export.
    """

    line: int
    order_no: str
    business_date: date
    at: str
    amount_fen: int
    refund: bool
    price_fen: int | None = None
    subsidy_fen: int | None = None
    payable_fen: int | None = None
    channel: str | None = None
    status: str = ""
    ref: str = ""  # the refund's own number at the channel
    refund_state: str = "paid"  # accepted, paid or failed, where the row is a refund
    quantity: int = 1
    merchant: str = ""  # the merchant's number at the channel
    settled_fen: int | None = None  # what reaches the merchant, before fees


@dataclass(frozen=True, slots=True)
class Statement:
    """One file: ``kind`` is pos, or the channel whose bill it is.

    ``wechat_payments`` and ``wechat_refunds`` are bills of one side only, ``wechat_funds`` is
    what moved on the account.
    """

    kind: str
    filename: str
    rows: tuple[Row, ...]
    # Of a table that a spreadsheet may have spoilt, what it calls them.
    at_column: str = ""
    order_column: str = ""

    @property
    def channel(self) -> str:
        return self.kind.split("_")[0]

    @property
    def names_orders(self) -> bool:
        return not self.kind.endswith("_funds")

    @property
    def merchants(self) -> tuple[str, ...]:
        return tuple(sorted({row.merchant for row in self.rows if row.merchant}))


def broken(filename: str, line: int, field: str, cause: str) -> Invalid:
    """Return the error about one field of one line."""
    return Invalid("file_row", filename=filename, line=line, field=field, cause=cause)


def spoilt(
    rows: Sequence[Row], filename: str, column: str, cause: str, *, shown: str = "order_no"
) -> Invalid:
    """Return the error about several lines of one column; the first are named."""
    first = rows[:_TOLD]
    return Invalid(
        "file_spoilt",
        filename=filename,
        field=column,
        lines=", ".join(str(row.line) for row in first),
        found=", ".join(str(getattr(row, shown)) for row in first),
        cause=cause,
    )


def must_be_of_day(statement: Statement, day: date) -> None:
    """Pass if the file can be of this day: it has rows of it, or none at all.

    Raises:
        Invalid: ``file_other_day``, or ``file_spoilt``: day and month are swapped.
    """
    if statement.at_column and (turned := _swapped(day)):
        wrong = [row for row in statement.rows if row.business_date == turned]
        if wrong:
            raise spoilt(wrong, statement.filename, statement.at_column, "swapped", shown="at")
    days = {row.business_date for row in statement.rows}
    if days and day not in days:
        found = min(days).isoformat()
        raise Invalid("file_other_day", filename=statement.filename, expected=day.isoformat(), found=found)


def _swapped(day: date) -> date | None:
    """Return what a spreadsheet makes of a day whose parts it takes the other way round."""
    return date(day.year, day.day, day.month) if day.day <= MONTHS and day.day != day.month else None
