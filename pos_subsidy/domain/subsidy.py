"""Decides what an item is granted on a day, with every step, or every reason against.

>>> order = [Reason("serial_used", {}, "c"), Reason("rating_required", {}, "c")]
>>> [reason.code for reason in actionable_first(order)]
['rating_required', 'serial_used']
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pos_subsidy.domain.decision import Assessment, Item, Reason, Step
from pos_subsidy.domain.money import share_of
from pos_subsidy.domain.requirements import judge_requirements
from pos_subsidy.domain.rules import PACK_DEFAULT, Category, Grant, Rule, Rulebook
from pos_subsidy.errors import Invalid, NotBuilt

__all__ = ["Assessment", "Item", "Reason", "Step", "actionable_first", "assess", "preconditions", "refuse"]

MAX_PRICE_FEN = 10_000_000_000


# What the cashier can mend comes first, then what another item would mend, then what nothing mends.
_ORDER = (
    "identifier_invalid",
    "person_invalid",
    "attribute_required",
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
    "not_in_catalogue",
    "provisional_rule",
    "no_programme",
    "nothing_granted",
    "claimed_elsewhere",
    "units_exhausted",
    "serial_used",
    "imei_used",
)


def assess(
    item: Item,
    *,
    on: date,
    rulebook: Rulebook,
    units_used: int | None = None,
    granted_fen: int = 0,
    findings: Sequence[Reason] = (),
) -> Assessment:
    """Decide what ``item`` is granted on the business date ``on``.

    ``units_used`` and ``granted_fen`` are what the person has had of this class under the
    programme, None where no person is known. ``findings`` are refusals the caller found by
    itself (numbers, pieces, the catalogue); they are judged together with the rules'.

    Raises:
        Invalid: ``category_unknown``, ``price_invalid``, ``attribute_unknown`` or
            ``attribute_invalid``: the question itself is malformed.
        NotBuilt: no pack speaks of this family of goods.
    """
    category = rulebook.category(item.category)
    _must_be_well_formed(item, category)
    rule = rulebook.rule_in_force(item.category, on)
    refusals = list(findings)
    warnings: list[Reason] = []
    if rule is None:
        refusals.append(_no_programme(category, on, rulebook))
        return _refused(item, None, refusals, warnings)
    _judge_filing(item, category, rule, refusals, warnings)
    _judge_rule(category, rule, refusals)
    _judge_price(item, rule, refusals)
    _judge_units(category, rule, units_used, granted_fen, refusals)
    judge_requirements(rule, item.attributes, refusals, warnings)
    rating = _rating(item)
    grant = _grant(item, rule, refusals)
    sum_of: Decimal | int | None = None
    if grant is not None:
        banded = bool(grant.bands)
        sum_of = (
            _band_fen(item, rule, grant, refusals)
            if banded
            else _rate(item, category, rule, grant, rating, refusals)
        )
    if refusals or grant is None or sum_of is None:
        return _refused(item, rule, refusals, warnings)
    return _granted(item, category, rule, grant, rating, sum_of, units_used, granted_fen, warnings)


def refuse(price_fen: int, findings: Sequence[Reason]) -> Assessment:
    """Return the refusal of goods of which no category is known."""
    return Assessment(price_fen, 0, None, None, refusals=_cited(findings, None))


def preconditions(
    category: str,
    *,
    on: date,
    rulebook: Rulebook,
    units_used: int,
    granted_fen: int = 0,
    findings: Sequence[Reason] = (),
) -> list[Reason]:
    """Return what stands against a person's right in a category before any item is known."""
    known = rulebook.category(category)
    rule = rulebook.rule_in_force(category, on)
    refusals = list(findings)
    if rule is None:
        refusals.append(_no_programme(known, on, rulebook))
    else:
        _judge_rule(known, rule, refusals)
        _judge_units(known, rule, units_used, granted_fen, refusals)
    return list(_cited(refusals, rule))


def actionable_first(reasons: Sequence[Reason]) -> list[Reason]:
    """Sort refusals so that the one the customer or cashier can act on stands first."""
    place = {code: position for position, code in enumerate(_ORDER)}
    return sorted(reasons, key=lambda reason: place.get(reason.code, len(_ORDER)))


def _must_be_well_formed(item: Item, category: Category) -> None:
    if not 0 < item.price_fen <= MAX_PRICE_FEN:
        raise Invalid("price_invalid", price_fen=item.price_fen)
    for name in item.attributes:
        if name not in category.attributes:
            raise Invalid(
                "attribute_unknown", attribute=str(name)[:40], known=", ".join(sorted(category.attributes))
            )


def _no_programme(category: Category, on: date, rulebook: Rulebook) -> Reason:
    if not any(category.family in programme.families for programme in rulebook.programmes):
        raise NotBuilt("programme_not_built", **_named(category))
    programme = rulebook.programme_for(category.family, on)
    clause = programme.source.cited if programme else PACK_DEFAULT.cited
    return Reason("no_programme", {**_named(category), "on": on.isoformat()}, clause)


