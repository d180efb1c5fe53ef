"""What is known of everything a hold touches, in few questions; and the hold itself, written with its unit.

A crowd asks at the same moment, so the statements are built once and not for every question.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, exists, func, insert, or_, select

from pos_subsidy.hub.store import blocks, keys, person_units
from pos_subsidy.hub.store.keys import Key
from pos_subsidy.hub.store.schema import claim, hold, identity, outlet, outlet_key, piece
from pos_subsidy.hub.store.schema_catalogue import city_filing
from pos_subsidy.hub.store.schema_pools import pool
from pos_subsidy.hub.store.schema_units import unit


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a hold's shop, key, number, person, goods and programme; None where there is nothing.

    ``claimed_at`` is when a sale under the hold's number came on the books; ``is_taken`` whether
    somebody has one of its pieces; ``is_listed`` whether the blocklist or the catalogue speaks of its
    shop or goods; ``is_any_due`` whether somebody's hold, whosever, has outlived its time and was not
    ended yet, if that was asked for.
    """

    key: Key | None
    shop_status: str
    region: str
    status: str | None
    asked_at: str | None
    claimed_at: str | None
    person: str | None
    is_metered: bool
    is_taken: bool
    is_listed: bool
    is_any_due: bool = False


_TAKEN = and_(
    piece.c.live.is_(True),
    or_(
        and_(piece.c.space == "serial", piece.c.number == bindparam("serial_no")),
        and_(piece.c.space == "imei", piece.c.number.in_([bindparam("imei1"), bindparam("imei2")])),
    ),
)
_OWNERS = select(piece.c.space, piece.c.number, piece.c.outlet, piece.c.hold_id).where(_TAKEN)
_KNOWN = (
    select(
        *keys.COLUMNS,
        outlet.c.status,
        outlet.c.region,
        hold.c.status,
        hold.c.asked_at,
        select(func.min(claim.c.received_at))
        .where(claim.c.outlet == bindparam("outlet"), claim.c.hold_id == bindparam("hold_id"))
        .scalar_subquery(),
        identity.c.person,
        exists().where(pool.c.programme == bindparam("programme")),
        exists().where(_TAKEN),
        or_(exists().where(blocks.OF_SALE), exists().where(city_filing.c.gtin == bindparam("gtin"))),
    )
    .select_from(outlet)
    .outerjoin(outlet_key, and_(outlet_key.c.outlet == outlet.c.outlet, outlet_key.c.kid == bindparam("kid")))
    .outerjoin(hold, and_(hold.c.outlet == outlet.c.outlet, hold.c.hold_id == bindparam("hold_id")))
    .outerjoin(identity, identity.c.commitment == bindparam("commitment"))
    .where(outlet.c.outlet == bindparam("outlet"))
)
_due = hold.alias("due")
_KNOWN_AND_DUE = _KNOWN.add_columns(
    exists().where(_due.c.status == "held", _due.c.expires_at <= bindparam("now"))
)
_UNIT, _PIECE, _IDENTITY = insert(unit), insert(piece), insert(identity)
_CLAIMED = exists().where(
    claim.c.outlet == bindparam("of_outlet"), claim.c.hold_id == bindparam("of_hold_id")
)
# No hold has the status '': the table itself refuses one whose number a sale has meanwhile.
_HOLD = insert(hold).values(status=case((_CLAIMED, ""), else_="held"))
_others = unit.alias("others")
_ANYBODY = exists().where(
    _others.c.person == bindparam("of_person"),
    _others.c.programme == bindparam("of_programme"),
    _others.c.unit_class == bindparam("of_class"),
)
# There is no slot 0: the table itself refuses who takes another's unit for the first.
_FIRST_UNIT = insert(unit).values(slot=case((_ANYBODY, 0), else_=1))


def known(db: Connection, about: Mapping[str, str | None], *, due_at: str | None = None) -> Known | None:
    """Return what is known before a hold; None where there is no such shop.

    ``about`` names outlet, kid, hold_id, commitment, programme, gtin and the pieces' numbers. With ``due_at``
    it also tells whether any hold is due then: not within a write, who looks over everybody's holds stands
    in everybody's way.
    """
    if due_at is None:
        found = db.execute(_KNOWN, about).first()
    else:
        found = db.execute(_KNOWN_AND_DUE, {**about, "now": due_at}).first()
    if found is None:
        return None
    key, rest = found[: len(keys.COLUMNS)], found[len(keys.COLUMNS) :]
    return Known(Key(*key) if key[0] is not None else None, *rest)


def owners(db: Connection, numbers: Mapping[str, str | None]) -> dict[tuple[str, str], tuple[str, str]]:
    """Return who has the pieces of these numbers: (shop, hold) by (space, number)."""
    found = db.execute(_OWNERS, numbers)
    return {(space, number): (owner, hold_id) for space, number, owner, hold_id in found}


def put(
    db: Connection,
    frozen: Mapping[str, Any],
    *,
    occupied: Collection[Mapping[str, Any]],
    pieces: Collection[tuple[str, str]],
) -> None:
    """Write a new hold with its person's unit in the lowest free slot, and take its pieces.

    Raises:
        IntegrityError: a slot or a piece is taken, the number is a sale's, or somebody has a unit where
            ``occupied`` has none.
    """
    db.execute(_HOLD, {**frozen, "of_outlet": frozen["outlet"], "of_hold_id": frozen["hold_id"]})
    names = ("person", "programme", "unit_class", "outlet", "hold_id")
    kept = {**{name: frozen[name] for name in names}, "kept_until": frozen["expires_at"]}
    if occupied:
        db.execute(_UNIT, {**kept, "slot": person_units.lowest_free(occupied)})
    else:
        whose = {"of_person": kept["person"], "of_programme": kept["programme"]}
        db.execute(_FIRST_UNIT, {**kept, **whose, "of_class": kept["unit_class"]})
    if pieces:
        owner = {"outlet": frozen["outlet"], "hold_id": frozen["hold_id"], "live": True}
        db.execute(_PIECE, [{"space": space, "number": number, **owner} for space, number in pieces])


def put_identity(db: Connection, *, commitment: str, person: str, sealed: bytes) -> None:
    """Keep who is behind a commitment that was not known."""
    db.execute(_IDENTITY, {"commitment": commitment, "person": person, "sealed": sealed})
