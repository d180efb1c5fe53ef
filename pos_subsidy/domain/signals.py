"""Looks over a city's sales for patterns of fraud (风险线索). What it finds is for people, never a verdict.

A pack says from which figures on a pattern is worth a word. Each signal carries the figures that
make it and what they were compared with; the strangest come first.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from pos_subsidy.domain import signal_crowds as crowds
from pos_subsidy.domain import signal_prices as prices
from pos_subsidy.domain.rules import Control
from pos_subsidy.domain.signal_case import Limits, Picture, Seen, Signal

_Check = Callable[[Picture, Limits], Iterator[Seen]]

# Code -> how it looks, and the figures that a pack has to give it.
_CHECKS: Mapping[str, tuple[_Check, tuple[str, ...]]] = {
    "signal_till_burst": (crowds.till_burst, ("most", "minutes")),
    "signal_person_burst": (crowds.person_burst, ("most", "days")),
    "signal_shop_surge": (crowds.shop_surge, ("least", "percent", "days")),
    "signal_ring_phone": (crowds.ring("phone"), ("most", "days")),
    "signal_ring_address": (crowds.ring("address"), ("most", "days")),
    "signal_ring_device": (crowds.ring("device"), ("most", "days")),
    "signal_ring_payment": (crowds.ring("payment"), ("most", "days")),
    "signal_rounds": (crowds.rounds, ("most", "days")),
    "signal_off_hours": (crowds.off_hours, ("least", "percent", "from_hour", "to_hour")),
    "signal_two_places": (crowds.two_places, ("minutes",)),
    "signal_far_away": (crowds.far_away, ("least", "percent")),
    "signal_back_filled": (crowds.back_filled, ("most", "hours")),
    "signal_cap_crowd": (prices.cap_crowd, ("least", "percent", "permille")),
    "signal_price_moved": (prices.price_moved, ("days", "least", "percent")),
    "signal_price_over_city": (prices.price_over_city, ("least", "percent")),
    "signal_filing_raised": (prices.filing_raised, ("days", "percent")),
}
LIMITS: Mapping[str, tuple[str, ...]] = {code: limits for code, (_check, limits) in _CHECKS.items()}


def signals(picture: Picture, controls: Sequence[Control], *, on: date) -> list[Signal]:
    """Return what the controls in force on a day see, the strangest first."""
    found = [
        Signal(
            code=control.code,
            outlet=seen.outlet,
            weight=seen.seen * 1000 // max(seen.limit, 1),
            at_stake_fen=sum(one.subsidy_fen for one in seen.sales),
            seen=dict(seen.params),
            redemption_ids=tuple(one.redemption_id for one in seen.sales),
            first_at=min(one.at for one in seen.sales),
            last_at=max(one.at for one in seen.sales),
            clause=control.source.cited,
        )
        for control in controls
        if control.is_in_force(on)
        for seen in _CHECKS[control.code][0](picture, control.limits)
    ]
    return sorted(found, key=lambda one: (-one.weight, -one.at_stake_fen, one.code, one.redemption_ids))
