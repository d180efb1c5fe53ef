"""Days of what has happened to a car that cannot be: to come still, or one before what must precede it."""

from collections.abc import Mapping
from datetime import date

from pos_subsidy.domain.decision import Reason

_HAPPENED = (
    *("old_car_first_registered_on", "old_car_held_since", "old_car_disposed_on"),
    *("registered_on", "house_completed_on"),
)
# The later one, and the latest known of these is the earliest day it can be.
_NOT_BEFORE = {
    "old_car_held_since": ("old_car_first_registered_on",),
    "old_car_disposed_on": ("old_car_held_since", "old_car_first_registered_on"),
    "registered_on": ("purchase_day",),
}


def impossible_days(attributes: Mapping[str, object], *, sold_on: date, today: date) -> list[Reason]:
    """Return every day that cannot be so, whatever a policy says. One and the same day is possible."""
    days = {name: day for name, day in attributes.items() if isinstance(day, date)}
    found = [
        Reason("day_in_future", {"attribute": name, "found": str(days[name]), "today": str(today)}, "")
        for name in _HAPPENED
        if name in days and days[name] > today
    ]
    known = {**days, "purchase_day": sold_on}
    for name, earlier in _NOT_BEFORE.items():
        before = [(known[one], one) for one in earlier if one in known]
        if name in days and before and days[name] < max(before)[0]:
            day, after = max(before)
            params = {"attribute": name, "found": str(days[name]), "after": after, "earliest": str(day)}
            found.append(Reason("days_out_of_order", params, ""))
    return found
