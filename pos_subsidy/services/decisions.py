"""What people decide about a day's differences: accept with a reason, correct, ask the city.

A decision speaks of the difference as it was seen. It survives every new comparison, and
lapses when the difference becomes another one.
"""

from datetime import date, datetime

from pos_subsidy.domain.reconciliation import Difference
from pos_subsidy.errors import Conflict, Invalid, NotAllowed, NotFound
from pos_subsidy.services import reconciliation
from pos_subsidy.services.shop import By, Remember, Shop, forget
from pos_subsidy.store import days, journal
from pos_subsidy.store.days import Decision
from pos_subsidy.store.db import TillDatabase, write_transaction

__all__ = ["DECISIONS", "Decision", "confirm", "decide", "holding"]

DECISIONS = ("accept", "correct", "ask_city")


def holding(
    db: TillDatabase, business_date: date, differences: tuple[Difference, ...]
) -> dict[str, Decision]:
    """Return, by order number, the decisions that speak of these very differences."""
    kept = days.decisions_of(db, business_date.isoformat())
    seen = {one.order_no: _facts(one) for one in differences}
    return {
        order_no: one
        for order_no, one in kept.items()
        if seen.get(order_no) == (one.kind, one.source, one.till_fen, one.other_fen)
    }


def decide(
    db: TillDatabase,
    shop: Shop,
    business_date: date,
    order_no: str,
    *,
    decision: str,
    reason: str,
    by: By,
    now: datetime,
    remember: Remember = forget,
) -> None:
    """Keep what was decided about the difference that stands now.

    Accepting more than the shop's limit needs a second person.

    Raises:
        Invalid: ``decision_unknown``, or ``reason_required``.
        NotFound: ``difference_unknown``, the order has none now.
    """
    if decision not in DECISIONS:
        raise Invalid("decision_unknown")
    if not reason:
        raise Invalid("reason_required")
    with write_transaction(db):
        now = journal.settled_now(db, now)
        found = _standing(db, shop, business_date, order_no, now=now)
        at_stake_fen = abs(found.till_fen - found.other_fen)
        body = {
            "business_date": business_date.isoformat(),
            "order_no": order_no,
            "kind": found.kind,
            "source": found.source,
            "till_fen": found.till_fen,
            "other_fen": found.other_fen,
            "decision": decision,
            "reason": reason,
            "needs_second": decision == "accept" and at_stake_fen > shop.four_eyes_fen,
            "till": by.till,
            "cashier": by.cashier,
        }
        journal.append(db, "difference_decided", body, at=now, sign=shop.keyring.sign)
        remember(None)


def confirm(
    db: TillDatabase,
    shop: Shop,
    business_date: date,
    order_no: str,
    *,
    by: By,
    now: datetime,
    remember: Remember = forget,
) -> None:
    """Confirm, as a second person, what another accepted.

    Raises:
        NotFound: ``difference_unknown``.
        Conflict: ``decision_gone``, nothing waits for a second person, or the difference is another now.
        NotAllowed: ``second_person_required``, it is one's own decision.
    """
    with write_transaction(db):
        now = journal.settled_now(db, now)
        found = _standing(db, shop, business_date, order_no, now=now)
        waiting = holding(db, business_date, (found,)).get(order_no)
        if waiting is None or not waiting.needs_second or waiting.confirmed_by is not None:
            raise Conflict("decision_gone", order_no=order_no)
        if waiting.decided_by == by.cashier:
            raise NotAllowed("second_person_required", by=by.cashier)
        body = {
            "business_date": business_date.isoformat(),
            "order_no": order_no,
            "till": by.till,
            "cashier": by.cashier,
        }
        journal.append(db, "difference_confirmed", body, at=now, sign=shop.keyring.sign)
        remember(None)


def _standing(
    db: TillDatabase, shop: Shop, business_date: date, order_no: str, *, now: datetime
) -> Difference:
    compared = reconciliation.reconcile(db, shop, business_date, [], now=now)
    found = next((one for one in compared.differences if one.order_no == order_no), None)
    if found is None:
        raise NotFound("difference_unknown", order_no=order_no)
    return found


def _facts(one: Difference) -> tuple[str, str, int, int]:
    return one.kind, one.source, one.till_fen, one.other_fen
