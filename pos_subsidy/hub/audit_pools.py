"""Recomputes the pools from the decisions, the holds and the shops' signed rows, by a road of its own."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, select

from pos_subsidy.hub.store import pools
from pos_subsidy.hub.store.ledger import balances
from pos_subsidy.hub.store.schema import claim, hold, outlet

_RUNNING = ("held", "confirmed")


Told = Mapping[tuple[str, str], Mapping[str, Any]]


def audit(db: Connection, told: Told) -> Iterator[dict[str, Any]]:
    """Yield every discrepancy. ``told`` is what a shop's signed rows say of each claim: ``net_fen``."""
    every = {one["pool_id"]: one for one in pools.listing(db)}
    drawn = pools.everything_drawn(db)
    yield from _accounts(every, drawn, pools.decisions(db))
    holds = {
        (one["outlet"], one["hold_id"]): dict(one)
        for one in db.execute(
            select(hold.c.outlet, hold.c.hold_id, hold.c.status, hold.c.subsidy_fen, hold.c.asked_at)
        ).mappings()
    }
    claims = _claims(db)
    for one in drawn:
        yield from _draw(one, holds, claims, told)
    yield from _undrawn(every, drawn, holds, claims)
    for account, fen in balances(db).items():
        if account.startswith("prepaid:") and fen > 0:
            yield {"code": "prepaid_negative", "account": account, "ledger_fen": fen}


def _accounts(
    every: Mapping[str, Mapping[str, Any]], drawn: list[dict[str, Any]], decided: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    put_in = dict.fromkeys(every, 0)
    for each in decided:
        put_in[each["to_pool"]] += each["fen"]
        if each["from_pool"] is not None:
            put_in[each["from_pool"]] -= each["fen"]
    taken = dict.fromkeys(every, 0)
    for each in drawn:
        taken[each["pool_id"]] += each["held_fen"] + each["used_fen"]
        if min(each["held_fen"], each["used_fen"]) < 0:
            yield {"code": "pool_below_zero", "pool": each["pool_id"], "hold_id": each["hold_id"]}
    for pool_id, one in every.items():
        found = one["left_fen"] + taken[pool_id]
        if found != put_in[pool_id] or one["put_in_fen"] != put_in[pool_id]:
            about = {"put_in_fen": put_in[pool_id], "found_fen": found}
            yield {"code": "pool_not_conserved", "pool": pool_id, **about}
        if one["left_fen"] < 0:
            yield {"code": "pool_below_zero", "pool": pool_id}


def _draw(
    one: Mapping[str, Any],
    holds: dict[tuple[str, str], dict[str, Any]],
    claims: dict[tuple[str, str], dict[str, Any]],
    told: Told,
) -> Iterator[dict[str, Any]]:
    key = (one["outlet"], one["hold_id"])
    about = {"pool": one["pool_id"], "outlet": key[0], "hold_id": key[1]}
    running = holds.get(key)
    held_fen = running["subsidy_fen"] if running and running["status"] in _RUNNING else 0
    if one["held_fen"] != held_fen:
        yield {"code": "pool_hold_differs", **about, "held_fen": one["held_fen"], "expected_fen": held_fen}
    claimed = claims.get(key)
    used_fen = 0
    if claimed is not None and claimed["has_money"]:
        used_fen = int(told.get((key[0], claimed["redemption_id"]), {"net_fen": 0})["net_fen"])
    if one["used_fen"] != used_fen:
        yield {"code": "pool_use_differs", **about, "used_fen": one["used_fen"], "expected_fen": used_fen}


def _undrawn(
    every: Mapping[str, Mapping[str, Any]],
    drawn: list[dict[str, Any]],
    holds: dict[tuple[str, str], dict[str, Any]],
    claims: dict[tuple[str, str], dict[str, Any]],
) -> Iterator[dict[str, Any]]:
    """Name claims with money that a pool covers and that have none of it. What was granted before it
    was opened is not its own."""
    by_programme: dict[str, list[Mapping[str, Any]]] = {}
    for each in every.values():
        by_programme.setdefault(each["programme"], []).append(each)
    has = {(one["outlet"], one["hold_id"], one["pool_id"]) for one in drawn}
    for key, one in claims.items():
        asked_at = holds[key]["asked_at"] if key in holds else one["received_at"]
        for pool in by_programme.get(one["programme"], ()):
            pool_id = pool["pool_id"]
            covers = (
                one["region"].startswith(pool["region"])
                and pool["first_day"] <= one["business_date"] <= pool["last_day"]
            )
            if covers and one["has_money"] and asked_at > pool["opened_at"] and (*key, pool_id) not in has:
                yield {"code": "pool_use_missing", "pool": pool_id, "redemption_id": one["redemption_id"]}


def _claims(db: Connection) -> dict[tuple[str, str], dict[str, Any]]:
    found = db.execute(
        select(
            claim.c.outlet,
            claim.c.hold_id,
            claim.c.redemption_id,
            claim.c.programme,
            claim.c.business_date,
            claim.c.received_at,
            claim.c.verdict,
            outlet.c.region,
        ).join(outlet, outlet.c.outlet == claim.c.outlet)
    )
    return {
        (one["outlet"], one["hold_id"]): {
            **one,
            "has_money": one["verdict"] not in ("rejected", "clawed_back"),
        }
        for one in found.mappings()
    }
