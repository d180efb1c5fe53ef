"""Pays shops a share of what waits to be judged in advance (预拨), where a decision says how much."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import moments
from pos_subsidy.errors import Invalid
from pos_subsidy.hub import clearing, payees
from pos_subsidy.hub.city import ZONE, City
from pos_subsidy.hub.office_log import must_be_named
from pos_subsidy.hub.settlement import BANK, Also, Run, is_withheld_so, nothing_else
from pos_subsidy.hub.store import ledger, prepayments
from pos_subsidy.hub.store.db import run


def set_share(city: City, programme: str, percent: int, *, by: str, clause: str, now: datetime) -> int:
    """Record how much of a programme's waiting claims is paid in advance; return the decision's number.

    Nothing is paid in advance where nobody decided so; 0 ends it.

    Raises:
        Invalid: ``programme_unknown``, ``percent_invalid``, ``decision_incomplete``.
    """
    known = sorted({one.id for one in city.rulebook.programmes})
    if programme not in known:
        raise Invalid("programme_unknown", programme=programme[:40], known=", ".join(known))
    if not 0 <= percent <= 100:
        raise Invalid("percent_invalid", found=percent)
    for name, told in (("by", by), ("clause", clause)):
        if not told.strip():
            raise Invalid("decision_incomplete", field=name)
    about = {"programme": programme, "percent": percent, "by": by, "clause": clause}
    return run(city.engine, lambda db: prepayments.add_share(db, at=moments.text(now), **about))


def prepay(city: City, *, by: str, now: datetime, also: Also = nothing_else) -> Run:
    """Pay every shop what is due in advance, beyond what it has and has not earned yet.

    Settle first: then what was accepted since has cleared what it could. A shop without a confirmed
    account is named and left out. ``also`` is done in the same transaction, with the result.
    """
    must_be_named(by)

    def pay(db: Connection) -> Run:
        done = _prepay(db, by=by, now=now)
        also(db, done)
        return done

    return run(city.engine, pay)


def _prepay(db: Connection, *, by: str, now: datetime) -> Run:
    day = f"A{moments.business_date(now, ZONE):%Y%m%d}-"
    run_id = f"{day}{ledger.runs_of_day(db, day) + 1}"
    at = moments.text(now)
    ledger.add_run(db, run_id, made_at=at, made_by=by)
    in_force = {one["programme"]: one for one in prepayments.shares(db)}
    for shop, waiting in prepayments.waiting_fen(db).items():
        used = {name: in_force[name] for name in waiting if name in in_force and in_force[name]["percent"]}
        # Up, not down: "at least half" of an odd fen is more than half.
        share_fen = sum(-(-waiting[name] * one["percent"] // 100) for name, one in used.items())
        due_fen = share_fen - clearing.outstanding_fen(db, shop)
        if due_fen <= 0:
            continue
        about = {
            "waiting_fen": sum(waiting[name] for name in used),
            "share_nos": ",".join(str(one["share_no"]) for one in used.values()),
        }
        _pay(db, run_id, shop, due_fen, about, at=at)
    return Run(run_id, tuple(ledger.payments(db, run_id=run_id)))


def _pay(db: Connection, run_id: str, shop: str, due_fen: int, about: dict[str, Any], *, at: str) -> None:
    payee, why = payees.to_pay(ledger.payees_of(db, shop))
    payment_no = f"{run_id}-{shop}"
    values: dict[str, Any] = {"payment_no": payment_no, "run_id": run_id, "outlet": shop}
    values |= {"amount_fen": due_fen, "carried_fen": 0}
    if payee is None:
        if is_withheld_so(db, shop, run_id, due_fen, why):
            return
        ledger.add_payment(db, [], **values, status="withheld", why=why)
    else:
        entries = [(clearing.account(shop), -due_fen), (BANK, due_fen)]
        ledger.post(db, entries, why="payment", at=at, run_id=run_id)
        ledger.add_payment(db, [], **values, payee_no=payee["payee_no"], status="made")
    prepayments.add(db, payment_no, **about)
