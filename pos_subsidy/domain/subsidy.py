"""Decides what an item is granted on a day, with every step, or every reason against."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pos_subsidy.domain.decision import Assessment, Item, Reason, Step
from pos_subsidy.domain.identifiers import vin
from pos_subsidy.domain.reasons import actionable_first, cited
from pos_subsidy.domain.reckoning import Way, best_fen, reckon, way
from pos_subsidy.domain.requirements import judge_requirements
from pos_subsidy.domain.rules import PACK_DEFAULT, Category, Rule, Rulebook
from pos_subsidy.errors import Invalid, NotBuilt

__all__ = ["Assessment", "Item", "Reason", "Step", "actionable_first", "assess", "preconditions", "refuse"]

MAX_PRICE_FEN = 10_000_000_000


def assess(
    item: Item,
    *,
    on: date,
    rulebook: Rulebook,
    at: datetime | None = None,
    units_used: int | None = None,
    granted_fen: int = 0,
    used_as: str | None = None,
    coupons_used: int | None = None,
    findings: Sequence[Reason] = (),
) -> Assessment:
    """Decide what ``item`` is granted on the business date ``on``.

    ``units_used`` and ``granted_fen`` are what the person has had of this class under the
    programme, None where no person is known; ``used_as`` is the scheme she had it under.
    ``at`` is the very moment, for coupons that are released at one; ``coupons_used`` is how
    many of the batch are gone. ``findings`` are refusals the caller found by itself (numbers,
    pieces, the catalogue); they are judged together with the rules'.

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
    _judge_units(item.attributes, category, rule, units_used, granted_fen, used_as, refusals)
    _judge_vin(item, warnings)
    judge_requirements(rule, item.attributes, refusals, warnings)
    found = way(item, category, rule, refusals, on=on, at=at, coupons_used=coupons_used)
    _judge_price(item, rule, refusals)
    if refusals or found is None:
        return _refused(item, rule, refusals, warnings)
    return _granted(item, category, rule, found, units_used, granted_fen, warnings)


def refuse(price_fen: int, findings: Sequence[Reason]) -> Assessment:
    """Return the refusal of goods of which no category is known."""
    return Assessment(price_fen, 0, None, None, refusals=cited(findings, None))


