"""Opens pools of the city's budget, fills them, and moves what is left: each by a recorded decision.

``rehearse`` carries a decision out and undoes it: what is returned is what it would be. ``seen`` is the
number of the newest decision about the pools that whoever decides had before her; where another was
made since, hers is refused, so that a form sent twice decides once.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import moments, periods
from pos_subsidy.errors import Conflict, Invalid, NotFound
from pos_subsidy.hub import budget, deciding
from pos_subsidy.hub.city import City
from pos_subsidy.hub.deciding import Because
from pos_subsidy.hub.store import pools
from pos_subsidy.hub.store.db import read

__all__ = ["Because", "grant", "listing", "move", "open_pool", "show", "warn"]
# A trillion yuan at once: no city has it, and sums of it still fit the database's integers.
_MOST_FEN = 100_000_000_000_000


def open_pool(
    city: City,
    *,
    programme: str,
    region: str,
    period: str,
    fen: int,
    warn_percent: int | None,
    because: Because,
    now: datetime,
    rehearse: bool = False,
) -> dict[str, Any]:
    """Open a pool with its first money and return it. It meters sales from now on.

    ``region`` is a code of GB/T 2260, its zeros standing for all of it; ``warn_percent`` is from which
    share gone the shops are told.

    Raises:
        Invalid: ``programme_unknown``, ``region_invalid``, ``period_invalid``, ``amount_invalid``,
            ``percent_invalid``, ``decision_incomplete``.
        Conflict: ``pool_exists``.
    """
    if programme not in {one.id for one in city.rulebook.programmes}:
        known = ", ".join(sorted({one.id for one in city.rulebook.programmes}))
        raise Invalid("programme_unknown", programme=programme[:40], known=known)
    if not (region.isdecimal() and region.isascii() and len(region) == 6 and region[:2] != "00"):
        raise Invalid("region_invalid", found=region[:12])
    _must_be_share(warn_percent)
    first, last = periods.days_of(period)
    _must_be_money(fen)
    pool_id = f"{programme}/{region}/{period}"

    def make(db: Connection) -> dict[str, Any]:
        if pools.find(db, pool_id) is not None:
            raise Conflict("pool_exists", pool=pool_id)
        pools.add(
            db,
            pool_id=pool_id,
            programme=programme,
            region=_prefix(region),
            period=period,
            first_day=first.isoformat(),
            last_day=last.isoformat(),
            warn_percent=warn_percent,
            opened_at=moments.text(now),
        )
        _put_in(db, pool_id, fen, because, now=now, warn_percent=warn_percent)
        return _shown(db, city, pool_id)

    return deciding.carry_out(city, make, rehearse=rehearse)


def grant(
    city: City,
    pool_id: str,
    *,
    fen: int,
    because: Because,
    now: datetime,
    seen: int | None = None,
    rehearse: bool = False,
) -> dict[str, Any]:
    """Put more money into a pool and return it.

    Raises:
        NotFound: ``pool_unknown``.
        Invalid: ``amount_invalid``, ``decision_incomplete``.
        Conflict: ``pool_decided_meanwhile``.
    """
    _must_be_money(fen)

    def put(db: Connection) -> dict[str, Any]:
        _found(db, pool_id)
        deciding.must_be_as_seen(db, seen, pool_id)
        _put_in(db, pool_id, fen, because, now=now)
        return _shown(db, city, pool_id)

    return deciding.carry_out(city, put, rehearse=rehearse)


def move(
    city: City,
    source: str,
    target: str,
    *,
    fen: int,
    because: Because,
    now: datetime,
    seen: int | None = None,
    rehearse: bool = False,
) -> dict[str, Any]:
    """Move what is left of one pool into another; return both, ``from`` and ``to``.

    Raises:
        NotFound: ``pool_unknown``.
        Invalid: ``amount_invalid``, ``decision_incomplete``.
        Conflict: ``pool_short``, less is left; ``pool_nested``, one lies within the other (its money
            is the other's already); ``pool_decided_meanwhile``.
    """
    _must_be_money(fen)

    def carry(db: Connection) -> dict[str, Any]:
        one, other = _found(db, source), _found(db, target)
        deciding.must_be_as_seen(db, seen, source, target)
        if _lies_in(one, other) or _lies_in(other, one):
            raise Conflict("pool_nested", source=source, target=target)
        if not pools.put_in(db, source, -fen):
            raise Conflict("pool_short", pool=source, left_fen=one["left_fen"], asked_fen=fen)
        pools.put_in(db, target, fen)
        deciding.note(db, because, now=now, what="moved", from_pool=source, to_pool=target, fen=fen)
        return {"from": _shown(db, city, source), "to": _shown(db, city, target)}

    return deciding.carry_out(city, carry, rehearse=rehearse)


def warn(
    city: City,
    pool_id: str,
    *,
    percent: int | None,
    because: Because,
    now: datetime,
    seen: int | None = None,
    rehearse: bool = False,
) -> dict[str, Any]:
    """Decide from which share gone the shops are told, None: not before it is spent; return the pool.

    Raises:
        NotFound: ``pool_unknown``.
        Invalid: ``percent_invalid``, ``decision_incomplete``.
        Conflict: ``pool_decided_meanwhile``.
    """
    _must_be_share(percent)

    def change(db: Connection) -> dict[str, Any]:
        _found(db, pool_id)
        deciding.must_be_as_seen(db, seen, pool_id)
        pools.set_warning(db, pool_id, percent)
        deciding.note(db, because, now=now, what="warned", to_pool=pool_id, fen=0, warn_percent=percent)
        return _shown(db, city, pool_id)

    return deciding.carry_out(city, change, rehearse=rehearse)


def listing(city: City, *, programme: str | None = None) -> list[dict[str, Any]]:
    """Return every pool, or those of a programme, each as ``show`` does but without its decisions."""

    def look(db: Connection) -> list[dict[str, Any]]:
        told, drawn = pools.decisions(db), pools.drawn_fen(db)
        return [_account(city, one, told, drawn) for one in pools.listing(db, programme=programme)]

    return read(city.engine, look)


def show(city: City, pool_id: str) -> dict[str, Any]:
    """Return a pool: its parts (fen), and every decision that filled or moved it.

    Raises:
        NotFound: ``pool_unknown``.
    """
    return read(city.engine, lambda db: _shown(db, city, pool_id))


def _shown(db: Connection, city: City, pool_id: str) -> dict[str, Any]:
    told = pools.decisions(db, pool_id)
    return {**_account(city, _found(db, pool_id), told, pools.drawn_fen(db)), "decisions": told}


def _account(
    city: City, pool: dict[str, Any], told: list[dict[str, Any]], drawn: dict[str, tuple[int, int]]
) -> dict[str, Any]:
    own = [one for one in told if pool["pool_id"] in (one["from_pool"], one["to_pool"])]
    sums = {"granted_fen": 0, "moved_in_fen": 0, "moved_out_fen": 0}
    for one in own:
        if one["what"] == "granted":
            sums["granted_fen"] += one["fen"]
        elif one["what"] == "moved":
            sums["moved_in_fen" if one["to_pool"] == pool["pool_id"] else "moved_out_fen"] += one["fen"]
    held_fen, used_fen = drawn.get(pool["pool_id"], (0, 0))
    names = ("pool_id", "first_day", "last_day", "put_in_fen", "left_fen", "warn_percent", "opened_at")
    shown = {**budget.named(city, pool), **{name: pool[name] for name in names}, **sums}
    return {**shown, "held_fen": held_fen, "used_fen": used_fen, "is_low": budget.is_low(pool)}


def _found(db: Connection, pool_id: str) -> dict[str, Any]:
    found = pools.find(db, pool_id)
    if found is None:
        raise NotFound("pool_unknown", pool=pool_id[:80])
    return found


def _put_in(
    db: Connection,
    pool_id: str,
    fen: int,
    because: Because,
    *,
    now: datetime,
    warn_percent: int | None = None,
) -> None:
    pools.put_in(db, pool_id, fen)
    about = {"to_pool": pool_id, "fen": fen, "warn_percent": warn_percent}
    deciding.note(db, because, now=now, what="granted", **about)


def _must_be_share(percent: int | None) -> None:
    if percent is not None and not 1 <= percent <= 100:
        raise Invalid("percent_invalid", found=percent)


def _must_be_money(fen: int) -> None:
    if not 0 < fen <= _MOST_FEN:
        raise Invalid("amount_invalid", found=fen)


def _prefix(region: str) -> str:
    """Return a region's code without the pairs of zeros that stand for all of it."""
    pairs = [region[at : at + 2] for at in (0, 2, 4)]
    while pairs[-1] == "00":
        pairs.pop()
    return "".join(pairs)


def _lies_in(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(
        one["programme"] == other["programme"]
        and one["region"].startswith(other["region"])
        and other["first_day"] <= one["first_day"]
        and one["last_day"] <= other["last_day"]
    )