def _judge_filing(
    item: Item, category: Category, rule: Rule, refusals: list[Reason], warnings: list[Reason]
) -> None:
    filed = item.filed
    if filed is None:
        return
    if filed.category != category.code:
        other: dict[str, Any] = {**_named(category), "filed_category": filed.category, "gtin": filed.gtin}
        refusals.append(Reason("category_mismatch", other, ""))
    told = item.energy_rating
    if told is not None and filed.energy_rating is not None and told != filed.energy_rating:
        ratings = {"rating": told, "filed_rating": filed.energy_rating, "gtin": filed.gtin}
        refusals.append(Reason("rating_mismatch", ratings, ""))
    if item.price_fen > filed.filed_price_fen:
        prices = {"price_fen": item.price_fen, "filed_price_fen": filed.filed_price_fen}
        refusals.append(Reason("price_over_filed", prices, ""))
    mean_fen = filed.mean_price_30d_fen
    if mean_fen is not None and filed.filed_price_fen > mean_fen:
        risen = {"filed_price_fen": filed.filed_price_fen, "mean_price_fen": mean_fen}
        clause = rule.source_of("filed_price_above_mean").cited
        warnings.append(Reason("filed_price_above_mean", risen, clause))


def _judge_rule(category: Category, rule: Rule, refusals: list[Reason]) -> None:
    if rule.status == "provisional":
        params = {**_named(category), "programme": rule.programme.id}
        refusals.append(Reason("provisional_rule", params, rule.source.cited))


def _judge_price(item: Item, rule: Rule, refusals: list[Reason]) -> None:
    ceiling_fen, minimum_fen = rule.price_ceiling_fen, rule.price_minimum_fen
    if ceiling_fen is not None and item.price_fen > ceiling_fen:
        params = {"price_fen": item.price_fen, "ceiling_fen": ceiling_fen}
        refusals.append(Reason("price_over_ceiling", params, rule.source_of("price_ceiling").cited))
    if minimum_fen is not None and item.price_fen < minimum_fen:
        params = {"price_fen": item.price_fen, "minimum_fen": minimum_fen}
        refusals.append(Reason("price_under_minimum", params, rule.source_of("price_minimum").cited))


def _judge_units(
    category: Category, rule: Rule, units_used: int | None, granted_fen: int, refusals: list[Reason]
) -> None:
    exhausted = rule.units_max is not None and units_used is not None and units_used >= rule.units_max
    spent = rule.person_cap_fen is not None and granted_fen >= rule.person_cap_fen
    if exhausted or spent:
        params = {**_named(category), "units_used": units_used, "units_max": rule.units_max}
        refusals.append(Reason("units_exhausted", params, rule.source_of("units").cited))


def _rating(item: Item) -> int | None:
    """Return the rating that counts: the filing's, never the clerk's where goods are filed."""
    if item.filed is not None:
        return item.filed.energy_rating
    water = item.attributes.get("water_rating")
    told = [rating for rating in (item.energy_rating, water) if isinstance(rating, int)]
    return min(told, default=None)


def _is_unrated(item: Item) -> bool:
    """Say whether no rating system exists for the item."""
    if item.filed is not None:
        return item.filed.has_rating_system is False
    return item.attributes.get("has_rating_system") is False


def _rate(
    item: Item, category: Category, rule: Rule, grant: Grant, rating: int | None, refusals: list[Reason]
) -> Decimal | None:
    if not grant.by_rating:
        return grant.rate
    if rating is not None and rating in grant.rates:
        return grant.rates[rating]
    if grant.rate_otherwise is not None:
        return grant.rate_otherwise
    clause = rule.source_of("rates").cited
    granted = {"eligible_ratings": "、".join(str(one) for one in sorted(grant.rates)), **_named(category)}
    if rating is not None:
        refusals.append(Reason("rating_not_eligible", {"rating": rating, **granted}, clause))
    elif _is_unrated(item) and grant.rate_unrated is not None:
        return grant.rate_unrated
    elif _is_unrated(item) and item.filed is None:
        refusals.append(Reason("rating_not_eligible", {"rating": None, **granted}, clause))
    else:
        refusals.append(Reason("rating_required", granted, clause))
    return None


def _grant(item: Item, rule: Rule, refusals: list[Reason]) -> Grant | None:
    """Return how the sum is reckoned for this item, or refuse: something that decides is missing."""
    if len(rule.grants) == 1 and not rule.grants[0].when:
        return rule.grants[0]
    missing = [name for name in rule.choices if name not in item.attributes]
    fitting = [
        grant
        for grant in rule.grants
        if all(item.attributes.get(name, value) == value for name, value in grant.when.items())
    ]
    if not rule.grants:
        return None  # provisional: refused already, nobody knows its figures
    # What is missing matters only where more than one way is left.
    if len(fitting) == 1:
        return fitting[0]
    for name in missing:
        refusals.append(Reason("attribute_required", {"attribute": name}, rule.source.cited))
    if not missing:
        refusals.append(Reason("no_programme_for_this", dict(item.attributes), rule.source.cited))
    return None