def preconditions(
    category: str,
    *,
    on: date,
    rulebook: Rulebook,
    units_used: int,
    granted_fen: int = 0,
    attributes: Mapping[str, object] | None = None,
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
        _judge_units(attributes or {}, known, rule, units_used, granted_fen, None, refusals)
    return list(cited(refusals, rule))


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
        raise NotBuilt("programme_not_built", **category.named)
    programme = rulebook.programme_for(category.family, on)
    clause = programme.source.cited if programme else PACK_DEFAULT.cited
    granted = rulebook.categories_open(category.family, on)
    params = {
        **category.named,
        "on": on.isoformat(),
        "open_zh": "、".join(one.name_zh for one in granted) or "无",
        "open_en": ", ".join(one.name_en for one in granted) or "none",
    }
    return Reason("no_programme", params, clause)


def _judge_vin(item: Item, warnings: list[Reason]) -> None:
    """Warn of an imported car's number that does not check; one made in China was refused already."""
    for name in ("vin", "old_car_vin"):
        number = item.attributes.get(name)
        if isinstance(number, str) and not vin.has_good_check_digit(number):
            warnings.append(Reason("vin_check_digit", {"number": number}, PACK_DEFAULT.cited))


def _judge_filing(
    item: Item, category: Category, rule: Rule, refusals: list[Reason], warnings: list[Reason]
) -> None:
    filed = item.filed
    if filed is None:
        return
    if filed.category != category.code:
        other: dict[str, Any] = {**category.named, "filed_category": filed.category, "gtin": filed.gtin}
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
        params = {**category.named, "programme": rule.programme.id}
        refusals.append(Reason("provisional_rule", params, rule.source.cited))


def _judge_price(item: Item, rule: Rule, refusals: list[Reason]) -> None:
    ceiling_fen, minimum_fen = rule.price_ceiling_fen, rule.price_minimum_fen
    if ceiling_fen is not None and item.price_fen > ceiling_fen:
        params = {
            "price_fen": item.price_fen,
            "ceiling_fen": ceiling_fen,
            "would_fen": best_fen(rule, ceiling_fen),
        }
        refusals.append(Reason("price_over_ceiling", params, rule.source_of("price_ceiling").cited))
    if minimum_fen is not None and item.price_fen < minimum_fen:
        params = {
            "price_fen": item.price_fen,
            "minimum_fen": minimum_fen,
            "would_fen": best_fen(rule, minimum_fen),
        }
        refusals.append(Reason("price_under_minimum", params, rule.source_of("price_minimum").cited))


def _judge_units(
    attributes: Mapping[str, object],
    category: Category,
    rule: Rule,
    units_used: int | None,
    granted_fen: int,
    used_as: str | None,
    refusals: list[Reason],
) -> None:
    units_max = rule.units_max_for(attributes)
    exhausted = units_max is not None and units_used is not None and units_used >= units_max
    spent = rule.person_cap_fen is not None and granted_fen >= rule.person_cap_fen
    if not exhausted and not spent:
        return
    clause = rule.source_of("units").cited
    asked = attributes.get(rule.exclusive) if rule.exclusive else None
    if used_as is not None and asked is not None and asked != used_as:
        refusals.append(Reason("scheme_conflict", {"used_as": used_as, "asked": asked}, clause))
    elif exhausted:
        params = {**category.named, "units_used": units_used, "units_max": units_max}
        refusals.append(Reason("units_exhausted", params, clause))
    else:
        sums = {"granted_fen": granted_fen, "person_cap_fen": rule.person_cap_fen}
        refusals.append(Reason("units_exhausted", {**category.named, **sums, "variant": "sum"}, clause))


def _granted(
    item: Item,
    category: Category,
    rule: Rule,
    found: Way,
    units_used: int | None,
    granted_fen: int,
    warnings: list[Reason],
) -> Assessment:
    subsidy_fen, steps = reckon(item, category, rule, found)
    cap_fen = rule.person_cap_fen
    if cap_fen is not None and subsidy_fen > cap_fen - granted_fen:
        subsidy_fen = cap_fen - granted_fen
        caps = {"left_fen": subsidy_fen, "person_cap_fen": cap_fen, "granted_fen": granted_fen}
        steps.append(Step("person_capped", caps, rule.source_of("person_cap").cited))
    elif cap_fen is not None and units_used is not None:
        left_fen = cap_fen - granted_fen - subsidy_fen
        caps = {"left_fen": left_fen, "person_cap_fen": cap_fen, "granted_fen": granted_fen}
        steps.append(Step("person_left", caps, rule.source_of("person_cap").cited))
    units_max = rule.units_max_for(item.attributes)
    if units_used is not None and units_max is not None:
        units: dict[str, Any] = {"units_used": units_used, "units_max": units_max}
        units["left"] = units_max - units_used - 1
        steps.append(Step("units", {**category.named, **units}, rule.source_of("units").cited))
    claim = rule.programme.claim
    if claim is not None:
        steps.append(Step("paid_afterwards", {"price_fen": item.price_fen}, claim.source.cited))
    return Assessment(
        price_fen=item.price_fen,
        subsidy_fen=subsidy_fen,
        programme=rule.programme.id,
        policy_version=rule.policy_version,
        steps=tuple(steps),
        warnings=tuple(warnings),
        paid_afterwards=claim is not None,
    )


def _refused(
    item: Item, rule: Rule | None, refusals: Sequence[Reason], warnings: Sequence[Reason]
) -> Assessment:
    return Assessment(
        price_fen=item.price_fen,
        subsidy_fen=0,
        programme=rule.programme.id if rule else None,
        policy_version=rule.policy_version if rule else None,
        refusals=cited(refusals, rule),
        warnings=tuple(warnings),
    )
