"""When a budget runs out at the pace of the last days. A forecast, never a promise: nothing rests on it.

>>> run_out(1_000, {date(2026, 11, 19): 100, date(2026, 11, 20): 300}, today=date(2026, 11, 21), window=2)
Forecast(per_day=200, on=datetime.date(2026, 11, 25))
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

WINDOW_DAYS = 14


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is used up a day, and the day on which nothing would be left; None where nothing was used."""

    per_day: int
    on: date | None


def run_out(left: int, used: Mapping[date, int], *, today: date, window: int = WINDOW_DAYS) -> Forecast:
    """Return the forecast of a budget from what was used on each of the whole days before ``today``.

    A budget that began within the window is judged by the days since its first use.
    """
    begun = min((day for day, amount in used.items() if amount), default=today)
    days = min(window, max((today - begun).days, 1))
    seen = sum(amount for day, amount in used.items() if today - timedelta(days) <= day < today)
    if begun >= today:
        seen = used.get(today, 0)
    if seen <= 0:
        return Forecast(0, None)
    lasts = -(-max(left, 0) * days // seen)  # days, today among them
    return Forecast(seen // days, today + timedelta(max(lasts - 1, 0)))
