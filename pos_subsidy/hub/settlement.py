"""Pays shops what the city owes them, nets what they owe, and reads the bank's answer.

Every amount is a posting that sums to zero; a payment is a shop's balance, never below zero.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import moments
from pos_subsidy.domain.money import yuan
from pos_subsidy.errors import Conflict, Invalid, NotFound
from pos_subsidy.hub import bank_answer, clearing, payees
from pos_subsidy.hub.city import City
from pos_subsidy.hub.office_log import must_be_named
from pos_subsidy.hub.store import claims, ledger, outlets
from pos_subsidy.hub.store.db import read as read_in
from pos_subsidy.hub.store.db import run
from pos_subsidy.paper.sheets import guarded
from pos_subsidy.protocol import sealing

BANK = "bank"
HEADINGS = ("付款编号", "收款户名", "开户行", "账号", "金额（元）", "用途")
_OUTCOMES = {"成功": "paid", "paid": "paid", "退回": "returned", "returned": "returned"}


@dataclass(frozen=True, slots=True)
class Run:
    """One payment run: its payments as stored, the withheld ones too."""

    run_id: str
    payments: tuple[dict[str, Any], ...]

    @property
    def amount_fen(self) -> int:
        return sum(one["amount_fen"] for one in self.payments if one["status"] == "made")


@dataclass(frozen=True, slots=True)
class BankAnswer:
    """What a bank's file did: payments by outcome, and the lines that are errors with their code."""

    paid: int
    returned: int
    errors: tuple[dict[str, Any], ...]


Also = Callable[[Connection, Any], None]


def nothing_else(_db: Connection, _result: Any) -> None:
    """Do nothing beside the deed."""


def settle(city: City, *, by: str, now: datetime, also: Also = nothing_else) -> Run:
    """Post what changed on claims and make every shop's payment of its balance.

    A claim that is suspended or unjudged is in no payment. What a shop owes is taken from its
    next payment, the rest is carried. A shop without a confirmed account is named and left
    out; nobody else waits for it. ``also`` is done in the same transaction, with the result.

    Raises:
        Invalid: ``reviewer_required``, nobody does it.
    """
    must_be_named(by)

    def pay(db: Connection) -> Run:
        done = _settle(db, by=by, now=now)
        also(db, done)
        return done

    return run(city.engine, pay)


def payment_file(city: City, run_id: str) -> str:
    """Return the run's payments as CSV for the bank, amounts in yuan.

    Raises:
        NotFound: ``run_unknown``.
    """
    rows = payable(city, run_id)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerows([HEADINGS, *rows])
    return out.getvalue()


def payable(city: City, run_id: str, *, also: Also = nothing_else) -> list[tuple[str, ...]]:
    """Return the lines of a run's payment file, in the order of ``HEADINGS``; raises like that."""

    def look(db: Connection) -> list[tuple[str, ...]]:
        rows = _payable(db, city, run_id)
        if rows is None:
            raise NotFound("run_unknown", run_id=run_id)
        also(db, rows)
        return rows

    return run(city.engine, look)


def take_answer(
    city: City, text: str, filename: str, *, now: datetime, also: Also = nothing_else
) -> BankAnswer:
    """Read the bank's answer; a line that cannot be is named, all others count.

    Raises:
        Invalid: ``file_column_missing``, it is no answer of a bank; ``file_row``, a quote or a field
            has no end.
    """
    told = bank_answer.read(text, filename)

    def book(db: Connection) -> BankAnswer:
        answer = _take_answer(db, told, now=now)
        also(db, answer)
        return answer

    return run(city.engine, book)


def statement(city: City, outlet: str) -> dict[str, Any]:
    """Return what the city owes a shop (fen; negative: the shop owes) and every payment.

    Raises:
        NotFound: ``outlet_unknown``.
    """

    def read(db: Connection) -> dict[str, Any]:
        if outlets.find(db, outlet) is None:
            raise NotFound("outlet_unknown", outlet=outlet)
        return {
            "outlet": outlet,
            "balance_fen": ledger.balance_fen(db, _account(outlet)),
            "open": ledger.open_postings(db, _account(outlet)),
            # What was accepted or returned since the last run; the next one posts it.
            "next_run_fen": sum(
                one["difference_fen"] for one in ledger.claims_to_post(db) if one["outlet"] == outlet
            ),
            "payments": ledger.payments(db, shop=outlet),
            **clearing.lines(db, outlet),
        }

    return run(city.engine, read)


