"""Spans of days that budgets are metered by: everything, a year, a month, a week.

>>> days_of("2026-11")
(datetime.date(2026, 11, 1), datetime.date(2026, 11, 30))
>>> days_of("2026-W01")
(datetime.date(2025, 12, 29), datetime.date(2026, 1, 4))
"""

import calendar
import re
from datetime import date, timedelta

from pos_subsidy.errors import Invalid

EVERYTHING = "all"
_YEAR, _MONTH, _WEEK = (
    re.compile(text, re.ASCII) for text in (r"\d{4}", r"(\d{4})-(\d\d)", r"(\d{4})-W(\d\d)")
)


def days_of(period: str) -> tuple[date, date]:
    """Return the first and the last day, both inclusive.

    Raises:
        Invalid: ``period_invalid``.
    """
    try:
        if period == EVERYTHING:
            return date.min, date.max
        if _YEAR.fullmatch(period):
            return date(int(period), 1, 1), date(int(period), 12, 31)
        if found := _MONTH.fullmatch(period):
            year, month = int(found[1]), int(found[2])
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        if found := _WEEK.fullmatch(period):
            monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
            return monday, monday + timedelta(6)
    except (ValueError, OverflowError):
        pass
    raise Invalid("period_invalid", found=period[:20])
