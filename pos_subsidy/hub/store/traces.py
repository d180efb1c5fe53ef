"""Which rows name a voucher, a hold or a redemption.

The row that a claim was booked from is found by the claim itself; what is noted is every other number.
"""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import Connection, and_, false, literal, or_, select, tuple_, union

from pos_subsidy.domain.journal import Entry
from pos_subsidy.errors import Invalid
from pos_subsidy.hub.store import bulk, claims, outlets, rows
from pos_subsidy.hub.store.schema import claim, hold, piece, row
from pos_subsidy.hub.store.schema_traces import row_trace

_SPACES = {"voucher": "voucher", "hold_id": "hold", "redemption_id": "claim", "claim_id": "claim"}
_AT_ONCE = 1_000
# What a claim's own row is found by without a trace: numbers that row and claim call alike.
_TOLD_BY_CLAIM = {"hold": "hold_id", "claim": "redemption_id"}
_PLACE = (claim.c.business_date, claim.c.outlet, claim.c.seq)


def keep(db: Connection, outlet: str, entries: Iterable[Entry]) -> None:
    """Note by which numbers rows can be found that were stored and carried out."""
    left = iter(entries)
    while some := list(islice(left, _AT_ONCE)):
        booked = claims.seqs(db, outlet, some[0].seq, some[-1].seq)
        found = [
            {"space": space, "value": value, "outlet": outlet, "seq": entry.seq}
            for entry in some
            for space, value in _named(entry)
            if not (entry.seq in booked and _is_told_by_claim(entry, space, value))
        ]
        bulk.put(db, row_trace, found)


def keep_all(db: Connection) -> None:
    """Note it for every row of a hub that was filled before there were traces."""
    if db.execute(select(row_trace.c.seq).limit(1)).first() is not None:
        return
    for shop in outlets.listing(db):
        keep(db, shop["outlet"], rows.entries(db, shop["outlet"]))


def rows_naming(
    db: Connection, wanted: Mapping[str, str], *, outlet: str | None = None
) -> list[dict[str, Any]]:
    """Return the stored rows that name any of some numbers (space -> number), in their shops' order."""
    noted = or_(
        *(and_(row_trace.c.space == space, row_trace.c.value == value) for space, value in wanted.items())
    )
    told = [(_TOLD_BY_CLAIM[space], value) for space, value in wanted.items() if space in _TOLD_BY_CLAIM]
    booked = or_(false(), *(claim.c[name] == value for name, value in told))
    named = union(
        select(row_trace.c.outlet, row_trace.c.seq).where(noted),
        select(claim.c.outlet, claim.c.seq).where(booked),
    ).subquery()
    chosen = (
        select(row)
        .join(named, and_(named.c.outlet == row.c.outlet, named.c.seq == row.c.seq))
        .order_by(row.c.outlet, row.c.seq)
    )
    if outlet is not None:
        chosen = chosen.where(named.c.outlet == outlet)
    return [dict(one) for one in db.execute(chosen).mappings()]


def latest_rows(db: Connection, outlet: str, kinds: Iterable[str], *, limit: int) -> list[dict[str, Any]]:
    """Return a shop's latest rows of some kinds, the newest first."""
    chosen = select(row).where(row.c.outlet == outlet, row.c.kind.in_(list(kinds)))
    return [dict(one) for one in db.execute(chosen.order_by(row.c.seq.desc()).limit(limit)).mappings()]


def claims_where(
    db: Connection,
    *,
    exact: Mapping[str, str],
    shops: list[str] | None = None,
    request: str | None = None,
    vouchers: Iterable[tuple[str, str]] | None = None,
    first: str | None = None,
    last: str | None = None,
    has_first_record: bool = False,
    after: str | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return claims, the latest business day first and a shop's together, or those that follow one of them.

    ``request`` is the number of a redemption, a hold or an order; ``vouchers`` are (shop, hold) of claims.

    Raises:
        Invalid: ``invalid``, there is no claim of the number ``after``.
    """
    chosen = select(claim).order_by(*(column.desc() for column in _PLACE)).limit(limit)
    for name, value in exact.items():
        chosen = chosen.where(claim.c[name] == value)
    if shops is not None:
        chosen = chosen.where(claim.c.outlet.in_(shops))
    if request is not None:
        numbers = (claim.c.redemption_id, claim.c.order_no, claim.c.hold_id)
        chosen = chosen.where(or_(*(one == request for one in numbers)))
    if vouchers is not None:
        pairs = [and_(claim.c.outlet == outlet, claim.c.hold_id == hold_id) for outlet, hold_id in vouchers]
        chosen = chosen.where(or_(*pairs)) if pairs else chosen.where(claim.c.outlet == "")
    if first is not None:
        chosen = chosen.where(claim.c.business_date >= first)
    if last is not None:
        chosen = chosen.where(claim.c.business_date <= last)
    if has_first_record:
        chosen = chosen.where(claim.c.verdict == "rejected", claim.c.params.contains('"first": {'))
    if after:
        place = db.execute(select(*_PLACE).where(claim.c.redemption_id == after)).first()
        if place is None:
            raise Invalid("invalid")
        chosen = chosen.where(tuple_(*_PLACE) < tuple_(*map(literal, place)))
    return [dict(one) for one in db.execute(chosen).mappings()]


def holders_of_piece(db: Connection, number: str) -> list[dict[str, Any]]:
    """Return every hold that ever had a piece of that number, the one it is live under first."""
    chosen = select(piece).where(piece.c.number == number).order_by(piece.c.live.desc(), piece.c.outlet)
    return [dict(one) for one in db.execute(chosen).mappings()]


def holds_of_person(db: Connection, person: str) -> list[dict[str, Any]]:
    """Return the holds of a person that are no claim yet, the latest first."""
    chosen = select(hold).where(hold.c.person == person, hold.c.status.in_(("held", "confirmed")))
    return [dict(one) for one in db.execute(chosen.order_by(hold.c.asked_at.desc())).mappings()]


def _is_told_by_claim(entry: Entry, space: str, value: str) -> bool:
    # Of a row of another kind the claim has other numbers.
    name = _TOLD_BY_CLAIM.get(space)
    return entry.kind == "redeemed" and name is not None and entry.body.get(name) == value


def _named(entry: Entry) -> Iterable[tuple[str, str]]:
    body = entry.body
    if not isinstance(body, Mapping):
        return ()
    named = {(space, str(body[name])): None for name, space in _SPACES.items() if body.get(name)}
    return [one for one in named if "\0" not in one[1]]
