"""Holds and pieces, city-wide: what is held by a live hold or used by a claim."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from pos_subsidy.hub.store import bulk, person_units
from pos_subsidy.hub.store.schema import claim, hold, piece


def granted_fen(db: Connection, *, person: str, programme: str, unit_class: str) -> int:
    """Sum what a person was granted in a class, net of reversals, over claims that stand."""
    found = db.execute(
        select(func.coalesce(func.sum(claim.c.net_subsidy_fen), 0)).where(
            claim.c.person == person,
            claim.c.programme == programme,
            claim.c.unit_class == unit_class,
            claim.c.unit_used.is_(True),
        )
    )
    return int(found.scalar_one())


def count_of_class(db: Connection, programme: str, unit_class: str, *, now: str, but: str) -> int:
    """Count everybody's units of a class: used by claims that stand, or kept by live holds."""
    used = db.execute(
        select(func.count())
        .select_from(claim)
        .where(
            claim.c.programme == programme,
            claim.c.unit_class == unit_class,
            claim.c.unit_used.is_(True),
            claim.c.hold_id != but,
        )
    ).scalar_one()
    kept = db.execute(
        select(func.count())
        .select_from(hold)
        .where(
            hold.c.programme == programme,
            hold.c.unit_class == unit_class,
            hold.c.hold_id != but,
            or_(hold.c.status == "confirmed", and_(hold.c.status == "held", hold.c.expires_at > now)),
        )
    ).scalar_one()
    return int(used) + int(kept)


def piece_owner(db: Connection, space: str, number: str) -> dict[str, Any] | None:
    """Return the hold that a piece is live under, or None."""
    found = db.execute(
        select(piece.c.outlet, piece.c.hold_id).where(
            piece.c.space == space, piece.c.number == number, piece.c.live.is_(True)
        )
    )
    first = found.mappings().first()
    return dict(first) if first else None


def take_piece(db: Connection, space: str, number: str, *, outlet: str, hold_id: str) -> None:
    key = {"space": space, "number": number, "outlet": outlet, "hold_id": hold_id}
    where = [piece.c[name] == value for name, value in key.items()]
    if db.execute(update(piece).where(*where).values(live=True)).rowcount == 0:
        db.execute(insert(piece).values(**key, live=True))


def owners(db: Connection, space: str, numbers: Sequence[str]) -> list[tuple[str, str, str, bool]]:
    """Return (number, outlet, hold, live) of everything known of some pieces."""
    chosen = select(piece.c.number, piece.c.outlet, piece.c.hold_id, piece.c.live)
    found = db.execute(chosen.where(piece.c.space == space, bulk.among(db, piece.c.number, numbers)))
    return [(number, outlet, hold_id, live) for number, outlet, hold_id, live in found]


def add_pieces(db: Connection, taken: Sequence[tuple[str, str, str, str]]) -> None:
    """Keep pieces of which nothing was known: (space, number, outlet, hold)."""
    names = ("space", "number", "outlet", "hold_id")
    bulk.put(db, piece, [{**dict(zip(names, one, strict=True)), "live": True} for one in taken])


def statuses(db: Connection, outlet: str, hold_ids: Sequence[str]) -> dict[str, str]:
    """Return the status of those of a shop's holds that are known."""
    chosen = select(hold.c.hold_id, hold.c.status).where(
        hold.c.outlet == outlet, bulk.among(db, hold.c.hold_id, hold_ids)
    )
    return {hold_id: status for hold_id, status in db.execute(chosen)}


def claim_holds(db: Connection, outlet: str, hold_ids: Sequence[str]) -> None:
    """Note that holds became claims."""
    if hold_ids:
        chosen = (hold.c.outlet == outlet, bulk.among(db, hold.c.hold_id, hold_ids))
        db.execute(update(hold).where(*chosen).values(status="claimed"))


def free_pieces(db: Connection, *, outlet: str, hold_id: str, spaces: Sequence[str] = ()) -> None:
    """Let go of the things a hold or claim has: all of them, or those of some kinds."""
    chosen = update(piece).where(piece.c.outlet == outlet, piece.c.hold_id == hold_id)
    if spaces:
        chosen = chosen.where(piece.c.space.in_(spaces))
    db.execute(chosen.values(live=False))


def find_hold(db: Connection, outlet: str, hold_id: str) -> dict[str, Any] | None:
    found = db.execute(select(hold).where(hold.c.outlet == outlet, hold.c.hold_id == hold_id))
    first = found.mappings().first()
    return dict(first) if first else None


def put_hold(db: Connection, **values: Any) -> None:
    db.execute(insert(hold).values(**values))


def move_hold(db: Connection, outlet: str, hold_id: str, *, old: tuple[str, ...], new: str) -> bool:
    """Change a hold's status if it is one of ``old``; say whether it was.

    Its person's unit goes with it: kept for good once it is paid, free when it ends without a claim.
    """
    moved = db.execute(
        update(hold)
        .where(hold.c.outlet == outlet, hold.c.hold_id == hold_id, hold.c.status.in_(old))
        .values(status=new)
        .returning(hold.c.person)
    ).one_or_none()
    if moved is None:
        return False
    if moved.person is not None and new == "confirmed":
        person_units.keep(db, [moved.person], outlet=outlet, hold_ids=[hold_id])
    elif new in ("cancelled", "expired"):
        person_units.release(db, moved.person, outlet=outlet, hold_id=hold_id)
    return True


def due_holds(db: Connection, now: str) -> list[tuple[str, str]]:
    found = db.execute(
        select(hold.c.outlet, hold.c.hold_id).where(hold.c.status == "held", hold.c.expires_at <= now)
    )
    return [(outlet, hold_id) for outlet, hold_id in found]


def running_holds(db: Connection, outlet: str, *, now: str) -> int:
    """Count a shop's holds that may still become redemptions."""
    chosen = (
        select(func.count())
        .select_from(hold)
        .where(hold.c.outlet == outlet, hold.c.status == "held", hold.c.expires_at > now)
    )
    return int(db.execute(chosen).scalar_one())
