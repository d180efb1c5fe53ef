"""Claims and every word the city said on them."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from pos_subsidy.hub.store import bulk
from pos_subsidy.hub.store.schema import claim, outlet, row, verdict
from pos_subsidy.protocol.messages import Verdict


def find(db: Connection, redemption_id: str) -> dict[str, Any] | None:
    found = db.execute(select(claim).where(claim.c.redemption_id == redemption_id)).mappings().first()
    return dict(found) if found else None


def of_hold(db: Connection, name: str, hold_id: str) -> dict[str, Any] | None:
    found = db.execute(select(claim).where(claim.c.outlet == name, claim.c.hold_id == hold_id))
    first = found.mappings().first()
    return dict(first) if first else None


def holds_claimed(db: Connection, name: str, hold_ids: Sequence[str]) -> set[str]:
    """Return those of a shop's holds that have a claim, whatever was said of it."""
    # Not asked for by the shop, too: PostgreSQL would read all its claims rather than look for each hold.
    chosen = select(claim.c.outlet, claim.c.hold_id).where(bulk.among(db, claim.c.hold_id, hold_ids))
    return {hold_id for outlet, hold_id in db.execute(chosen) if outlet == name}


def signed_since(db: Connection, name: str, kids: Collection[str], since: str) -> list[dict[str, Any]]:
    """Return a shop's claims that certain keys signed from a moment on, in its order."""
    chosen = (
        select(claim.c.redemption_id, row.c.at, claim.c.verdict, claim.c.subsidy_fen)
        .join(row, (row.c.outlet == claim.c.outlet) & (row.c.seq == claim.c.seq))
        .where(claim.c.outlet == name, row.c.kid.in_(kids), row.c.at >= since)
        .order_by(claim.c.seq)
    )
    return [dict(one) for one in db.execute(chosen).mappings()]


def of_row(db: Connection, name: str, seq: int) -> dict[str, Any] | None:
    """Return the claim that a shop's row made, or None."""
    found = db.execute(select(claim).where(claim.c.outlet == name, claim.c.seq == seq)).mappings().first()
    return dict(found) if found else None


def seqs(db: Connection, name: str, first_seq: int, last_seq: int) -> set[int]:
    """Return the numbers of those of a shop's rows, from one to another, that claims were booked from."""
    chosen = select(claim.c.seq).where(claim.c.outlet == name, claim.c.seq.between(first_seq, last_seq))
    return set(db.execute(chosen).scalars())


def add(db: Connection, **values: Any) -> None:
    db.execute(insert(claim).values(**values))


def change(db: Connection, redemption_id: str, **values: Any) -> None:
    db.execute(update(claim).where(claim.c.redemption_id == redemption_id).values(**values))


def say(
    db: Connection,
    name: str,
    *,
    redemption_id: str,
    word: str,
    code: str | None,
    params: dict[str, Any],
    at: str,
) -> None:
    """Append a verdict to what was said to a shop."""
    counter = db.execute(
        update(outlet)
        .where(outlet.c.outlet == name)
        .values(verdict_counter=outlet.c.verdict_counter + 1)
        .returning(outlet.c.verdict_counter)
    ).scalar_one()
    db.execute(
        insert(verdict).values(
            outlet=name,
            counter=counter,
            redemption_id=redemption_id,
            verdict=word,
            code=code,
            params=json.dumps(params, ensure_ascii=False, sort_keys=True),
            judged_at=at,
        )
    )


def say_all(db: Connection, name: str, words: Sequence[Mapping[str, Any]]) -> None:
    """Append verdicts, in their order, to what was said to a shop; each as ``say`` takes it."""
    if not words:
        return
    last = db.execute(
        update(outlet)
        .where(outlet.c.outlet == name)
        .values(verdict_counter=outlet.c.verdict_counter + len(words))
        .returning(outlet.c.verdict_counter)
    ).scalar_one()
    first = last - len(words) + 1
    bulk.put(db, verdict, [{"outlet": name, "counter": first + at, **one} for at, one in enumerate(words)])


def add_all(db: Connection, values: Sequence[Mapping[str, Any]]) -> None:
    bulk.put(db, claim, values)


def said_after(db: Connection, name: str, counter: int, *, limit: int = 500) -> list[Verdict]:
    """Return what was said to a shop after a counter, oldest first."""
    chosen = _SAID.where(verdict.c.outlet == name, verdict.c.counter > counter)
    return [_verdict(*one) for one in db.execute(chosen.order_by(verdict.c.counter).limit(limit))]


def said_on(db: Connection, name: str, redemption_ids: Iterable[str], *, after: int = 0) -> list[Verdict]:
    """Return what was said to a shop on some of its claims after a counter, oldest first."""
    chosen = _SAID.where(verdict.c.outlet == name, verdict.c.counter > after)
    chosen = chosen.where(bulk.among(db, verdict.c.redemption_id, list(redemption_ids)))
    return [_verdict(*one) for one in db.execute(chosen.order_by(verdict.c.counter))]


def sums(db: Connection) -> list[dict[str, Any]]:
    """Return count and net subsidy (fen) by shop and verdict."""
    found = db.execute(
        select(
            claim.c.outlet,
            claim.c.verdict,
            func.count().label("claims"),
            func.sum(claim.c.net_subsidy_fen).label("net_subsidy_fen"),
        ).group_by(claim.c.outlet, claim.c.verdict)
    )
    return [dict(one) for one in found.mappings()]


def everything(db: Connection) -> list[dict[str, Any]]:
    """Return what an audit compares of every claim."""
    columns = (claim.c.redemption_id, claim.c.outlet, claim.c.verdict, claim.c.net_subsidy_fen)
    return [dict(one) for one in db.execute(select(*columns)).mappings()]


def doubles(db: Connection) -> tuple[int, int]:
    """Return how many people claimed a unit more than once, and how many claims say the same of a piece."""
    several = (
        select(claim.c.person)
        .where(claim.c.person.is_not(None))
        .group_by(claim.c.person, claim.c.programme, claim.c.unit_class)
        .having(func.count() > 1)
        .subquery()
    )
    persons = db.execute(select(func.count()).select_from(several)).scalar_one()
    taken = claim.c.code.in_(("serial_used", "imei_used"))
    return persons, db.execute(select(func.count()).select_from(claim).where(taken)).scalar_one()


def rejected(db: Connection, *, limit: int = 200) -> list[dict[str, Any]]:
    found = db.execute(
        select(claim).where(claim.c.verdict != "accepted").order_by(claim.c.judged_at.desc()).limit(limit)
    )
    return [dict(one) for one in found.mappings()]


_SAID = select(
    verdict.c.counter,
    verdict.c.redemption_id,
    verdict.c.verdict,
    verdict.c.code,
    verdict.c.params,
    verdict.c.judged_at,
)


def _verdict(
    counter: int, redemption_id: str, word: str, code: str | None, params: str, judged_at: str
) -> Verdict:
    said = json.loads(params) if params != "{}" else {}
    return Verdict(counter, redemption_id, word, code, said, judged_at)
