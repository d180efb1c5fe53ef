"""Looks through a day before the auditor does (稽核自查).

Each control sees one pattern. What it sees is told, never scored and never a refusal: a pack
says from which figures on a pattern is worth a word, and whether somebody must explain it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from pos_subsidy.domain import lint_crowds as crowds
from pos_subsidy.domain import lint_goods as goods
from pos_subsidy.domain import lint_papers as papers
from pos_subsidy.domain.lint_case import Finding, Limits, LintDay, Seen
from pos_subsidy.domain.rules import Control

_Check = Callable[[LintDay, Limits], Iterator[Seen]]

# Code -> how it looks, and the figures that a pack has to give it.
_CHECKS: Mapping[str, tuple[_Check, tuple[str, ...]]] = {
    "lint_serial_missing": (goods.serial_missing, ()),
    "lint_serial_odd": (goods.serial_odd, ("shortest",)),
    "lint_serial_photo_differs": (goods.serial_photo_differs, ()),
    "lint_serial_invoice_differs": (goods.serial_invoice_differs, ()),
    "lint_serial_twice": (goods.serial_twice, ()),
    "lint_serial_lookalike": (goods.serial_lookalike, ()),
    "lint_imei_missing": (goods.imei_missing, ()),
    "lint_imei_photo_differs": (goods.imei_photo_differs, ()),
    "lint_region_differs": (goods.region_differs, ()),
    "lint_region_parts_differ": (goods.region_parts_differ, ()),
    "lint_price_over_filed": (goods.price_over_filed, ()),
    "lint_price_over_mean": (goods.price_over_mean, ("percent",)),
    "lint_filed_over_mean": (goods.filed_over_mean, ("percent",)),
    "lint_price_raised": (goods.price_raised, ("days", "least", "percent")),
    "lint_filing_raised": (goods.filing_raised, ("days", "percent")),
    "lint_model_contradicts": (goods.model_contradicts, ()),
    "lint_category_differs": (goods.category_differs, ()),
    "lint_rating_differs": (goods.rating_differs, ()),
    "lint_not_filed": (goods.not_filed, ()),
    "lint_photo_reused": (goods.photo_reused, ()),
    "lint_photo_alike": (goods.photo_alike, ()),
    "lint_photo_too_early": (goods.photo_too_early, ("hours",)),
    "lint_invoice_twice": (papers.invoice_twice, ()),
    "lint_invoice_reversed": (papers.invoice_reversed, ()),
    "lint_invoice_total_differs": (papers.invoice_total_differs, ()),
    "lint_invoice_buyer_differs": (papers.invoice_buyer_differs, ()),
    "lint_invoice_several_items": (papers.invoice_several_items, ()),
    "lint_invoice_too_early": (papers.invoice_too_early, ()),
    "lint_credit_note_missing": (papers.credit_note_missing, ()),
    "lint_delivery_unsigned": (papers.delivery_unsigned, ()),
    "lint_delivery_photo_missing": (papers.delivery_photo_missing, ()),
    "lint_delivery_too_early": (papers.delivery_too_early, ()),
    "lint_orders_split": (crowds.orders_split, ("minutes",)),
    "lint_cashier_burst": (crowds.cashier_burst, ("most", "minutes")),
    "lint_serial_burst": (crowds.serial_burst, ("characters", "most", "minutes")),
    "lint_person_burst": (crowds.person_burst, ("most", "days")),
    "lint_phone_burst": (crowds.phone_burst, ("most", "days")),
    "lint_phone_shared": (crowds.phone_shared, ("most", "days")),
    "lint_payment_shared": (crowds.payment_shared, ()),
    "lint_rounds": (crowds.rounds, ("most", "days")),
    "lint_cap_crowd": (crowds.cap_crowd, ("most", "percent", "permille")),
    "lint_ceiling_crowd": (crowds.ceiling_crowd, ("most", "percent", "permille")),
    "lint_own_staff": (crowds.own_staff, ()),
    "lint_off_hours": (crowds.off_hours, ("from_hour", "to_hour")),
    "lint_redeemed_late": (crowds.redeemed_late, ("minutes",)),
    "lint_back_filled": (crowds.back_filled, ("most", "minutes")),
    "lint_other_day": (crowds.other_day, ()),
}
LIMITS: Mapping[str, tuple[str, ...]] = {code: limits for code, (_check, limits) in _CHECKS.items()}


def findings(day: LintDay, controls: Sequence[Control]) -> list[Finding]:
    """Return what the controls in force on the day see, by sale, those that stop first."""
    place = {one.redemption_id: number for number, one in enumerate(day.sales)}
    found = [
        Finding(
            code=control.code,
            redemption_id=seen.sold.redemption_id,
            order_no=seen.sold.order_no,
            seen=dict(seen.params),
            stops=control.stops,
            clause=control.source.cited,
        )
        for control in controls
        if control.is_in_force(day.on)
        for seen in _CHECKS[control.code][0](day, control.limits)
    ]
    return sorted(found, key=lambda one: (place[one.redemption_id], not one.stops, one.code))


def window_days(controls: Sequence[Control]) -> int:
    """Return how many days back the controls look, the day itself being one of them."""
    return max((control.limits.get("days", 1) for control in controls), default=1)
