"""Finds by what way a rule reckons an item's sum, and reckons it step by step."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pos_subsidy.domain.decision import Item, Reason, Step
from pos_subsidy.domain.money import share_of
from pos_subsidy.domain.rules import PACK_DEFAULT, Batch, Category, Grant, Rule


@dataclass(frozen=True, slots=True)
class Way:
    """How an item's sum comes about. ``how`` is the code of the step that says so.

    A rate with its cap, or a fixed amount of a band or a coupon. Amounts are fen.
    """

    how: str
    rate: Decimal | None = None
    cap_fen: int | None = None
    amount_fen: int | None = None
    rating: int | None = None
    batch: Batch | None = None


def way(
    item: Item,
    category: Category,
    rule: Rule,
    refusals: list[Reason],
    *,
    on: date,
    at: datetime | None,
    coupons_used: int | None,
) -> Way | None:
    """Return the way, or None with the reasons added to ``refusals``."""
    if rule.batches:
        return _coupon(item, rule, refusals, on=on, at=at, coupons_used=coupons_used)
    grant = _grant(item, rule, refusals)
    if grant is None:
        return None
    if grant.bands:
        return _band(item, rule, grant, refusals)
    return _rated(item, category, rule, grant, refusals)


def reckon(item: Item, category: Category, rule: Rule, found: Way) -> tuple[int, list[Step]]:
    """Return the sum (fen) before the person's own caps, with the steps that lead to it."""
    steps = [Step("base", {"price_fen": item.price_fen}, rule.source_of("base").cited)]
    if rule.terms.left_out_step is not None:
        steps.append(rule.terms.left_out_step)
    if found.rate is not None:
        return _share(item, category, rule, found, found.rate, steps), steps
    assert found.amount_fen is not None
    params = {"price_fen": item.price_fen, "amount_fen": found.amount_fen, **category.named}
    clause = rule.source_of("rates").cited
    if found.batch is not None:
        params |= {"minimum_fen": found.batch.minimum_fen, "batch": found.batch.id}
        clause = found.batch.source.cited
    steps.append(Step(found.how, params, clause))
    if found.amount_fen > item.price_fen:
        steps.append(Step("not_above_price", {"price_fen": item.price_fen}, PACK_DEFAULT.cited))
        return item.price_fen, steps
    return found.amount_fen, steps


def best_fen(rule: Rule, price_fen: int) -> int:
    """Return the most (fen) that the rule could grant at a price, whatever the rating."""
    return max((amount for grant in rule.grants for amount in _amounts(grant, price_fen)), default=0)


def most_fen(rule: Rule, price_fen: int) -> int:
    """Return the most (fen) that a rule grants at a price: coupons and rates without a cap, too."""
    uncapped = (rate for grant in rule.grants if grant.cap_fen is None for rate in _rates(grant))
    shares = [share_of(price_fen, rate) for rate in uncapped]
    faces = [min(batch.face_fen, price_fen) for batch in rule.batches]
    return max((best_fen(rule, price_fen), *shares, *faces))


def rating_of(item: Item) -> int | None:
    """Return the rating that counts: the filing's, never the clerk's where goods are filed."""
    if item.filed is not None:
        return item.filed.energy_rating
    water = item.attributes.get("water_rating")
    if water is None:
        return item.energy_rating
    told = [rating for rating in (item.energy_rating, water) if isinstance(rating, int)]
    return min(told, default=None)


def _amounts(grant: Grant, price_fen: int) -> Iterator[int]:
    if grant.cap_fen is not None:
        for rate in _rates(grant):
            yield min(share_of(price_fen, rate), grant.cap_fen)
    for band in grant.bands:
        if band.from_fen <= price_fen and (band.below_fen is None or price_fen < band.below_fen):
            yield min(band.amount_fen, price_fen)


def _rates(grant: Grant) -> list[Decimal]:
    rates = (*grant.rates.values(), grant.rate, grant.rate_unrated, grant.rate_otherwise)
    return [rate for rate in rates if rate is not None]


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
        choices = sorted({grant.when[name] for grant in fitting if name in grant.when})
        params = {"attribute": name, "limit": ", ".join(choices)}
        refusals.append(Reason("attribute_required", params, rule.source.cited))
    if not missing:
        refusals.append(Reason("no_programme_for_this", dict(item.attributes), rule.source.cited))
    return None


def _band(item: Item, rule: Rule, grant: Grant, refusals: list[Reason]) -> Way | None:
    """Return the fixed amount of the item's price, or refuse: it lies under every band."""
    for band in grant.bands:
        if band.from_fen <= item.price_fen and (band.below_fen is None or item.price_fen < band.below_fen):
            return Way("band", amount_fen=band.amount_fen)
    lowest = min(grant.bands, key=lambda band: band.from_fen)
    params = {
        "price_fen": item.price_fen,
        "minimum_fen": lowest.from_fen,
        "would_fen": min(lowest.amount_fen, lowest.from_fen),
    }
    refusals.append(Reason("price_under_minimum", params, rule.source_of("rates").cited))
    return None


