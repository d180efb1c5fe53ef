"""Reads what the bank did with a run's payments; one it returned makes its claims unpaid again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import moments
from pos_subsidy.errors import Conflict, Invalid, NotFound
from pos_subsidy.hub import bank_answer, clearing
from pos_subsidy.hub.city import City
from pos_subsidy.hub.settlement import BANK, Also, account, nothing_else, say_settled
from pos_subsidy.hub.store import ledger
from pos_subsidy.hub.store.db import run

_OUTCOMES = {"成功": "paid", "paid": "paid", "退回": "returned", "returned": "returned"}


@dataclass(frozen=True, slots=True)
class BankAnswer:
    """What a bank's file did: payments by outcome, and the lines that are errors with their code."""

    paid: int
    returned: int
    errors: tuple[dict[str, Any], ...]


def take_answer(
    city: City, content: bytes, filename: str, *, now: datetime, also: Also = nothing_else
) -> BankAnswer:
    """Read the bank's answer; a line that cannot be is named, all others count.

    Raises:
        Invalid: as ``bank_answer.read``.
    """
    told = bank_answer.read(content, filename)

    def book(db: Connection) -> BankAnswer:
        answer = _take_answer(db, told, now=now)
        also(db, answer)
        return answer

    return run(city.engine, book)


def _take_answer(
    db: Connection, told: Sequence[tuple[int, Mapping[str, str]]], *, now: datetime
) -> BankAnswer:
    counted = {"paid": 0, "returned": 0}
    errors = []
    for line, one in told:
        try:
            counted[_answer(db, one, now=now)] += 1
        except (Conflict, Invalid, NotFound) as error:
            errors.append({"line": line, "payment_no": one["payment_no"], "code": error.code, **error.params})
    return BankAnswer(counted["paid"], counted["returned"], tuple(errors))


def _answer(db: Connection, told: Mapping[str, str], *, now: datetime) -> str:
    outcome = _OUTCOMES.get(told["status"].casefold())
    if outcome is None:
        raise Invalid("bank_outcome_unknown", found=told["status"])
    found = ledger.find_payment(db, told["payment_no"])
    if found is None or found["status"] in ("withheld", "netted"):
        raise NotFound("payment_unknown")
    if bank_answer.amount_fen(told["amount"]) != found["amount_fen"]:
        raise Conflict("bank_amount_differs", expected_fen=found["amount_fen"], found=told["amount"])
    if (found["status"], outcome) not in (("made", "paid"), ("made", "returned"), ("paid", "returned")):
        raise Conflict("payment_answered", status=found["status"])
    # By it the money is found again at the bank.
    if not told["bank_ref"]:
        raise Invalid("bank_ref_missing")
    at = moments.text(now)
    ledger.answer_payment(
        db, found["payment_no"], old=found["status"], new=outcome, ref=told["bank_ref"], at=at
    )
    if outcome == "returned":
        back = [(BANK, -found["amount_fen"]), *clearing.given_back(db, found, account(found["outlet"]))]
        ledger.post(db, back, why="returned", at=at, run_id=found["run_id"])
    else:
        params = {"run_id": found["run_id"], "bank_ref": told["bank_ref"]}
        say_settled(db, found["payment_no"], params, now=now)
    return outcome
