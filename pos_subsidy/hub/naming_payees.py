"""Names and confirms the accounts that shops are paid to, each by another person."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import moments
from pos_subsidy.errors import NotFound
from pos_subsidy.hub import payees
from pos_subsidy.hub.city import City
from pos_subsidy.hub.office_log import must_be_named
from pos_subsidy.hub.settlement import Also, nothing_else
from pos_subsidy.hub.store import ledger, outlets
from pos_subsidy.hub.store.db import read, run
from pos_subsidy.protocol import sealing


def propose(
    city: City,
    outlet: str,
    *,
    holder: str,
    bank: str,
    number: str,
    by: str,
    now: datetime,
    also: Also = nothing_else,
) -> int:
    """Name the account a shop wants to be paid to; it counts once a second person has confirmed it.

    Raises:
        NotFound: ``outlet_unknown``.
        Invalid: ``payee_invalid``, with the field; ``reviewer_required``.
    """
    holder, bank, number = payees.checked(holder=holder, bank=bank, number=number)
    must_be_named(by)

    def write(db: Connection) -> int:
        if outlets.find(db, outlet) is None:
            raise NotFound("outlet_unknown", outlet=outlet)
        payee_no = len(ledger.payees_of(db, outlet)) + 1
        ledger.add_payee(
            db,
            outlet=outlet,
            payee_no=payee_no,
            holder=holder,
            bank=bank,
            number_sealed=sealing.seal(number.encode(), city.seal_public),
            proposed_by=by,
            proposed_at=moments.text(now),
        )
        also(db, payee_no)
        return payee_no

    return run(city.engine, write)


def confirm(
    city: City,
    outlet: str,
    *,
    by: str,
    now: datetime,
    payee_no: int | None = None,
    also: Also = nothing_else,
) -> int:
    """Confirm the account a second person has looked at, and return its number.

    ``payee_no`` names it; None is enough where a single one waits.

    Raises:
        NotFound: ``payee_unknown``, nothing waits to be confirmed.
        Conflict: ``payee_ambiguous``, several wait and none was named.
        NotAllowed: ``second_person_required``, whoever named it cannot confirm it.
    """

    def write(db: Connection) -> int:
        number = payees.to_confirm(ledger.payees_of(db, outlet), outlet, payee_no, by=by)
        ledger.confirm_payee(db, outlet, number, by=by, at=moments.text(now))
        also(db, number)
        return number

    return run(city.engine, write)


def accounts(city: City, outlet: str, *, compared_by: str | None = None) -> list[dict[str, Any]]:
    """Return the accounts a shop named, oldest first, each with its ``state`` and the end of its number.

    ``compared_by`` is who may confirm one that somebody else named; that one is told its whole ``number``.

    Raises:
        NotFound: ``outlet_unknown``.
    """

    def look(db: Connection) -> list[dict[str, Any]]:
        if outlets.find(db, outlet) is None:
            raise NotFound("outlet_unknown", outlet=outlet)
        named = ledger.payees_of(db, outlet)
        told = zip(named, payees.states(named), strict=True)
        return [
            payees.shown(one, payees.number(city, one), state=state, compared_by=compared_by)
            for one, state in told
        ]

    return read(city.engine, look)
