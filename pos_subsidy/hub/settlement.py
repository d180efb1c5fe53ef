"""Pays shops what the city owes them, nets what they owe, and writes the bank's file.

Every amount is a posting that sums to zero; a payment is a shop's balance, never below zero.
"""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import moments
from pos_subsidy.domain.money import yuan
from pos_subsidy.errors import NotFound
from pos_subsidy.hub import clearing, payees
from pos_subsidy.hub.city import ZONE, City
from pos_subsidy.hub.office_log import must_be_named
from pos_subsidy.hub.store import claims, ledger, outlets
from pos_subsidy.hub.store.db import read, run
from pos_subsidy.paper.sheets import guarded

BANK = "bank"
HEADINGS = ("付款编号", "收款户名", "开户行", "账号", "金额（元）", "用途")


@dataclass(frozen=True, slots=True)
class Run:
    """One payment run: its payments as stored, the withheld ones too."""

    run_id: str
    payments: tuple[dict[str, Any], ...]

    @property
    def amount_fen(self) -> int:
        return sum(one["amount_fen"] for one in self.payments if one["status"] == "made")


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


def statement(city: City, outlet: str) -> dict[str, Any]:
    """Return what the city owes a shop (fen; negative: the shop owes) and every payment.

    Raises:
        NotFound: ``outlet_unknown``.
    """

    def look(db: Connection) -> dict[str, Any]:
        if outlets.find(db, outlet) is None:
            raise NotFound("outlet_unknown", outlet=outlet)
        payments = ledger.payments(db, shop=outlet)
        said = ledger.bank_words(db, [one["payment_no"] for one in payments])
        return {
            "outlet": outlet,
            "balance_fen": ledger.balance_fen(db, account(outlet)),
            "open": ledger.open_postings(db, account(outlet)),
            # What was accepted or returned since the last run; the next one posts it.
            "next_run_fen": sum(
                one["difference_fen"] for one in ledger.claims_to_post(db) if one["outlet"] == outlet
            ),
            "payments": [{**one, "bank_words": said.get(one["payment_no"], [])} for one in payments],
            **clearing.lines(db, outlet),
        }

    return read(city.engine, look)


def trial_balance(city: City) -> dict[str, int]:
    """Return every account's balance in fen; their sum is zero at all times."""
    return read(city.engine, ledger.balances)


def _settle(db: Connection, *, by: str, now: datetime) -> Run:
    at = moments.text(now)
    for one in ledger.claims_to_post(db):
        entries = [
            (f"pool:{one['programme']}", -one["difference_fen"]),
            (account(one["outlet"]), one["difference_fen"]),
        ]
        ledger.post(db, entries, why="claim", at=at, redemption_id=one["redemption_id"])
    day = f"P{moments.business_date(now, ZONE):%Y%m%d}-"
    run_id = f"{day}{ledger.runs_of_day(db, day) + 1}"
    ledger.add_run(db, run_id, made_at=at, made_by=by)
    for shop in ledger.shops(db):
        _pay(db, run_id, shop, now=now)
    return Run(run_id, tuple(ledger.payments(db, run_id=run_id)))


def _pay(db: Connection, run_id: str, shop: str, *, now: datetime) -> None:
    postings = ledger.open_postings(db, account(shop))
    if not postings and ledger.balance_fen(db, account(shop)) <= 0:
        return
    cleared_fen = clearing.clear(db, shop, account(shop), at=moments.text(now), run_id=run_id)
    balance_fen = ledger.balance_fen(db, account(shop))
    payee, why = payees.to_pay(ledger.payees_of(db, shop))
    payment_no = f"{run_id}-{shop}"
    about = {"payment_no": payment_no, "run_id": run_id, "outlet": shop}
    numbers = [one["posting_no"] for one in postings]
    if balance_fen <= 0:
        ledger.add_payment(db, numbers, **about, amount_fen=0, carried_fen=balance_fen, status="netted")
        params = {"run_id": run_id, "netted": True, "prepaid_fen": cleared_fen}
        say_settled(db, payment_no, params, now=now)
    elif payee is None:
        if not is_withheld_so(db, shop, run_id, balance_fen, why):
            told = {"carried_fen": 0, "status": "withheld", "why": why}
            ledger.add_payment(db, [], **about, amount_fen=balance_fen, **told)
    else:
        at = moments.text(now)
        entries = [(account(shop), -balance_fen), (BANK, balance_fen)]
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


def _payable(db: Connection, city: City, run_id: str) -> list[tuple[str, ...]] | None:
    found = ledger.payments(db, run_id=run_id)
    rows: list[tuple[str, ...]] = []
    for one in found:
        if one["status"] != "made":
            continue
        payee = ledger.find_payee(db, one["outlet"], one["payee_no"])
        # A name is never a formula; a number stays as the bank's program reads it.
        holder, bank, number = guarded(payee["holder"]), guarded(payee["bank"]), payees.number(city, payee)
        about = f"以旧换新补贴 {run_id}"
        rows.append((one["payment_no"], holder, bank, number, yuan(one["amount_fen"]), about))
    return rows if found else None


def say_settled(db: Connection, payment_no: str, params: dict[str, Any], *, now: datetime) -> None:
    """Tell its shop that a payment settles its claims, in the caller's transaction."""
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


def account(outlet: str) -> str:
    """Return the name of a shop's account in the ledger."""
    return f"outlet:{outlet}"