def _band_fen(item: Item, rule: Rule, grant: Grant, refusals: list[Reason]) -> int | None:
    """Return the fixed amount of the item's price, or refuse: it lies under every band."""
    for band in grant.bands:
        if band.from_fen <= item.price_fen and (band.below_fen is None or item.price_fen < band.below_fen):
            return band.amount_fen
    lowest_fen = min(band.from_fen for band in grant.bands)
    params = {"price_fen": item.price_fen, "minimum_fen": lowest_fen}
    refusals.append(Reason("price_under_minimum", params, rule.source_of("rates").cited))
    return None


def _granted(
    item: Item,
    category: Category,
    rule: Rule,
    grant: Grant,
    rating: int | None,
    sum_of: Decimal | int,
    units_used: int | None,
    granted_fen: int,
    warnings: list[Reason],
) -> Assessment:
    steps = [Step("base", {"price_fen": item.price_fen}, rule.source_of("base").cited)]
    if grant.bands:
        assert isinstance(sum_of, int)
        subsidy_fen = sum_of
        params = {"price_fen": item.price_fen, "amount_fen": subsidy_fen, **_named(category)}
        steps.append(Step("band", params, rule.source_of("rates").cited))
        if subsidy_fen > item.price_fen:
            subsidy_fen = item.price_fen
            steps.append(Step("not_above_price", {"price_fen": item.price_fen}, PACK_DEFAULT.cited))
    else:
        subsidy_fen = _share(item, category, rule, grant, rating, Decimal(sum_of), steps)
    if rule.person_cap_fen is not None and subsidy_fen > rule.person_cap_fen - granted_fen:
        subsidy_fen = rule.person_cap_fen - granted_fen
        caps = {"left_fen": subsidy_fen, "person_cap_fen": rule.person_cap_fen, "granted_fen": granted_fen}
        steps.append(Step("person_capped", caps, rule.source_of("person_cap").cited))
    if units_used is not None and rule.units_max is not None:
        left = rule.units_max - units_used - 1
        units = {"units_used": units_used, "units_max": rule.units_max, "left": left}
        steps.append(Step("units", {**_named(category), **units}, rule.source_of("units").cited))
    return Assessment(
        price_fen=item.price_fen,
        subsidy_fen=subsidy_fen,
        programme=rule.programme.id,
        policy_version=rule.programme.policy_version,
        steps=tuple(steps),
        warnings=tuple(warnings),
    )


def _share(
    item: Item,
    category: Category,
    rule: Rule,
    grant: Grant,
    rating: int | None,
    rate: Decimal,
    steps: list[Step],
) -> int:
    """Return the rate's share of the price, capped, adding its steps."""
    shown: dict[str, Any] = {"rate": rate, "price_fen": item.price_fen, "rating": rating, **_named(category)}
    how = "rate"
    if grant.by_rating:
        how = "rate_of_rating" if rating in grant.rates else "rate_unrated"
        how = "rate_otherwise" if grant.rate_otherwise is not None and rating not in grant.rates else how
    clause = rule.source_of("rates").cited
    subsidy_fen = share_of(item.price_fen, rate)
    steps.append(Step(how, shown, clause))
    steps.append(Step("share", {**shown, "share_fen": subsidy_fen}, clause))
    if grant.cap_fen is not None and item.price_fen * rate > grant.cap_fen:
        steps.append(Step("capped", {"cap_fen": grant.cap_fen}, rule.source_of("cap").cited))
        return grant.cap_fen
    if item.price_fen * rate != subsidy_fen:
        steps.append(Step("rounded", {"share_fen": subsidy_fen}, rule.terms.source("rounding").cited))
    return subsidy_fen


def _refused(
    item: Item, rule: Rule | None, refusals: Sequence[Reason], warnings: Sequence[Reason]
) -> Assessment:
    return Assessment(
        price_fen=item.price_fen,
        subsidy_fen=0,
        programme=rule.programme.id if rule else None,
        policy_version=rule.programme.policy_version if rule else None,
        refusals=_cited(refusals, rule),
        warnings=tuple(warnings),
    )


def _cited(reasons: Sequence[Reason], rule: Rule | None) -> tuple[Reason, ...]:
    """Give every reason a clause: its own, the rule's for its code, or the word that there is none."""
    cited: list[Reason] = []
    for reason in actionable_first(reasons):
        source = rule.sources.get(reason.code, PACK_DEFAULT) if rule else PACK_DEFAULT
        again = any(reason.code == one.code and reason.params == one.params for one in cited)
        if not again:
            cited.append(Reason(reason.code, reason.params, reason.clause or source.cited))
    return tuple(cited)


def _named(category: Category) -> dict[str, str]:
    return {"category": category.code, "category_zh": category.name_zh, "category_en": category.name_en}