def propose_payee(
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

    def propose(db: Connection) -> int:
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

    return run(city.engine, propose)


def confirm_payee(
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

    def confirm(db: Connection) -> int:
        number = payees.to_confirm(ledger.payees_of(db, outlet), outlet, payee_no, by=by)
        ledger.confirm_payee(db, outlet, number, by=by, at=moments.text(now))
        also(db, number)
        return number

    return run(city.engine, confirm)


def accounts(city: City, outlet: str) -> list[dict[str, Any]]:
    """Return the accounts a shop named, oldest first, each with its ``state`` and the end of its number.

    Raises:
        NotFound: ``outlet_unknown``.
    """

    def look(db: Connection) -> list[dict[str, Any]]:
        if outlets.find(db, outlet) is None:
            raise NotFound("outlet_unknown", outlet=outlet)
        named = ledger.payees_of(db, outlet)
        told = zip(named, payees.states(named), strict=True)
        return [payees.shown(one, _number(city, one), state=state) for one, state in told]

    return read_in(city.engine, look)


def trial_balance(city: City) -> dict[str, int]:
    """Return every account's balance in fen; their sum is zero at all times."""
    return run(city.engine, ledger.balances)


def _settle(db: Connection, *, by: str, now: datetime) -> Run:
    at = moments.text(now)
    for one in ledger.claims_to_post(db):
        entries = [
            (f"pool:{one['programme']}", -one["difference_fen"]),
            (_account(one["outlet"]), one["difference_fen"]),
        ]
        ledger.post(db, entries, why="claim", at=at, redemption_id=one["redemption_id"])
    day = f"P{now:%Y%m%d}-"
    run_id = f"{day}{ledger.runs_of_day(db, day) + 1}"
    ledger.add_run(db, run_id, made_at=at, made_by=by)
    for shop in ledger.shops(db):
        _pay(db, run_id, shop, now=now)
    return Run(run_id, tuple(ledger.payments(db, run_id=run_id)))


def _pay(db: Connection, run_id: str, shop: str, *, now: datetime) -> None:
    postings = ledger.open_postings(db, _account(shop))
    if not postings and ledger.balance_fen(db, _account(shop)) <= 0:
        return
    cleared_fen = clearing.clear(db, shop, _account(shop), at=moments.text(now), run_id=run_id)
    balance_fen = ledger.balance_fen(db, _account(shop))
    payee, why = payee_of(ledger.payees_of(db, shop))
    payment_no = f"{run_id}-{shop}"
    about = {"payment_no": payment_no, "run_id": run_id, "outlet": shop}
    numbers = [one["posting_no"] for one in postings]
    if balance_fen <= 0:
        ledger.add_payment(db, numbers, **about, amount_fen=0, carried_fen=balance_fen, status="netted")
        params = {"run_id": run_id, "netted": True, "prepaid_fen": cleared_fen}
        _say_settled(db, payment_no, params, now=now)
    elif payee is None:
        if not is_withheld_so(db, shop, run_id, balance_fen, why):
            told = {"carried_fen": 0, "status": "withheld", "why": why}
            ledger.add_payment(db, [], **about, amount_fen=balance_fen, **told)
    else:
        at = moments.text(now)
        entries = [(_account(shop), -balance_fen), (BANK, balance_fen)]
        ledger.post(db, entries, why="payment", at=at, run_id=run_id)
        ledger.add_payment(
            db,
            numbers,
            **about,
            payee_no=payee["payee_no"],
            amount_fen=balance_fen,
            carried_fen=0,
            status="made",
        )


def is_withheld_so(db: Connection, shop: str, run_id: str, amount_fen: int, why: str | None) -> bool:
    """Say whether an earlier run of this kind listed the same amount as withheld for the same reason."""
    before = ledger.withheld(db, shop, run_id[0])
    return bool(before) and (before[0]["amount_fen"], before[0]["why"]) == (amount_fen, why)


def payee_of(named: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any] | None, str | None]:
    """Return the account to pay to, or why there is none."""
    confirmed = [one for one in named if one["confirmed_by"] is not None]
    if not confirmed:
        return None, "payee_not_confirmed" if named else "payee_unknown"
    return confirmed[-1], None


def _payable(db: Connection, city: City, run_id: str) -> list[tuple[str, ...]] | None:
    found = ledger.payments(db, run_id=run_id)
    rows: list[tuple[str, ...]] = []
    for one in found:
        if one["status"] != "made":
            continue
        payee = ledger.find_payee(db, one["outlet"], one["payee_no"])
        # A name is never a formula; a number stays as the bank's program reads it.
        holder, bank = guarded(payee["holder"]), guarded(payee["bank"])
        about = f"以旧换新补贴 {run_id}"
        rows.append((one["payment_no"], holder, bank, _number(city, payee), yuan(one["amount_fen"]), about))
    return rows if found else None


def _number(city: City, payee: Mapping[str, Any]) -> str:
    return sealing.unseal(payee["number_sealed"], city.seal_private).decode()


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
    at = moments.text(now)
    ledger.answer_payment(
        db, found["payment_no"], old=found["status"], new=outcome, ref=told["bank_ref"], at=at
    )
    if outcome == "returned":
        back = [(BANK, -found["amount_fen"]), *clearing.given_back(db, found, _account(found["outlet"]))]
        ledger.post(db, back, why="returned", at=at, run_id=found["run_id"])
    else:
        params = {"run_id": found["run_id"], "bank_ref": told["bank_ref"]}
        _say_settled(db, found["payment_no"], params, now=now)
    return outcome


def _say_settled(db: Connection, payment_no: str, params: dict[str, Any], *, now: datetime) -> None:
    at = moments.text(now)
    for one in ledger.claims_of_payment(db, payment_no):
        if one["verdict"] != "accepted":
            continue  # settled before; this posting is a reversal's
        claims.change(db, one["redemption_id"], verdict="settled", judged_at=at)
        claims.say(
            db,
            one["outlet"],
            redemption_id=one["redemption_id"],
            word="settled",
            code=None,
            params=params,
            at=at,
        )


def _account(outlet: str) -> str:
    return f"outlet:{outlet}"
