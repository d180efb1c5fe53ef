"""Draws every sale on the pools that cover it: held before money moves, used once it is on the books.

A sale draws on each pool of its programme whose region and days it lies in: the city's year, the
county's month, the week. None may go below zero, and what comes back goes into the pool it came from.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain.identifiers import region as regions
from pos_subsidy.errors import Conflict
from pos_subsidy.hub.city import City
from pos_subsidy.hub.store import outlets, pools

EXHAUSTED = "budget_exhausted"


class _Short(Exception):
    """A pool has too little left; nothing was drawn from any."""


def hold(
    db: Connection, outlet: str, hold_id: str, *, programme: str, on: str, fen: int
) -> dict[str, Any] | None:
    """Set ``fen`` aside in every pool that covers a sale; return why not, or None when it is done."""
    return _draw(db, outlet, hold_id, programme=programme, on=on, held=fen)


def short(db: Connection, outlet: str, *, programme: str, on: str, fen: int) -> dict[str, Any] | None:
    """Return why ``fen`` could not be set aside as the pools stand now, or None; it takes nothing."""
    found = _covering(db, outlet, programme, on)
    if not found:
        return _uncovered(db, outlet, programme, on)
    return next((_told(one) for one in found if one["left_fen"] < fen), None)


def let_go(db: Connection, outlet: str, hold_id: str) -> None:
    """Give what a sale holds or has used back to the pools it came from."""
    _become(db, outlet, hold_id, used_fen=0)


def use(
    db: Connection, outlet: str, hold_id: str, *, programme: str, on: str, fen: int, was_held: bool
) -> dict[str, Any] | None:
    """Use ``fen`` for a sale on the books; return why not, or None when it is done.

    ``was_held``: its hold is alive. Then what it holds becomes used; a hold that was granted before
    its programme had pools is honoured and touches none.
    """
    drawn = pools.draws_of(db, outlet, hold_id)
    if was_held and all(one["held_fen"] == fen for one in drawn):
        _become(db, outlet, hold_id, used_fen=fen)
        return None
    _become(db, outlet, hold_id, used_fen=0)
    return _draw(db, outlet, hold_id, programme=programme, on=on, used=fen)


def follow(db: Connection, claim: Mapping[str, Any], *, stood: bool) -> None:
    """Bring what a claim has used to its net amount, or to nothing where it no longer stands.

    ``claim`` is as it is now, ``stood`` whether it had money before. One that had money before its
    programme had pools touches none; one that gets some again draws it now.

    Raises:
        Conflict: ``budget_exhausted``, a claim that comes back finds its pool empty.
    """
    outlet, hold_id = claim["outlet"], claim["hold_id"]
    due_fen = int(claim["net_subsidy_fen"]) if has_money(claim["verdict"]) else 0
    drawn = pools.draws_of(db, outlet, hold_id)
    if not drawn and due_fen and not stood:
        about = {"programme": claim["programme"], "on": claim["business_date"]}
        if missing := _draw(db, outlet, hold_id, **about, used=due_fen):
            raise Conflict(EXHAUSTED, **missing)
    for one in drawn:
        more_fen = due_fen - one["used_fen"]
        if more_fen and not pools.take(db, one["pool_id"], more_fen):
            raise Conflict(EXHAUSTED, pool=one["pool_id"])
        pools.set_draw(db, outlet, hold_id, one["pool_id"], held_fen=one["held_fen"], used_fen=due_fen)


def has_money(verdict: str) -> bool:
    """Say whether a claim of this verdict has, or may yet have, the city's money."""
    return verdict not in ("rejected", "clawed_back")


def notices(
    db: Connection, city: City, outlet: str, *, on: str, programme: str | None = None
) -> list[dict[str, Any]]:
    """Return what a shop has to know of its pools before they are empty: ``budget_low``, ``budget_spent``.

    A pool without a share to warn from says nothing before it is spent.
    """
    shop = outlets.find(db, outlet)
    if shop is None:
        return []
    told = []
    for one in pools.covering(db, programme, region=shop["region"], on=on):
        if one["left_fen"] == 0 or is_low(one):
            code = "budget_low" if one["left_fen"] else "budget_spent"
            told.append({"code": code, "params": {**named(city, one), "left_fen": one["left_fen"]}})
    return told


def is_low(pool: Mapping[str, Any]) -> bool:
    """Say whether so much of a pool is gone that the shops are told; never where no share was decided."""
    gone_fen = pool["put_in_fen"] - pool["left_fen"]
    share = pool["warn_percent"]
    return share is not None and gone_fen * 100 >= pool["put_in_fen"] * share


def named(city: City, pool: Mapping[str, Any]) -> dict[str, str]:
    """Return a pool's id, programme, region and period as sentences want them."""
    known = next((one for one in city.rulebook.programmes if one.id == pool["programme"]), None)
    where_zh, where_en = regions.name_of(pool["region"].ljust(6, "0"))
    return {
        "pool": pool["pool_id"],
        "programme": pool["programme"],
        "programme_zh": known.name_zh if known else pool["programme"],
        "programme_en": known.name_en if known else pool["programme"],
        "where_zh": where_zh,
        "where_en": where_en,
        "period": pool["period"],
    }


def _draw(
    db: Connection, outlet: str, hold_id: str, *, programme: str, on: str, held: int = 0, used: int = 0
) -> dict[str, Any] | None:
    if held < 0 or used < 0:
        raise ValueError("a sale takes from a pool, it never fills one")
    found = _covering(db, outlet, programme, on)
    if not found:
        return _uncovered(db, outlet, programme, on)
    missing: dict[str, Any] = {}
    try:
        with db.begin_nested():
            for one in found:
                if not pools.take(db, one["pool_id"], held + used):
                    missing = _told(one)
                    raise _Short
                pools.set_draw(db, outlet, hold_id, one["pool_id"], held_fen=held, used_fen=used)
    except _Short:
        return missing
    return None


def _covering(db: Connection, outlet: str, programme: str, on: str) -> list[dict[str, Any]]:
    shop = outlets.find(db, outlet)
    return pools.covering(db, programme, region=shop["region"], on=on) if shop else []


def _uncovered(db: Connection, outlet: str, programme: str, on: str) -> dict[str, Any] | None:
    """Return why a sale that no pool covers gets nothing: where there are pools, they are all there is."""
    if outlets.find(db, outlet) is None or not pools.is_metered(db, programme):
        return None
    return {"programme": programme, "on": on}


def _told(pool: Mapping[str, Any]) -> dict[str, Any]:
    about = {name: pool[name] for name in ("programme", "region", "period")}
    return {**about, "pool": pool["pool_id"]}


def _become(db: Connection, outlet: str, hold_id: str, *, used_fen: int) -> None:
    for one in pools.draws_of(db, outlet, hold_id):
        freed_fen = one["held_fen"] + one["used_fen"] - used_fen
        if freed_fen:
            pools.take(db, one["pool_id"], -freed_fen)
        if one["held_fen"] or freed_fen:
            pools.set_draw(db, outlet, hold_id, one["pool_id"], held_fen=0, used_fen=used_fen)
