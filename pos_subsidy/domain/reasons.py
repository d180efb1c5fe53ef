"""Puts reasons in the order in which people can act on them, each with its clause.

>>> order = [Reason("serial_used", {}, "c"), Reason("rating_required", {}, "c")]
>>> [reason.code for reason in actionable_first(order)]
['rating_required', 'serial_used']
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pos_subsidy.domain.decision import Reason
from pos_subsidy.domain.rules import PACK_DEFAULT, Rule

# What the cashier can mend comes first, then what another item would mend, then what nothing mends.
ORDER = (
    "identifier_invalid",
    "person_invalid",
    "attribute_required",
    "day_in_future",
    "days_out_of_order",
    "trade_in_required",
    "activation_required",
    "ccc_required",
    "serial_required",
    "imei_required",
    "rating_required",
    "rating_mismatch",
    "category_mismatch",
    "price_over_filed",
    "price_under_minimum",
    "price_over_ceiling",
    "rating_not_eligible",
    "displacement_over_limit",
    "old_car_not_eligible",
    "region_not_eligible",
    "house_not_eligible",
    "registration_too_late",
    "no_programme_for_this",
    "not_stackable",
    "coupon_not_open",
    "not_in_catalogue",
    "provisional_rule",
    "no_programme",
    "nothing_granted",
    "budget_exhausted",
    "claimed_elsewhere",
    "scheme_conflict",
    "units_exhausted",
    "serial_used",
    "imei_used",
    "piece_blocked",
)
# Beside one of these no other item and no other price would earn anything.
_NOTHING_MENDS = frozenset(
    {
        *("provisional_rule", "no_programme", "budget_exhausted", "claimed_elsewhere"),
        *("scheme_conflict", "units_exhausted"),
    }
)
_PLACE = {code: position for position, code in enumerate(ORDER)}


def actionable_first(reasons: Sequence[Reason]) -> list[Reason]:
    """Sort refusals so that the one the customer or cashier can act on stands first."""
    return sorted(reasons, key=lambda reason: _PLACE.get(reason.code, len(ORDER)))


def cited(reasons: Sequence[Reason], rule: Rule | None) -> tuple[Reason, ...]:
    """Give every reason a clause: its own, the rule's for its code, or the word that there is none."""
    found: list[Reason] = []
    hopeless = any(reason.code in _NOTHING_MENDS for reason in reasons)
    for reason in actionable_first(reasons):
        if hopeless and "would_fen" in reason.params:
            reason = replace(reason, params=_without_promise(reason.params))
        source = rule.sources.get(reason.code, PACK_DEFAULT) if rule else PACK_DEFAULT
        again = any(reason.code == one.code and reason.params == one.params for one in found)
        if not again:
            found.append(Reason(reason.code, reason.params, reason.clause or source.cited))
    return tuple(found)


def _without_promise(params: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in params.items() if name != "would_fen"}
    variant = params.get("variant")
    return {**told, "variant": f"{variant}_alone" if variant else "alone"}