def _rated(item: Item, category: Category, rule: Rule, grant: Grant, refusals: list[Reason]) -> Way | None:
    if not grant.by_rating:
        return Way("rate", rate=grant.rate, cap_fen=grant.cap_fen)
    rating = rating_of(item)
    if rating is not None and rating in grant.rates:
        return Way("rate_of_rating", rate=grant.rates[rating], cap_fen=grant.cap_fen, rating=rating)
    if grant.rate_otherwise is not None:
        return Way("rate_otherwise", rate=grant.rate_otherwise, cap_fen=grant.cap_fen, rating=rating)
    unrated = _is_unrated(item)
    if rating is None and unrated and grant.rate_unrated is not None:
        return Way("rate_unrated", rate=grant.rate_unrated, cap_fen=grant.cap_fen)
    best = min(grant.rates)
    would_fen = share_of(item.price_fen, grant.rates[best])
    params: dict[str, Any] = {
        "eligible_ratings": "/".join(str(one) for one in sorted(grant.rates)),
        "best_rating": best,
        "would_fen": min(would_fen, grant.cap_fen or would_fen),
        **category.named,
    }
    clause = rule.source_of("rates").cited
    if rating is not None:
        refusals.append(Reason("rating_not_eligible", {"rating": rating, **params}, clause))
    elif unrated and item.filed is None:
        refusals.append(Reason("rating_not_eligible", {**params, "variant": "unrated"}, clause))
    else:
        refusals.append(Reason("rating_required", params, clause))
    return None


def _is_unrated(item: Item) -> bool:
    """Say whether no rating system exists for the item."""
    if item.filed is not None:
        return item.filed.has_rating_system is False
    return item.attributes.get("has_rating_system") is False


def _coupon(
    item: Item,
    rule: Rule,
    refusals: list[Reason],
    *,
    on: date,
    at: datetime | None,
    coupons_used: int | None,
) -> Way | None:
    """Return the coupon's face value, or refuse: unknown, not open, too small a sale, stacked, used up."""
    told = item.attributes.get("coupon_batch")
    batch = next((one for one in rule.batches if one.id == told), None)
    if batch is None:
        known = ", ".join(one.id for one in rule.batches)
        code = "attribute_required" if told is None else "coupon_unknown"
        params = {"attribute": "coupon_batch", "limit": known, "batch": told}
        refusals.append(Reason(code, params, rule.source.cited))
        return None
    before = len(refusals)
    clause = batch.source.cited
    unreleased = at < batch.released_at if at is not None else on < batch.released_at.date()
    if unreleased or on > batch.last_day:
        span = {"released_at": batch.released_at.isoformat(), "last_day": batch.last_day.isoformat()}
        refusals.append(Reason("coupon_not_open", {"batch": batch.id, **span}, clause))
    if item.price_fen < batch.minimum_fen:
        params = {
            "price_fen": item.price_fen,
            "minimum_fen": batch.minimum_fen,
            "would_fen": batch.face_fen,
        }
        refusals.append(Reason("price_under_minimum", params, clause))
    stacked = item.attributes.get("stacked_with")
    if stacked is not None and stacked not in batch.stacks_with:
        refusals.append(Reason("not_stackable", {"voucher": stacked}, clause))
    if coupons_used is not None and coupons_used >= batch.number:
        refusals.append(Reason("budget_exhausted", {"batch": batch.id, "number": batch.number}, clause))
    if len(refusals) > before:
        return None
    return Way("coupon", amount_fen=batch.face_fen, batch=batch)


def _share(item: Item, category: Category, rule: Rule, found: Way, rate: Decimal, steps: list[Step]) -> int:
    """Return the rate's share of the price, capped, adding its steps."""
    shown: dict[str, Any] = {
        "rate": rate,
        "price_fen": item.price_fen,
        "rating": found.rating,
        **category.named,
    }
    clause = rule.source_of("rates").cited
    exact = item.price_fen * rate
    subsidy_fen = int(exact)
    steps.append(Step(found.how, shown, clause))
    told_fen = subsidy_fen if exact == subsidy_fen else exact
    steps.append(Step("share", {**shown, "share_fen": told_fen}, clause))
    if found.cap_fen is not None and exact > found.cap_fen:
        steps.append(Step("capped", {"cap_fen": found.cap_fen}, rule.source_of("cap").cited))
        return found.cap_fen
    if exact != subsidy_fen:
        steps.append(Step("rounded", {"share_fen": subsidy_fen}, rule.terms.source("rounding").cited))
    return subsidy_fen
