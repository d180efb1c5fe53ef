"""What everybody may know of the programmes: open or not, what is left, the rules and their clauses."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pos_subsidy.domain import moments
from pos_subsidy.domain.rules import Grant, Programme, Rule, Source
from pos_subsidy.hub import budget
from pos_subsidy.hub.city import ZONE, City
from pos_subsidy.hub.store import pools
from pos_subsidy.hub.store.db import read

# Money left is shown in whole steps of 10 000 yuan, rounded down: to the fen, two looks at the page
# would tell the amount of the one sale between them.
STEP_FEN = 1_000_000


def state(city: City, *, now: datetime) -> dict[str, Any]:
    """Return every programme that is open today or was this year, with its pools and rules."""
    on = moments.business_date(now, ZONE)
    every = read(city.engine, pools.listing)
    shown = [
        _programme(city, one, on, [pool for pool in every if pool["programme"] == one.id])
        for one in city.rulebook.programmes
        if one.first_day.year <= on.year <= one.last_day.year
    ]
    return {
        "city": city.name,
        "day": on.isoformat(),
        "as_of": moments.text(now.replace(second=0, microsecond=0)),
        "step_fen": STEP_FEN,
        "programmes": sorted(shown, key=lambda one: one["id"]),
    }


def _programme(city: City, one: Programme, on: date, own: list[dict[str, Any]]) -> dict[str, Any]:
    rules = [rule for rule in city.rulebook.rules if rule.programme.id == one.id and rule.is_in_force(on)]
    day = on.isoformat()
    covering = [pool for pool in own if pool["first_day"] <= day <= pool["last_day"]]
    return {
        "id": one.id,
        "name_zh": one.name_zh,
        "name_en": one.name_en,
        "first_day": one.first_day.isoformat(),
        "last_day": one.last_day.isoformat(),
        "state": _state(one, on, rules, own, covering),
        "source": _source(one.source),
        "pools": [_pool(city, pool) for pool in covering],
        "rules": [_rule(city, rule) for rule in rules],
    }


def _state(
    one: Programme,
    on: date,
    rules: list[Rule],
    own: list[dict[str, Any]],
    covering: list[dict[str, Any]],
) -> str:
    """Return what is enforced, in one word; a pool of one county alone turns no programme off."""
    if not one.is_open(on):
        return "not_yet" if on < one.first_day else "over"
    if not any(rule.status == "confirmed" for rule in rules):
        return "unconfirmed"
    if own and not covering:
        return "spent"
    shortest = min((len(pool["region"]) for pool in covering), default=0)
    widest = [pool for pool in covering if len(pool["region"]) == shortest]
    same = {pool["region"] for pool in widest}
    if covering and all(
        any(pool["left_fen"] == 0 for pool in widest if pool["region"] == region) for region in same
    ):
        return "spent"
    return "open"


def _pool(city: City, pool: Mapping[str, Any]) -> dict[str, Any]:
    left_fen = pool["left_fen"] // STEP_FEN * STEP_FEN
    names = budget.named(city, pool)
    return {
        "pool": pool["pool_id"],
        "where_zh": names["where_zh"],
        "where_en": names["where_en"],
        "period": pool["period"],
        "put_in_fen": pool["put_in_fen"],
        "left_at_least_fen": left_fen,
        "left_percent": left_fen * 100 // pool["put_in_fen"] if pool["put_in_fen"] else 0,
        "is_spent": pool["left_fen"] == 0,
    }


def _rule(city: City, rule: Rule) -> dict[str, Any]:
    return {
        "categories": [
            {"code": one.code, "name_zh": one.name_zh, "name_en": one.name_en}
            for one in city.rulebook.categories_named(rule.categories)
        ],
        "status": rule.status,
        "policy_version": rule.policy_version,
        "grants": [_grant(one) for one in rule.grants],
        "units_max": rule.units_max,
        "price_ceiling_fen": rule.price_ceiling_fen,
        "person_cap_fen": rule.person_cap_fen,
        "source": _source(rule.source),
        "batches": [
            {
                "id": one.id,
                "face_fen": one.face_fen,
                "minimum_fen": one.minimum_fen,
                "number": one.number,
                "released_at": moments.text(one.released_at),
                "last_day": one.last_day.isoformat(),
                "source": _source(one.source),
            }
            for one in rule.batches
        ],
    }


def _grant(one: Grant) -> dict[str, Any]:
    rates = {str(rating): str(rate) for rating, rate in one.rates.items()}
    for name, rate in (("unrated", one.rate_unrated), ("otherwise", one.rate_otherwise), ("all", one.rate)):
        if rate is not None:
            rates[name] = str(rate)
    bands = [
        {"from_fen": band.from_fen, "below_fen": band.below_fen, "amount_fen": band.amount_fen}
        for band in one.bands
    ]
    return {"when": dict(one.when), "rates": rates, "bands": bands, "cap_fen": one.cap_fen}


def _source(source: Source) -> dict[str, str]:
    return {
        "document": source.document,
        "clause": source.clause,
        "cited": source.cited,
        "confidence": source.confidence,
        "url": source.url,
    }
