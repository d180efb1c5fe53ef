"""The money desk: runs, a merchant's statement, payees by two people. Every deed is logged with itself."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain.money import yuan
from pos_subsidy.errors import Conflict, NotFound
from pos_subsidy.hub import answering, clearing, naming_payees, office_log, payees, prepayment, settlement
from pos_subsidy.hub.answering import BankAnswer
from pos_subsidy.hub.city import City
from pos_subsidy.hub.office_log import By
from pos_subsidy.hub.settlement import HEADINGS, Run
from pos_subsidy.hub.store import ledger, outlets
from pos_subsidy.hub.store.db import read, run
from pos_subsidy.paper.sheets import Column, Sheet, write_xlsx

SHOWN = 50
MOST_ANSWER_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Desk:
    """The runs, what each shop is owed (fen), and every account's balance; these sum to zero."""

    runs: list[dict[str, Any]]
    shops: list[dict[str, Any]]
    accounts: Mapping[str, int]
    has_work: bool  # a run now would post, pay or clear something

    @property
    def payable_fen(self) -> int:
        """Return what a run now would pay."""
        return sum(one["to_pay_fen"] for one in self.shops)

    @property
    def withheld_fen(self) -> int:
        """Return what it would leave out, because the shop has no confirmed account."""
        return sum(one["withheld_fen"] for one in self.shops)

    @property
    def newest(self) -> str:
        return self.runs[0]["run_id"] if self.runs else ""


@dataclass(frozen=True, slots=True)
class RunPage:
    """One run with its payments, and the shops they go to."""

    run: Mapping[str, Any]
    payments: list[dict[str, Any]]
    shops: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Statement:
    """What the city owes a shop, every payment, and the accounts it named, the newest first."""

    shop: Mapping[str, Any]
    told: Mapping[str, Any]
    payees: list[dict[str, Any]]

    @property
    def owed_fen(self) -> int:
        """Return what the city owes it now; what the next run will post is owed already."""
        return int(self.told["balance_fen"]) + int(self.told["next_run_fen"])


def desk(city: City) -> Desk:
    """Return what the money desk begins its day with."""

    def look(db: Connection) -> Desk:
        due: dict[str, int] = {}
        for one in ledger.claims_to_post(db):
            due[one["outlet"]] = due.get(one["outlet"], 0) + one["difference_fen"]
        shops, has_work = [], bool(due)
        for code in ledger.shops(db):
            named = ledger.payees_of(db, code)
            payee, why = payees.to_pay(named)
            balance_fen = ledger.balance_fen(db, f"outlet:{code}") + due.get(code, 0)
            waits = bool(named) and named[-1]["confirmed_by"] is None
            prepaid_fen = clearing.outstanding_fen(db, code)
            open_fen = max(0, balance_fen - prepaid_fen)
            held = ledger.withheld(db, code, "P")
            since = held[-1]["made_at"] if held and not payee else None
            about = {"outlet": code, "shop": outlets.find(db, code), "why": None if payee else why}
            sums = {"to_pay_fen": open_fen if payee else 0, "withheld_fen": 0 if payee else open_fen}
            shops.append({**about, **sums, "balance_fen": balance_fen, "waits": waits, "since": since})
            has_work = has_work or sums["to_pay_fen"] > 0 or min(balance_fen, prepaid_fen) > 0
        return Desk(ledger.runs(db, limit=SHOWN), shops, ledger.balances(db), has_work)

    return read(city.engine, look)


def make_run(city: City, *, after: str | None, by: By, now: datetime) -> Run:
    """Make a payment run; ``after`` is the newest run that the person saw, None where nobody looked.

    Raises:
        Conflict: ``run_made_meanwhile``: pressed twice, or somebody else was quicker.
    """

    def log(db: Connection, done: Run) -> None:
        # In the transaction of the run itself: two presses may come at once.
        before = [one["run_id"] for one in ledger.runs(db, limit=2) if one["run_id"] != done.run_id]
        newest = before[0] if before else ""
        if after not in (None, newest):
            raise Conflict("run_made_meanwhile", run_id=newest)
        log_run(db, done, by=by, now=now)

    return settlement.settle(city, by=by.username, now=now, also=log)


def prepay(city: City, *, by: By, now: datetime) -> Run:
    """Pay in advance what is decided; see ``prepayment.prepay``."""
    return prepayment.prepay(city, by=by.username, now=now, also=partial(log_run, by=by, now=now))


def log_run(db: Connection, done: Run, *, by: By, now: datetime) -> None:
    """Note a run, with what it pays, in its own transaction."""
    note = f"{yuan(done.amount_fen)} 元 / yuan, {len(done.payments)} 笔 / payments"
    office_log.note(db, by, "payment_run", about=done.run_id, now=now, note=note)


def run_page(city: City, run_id: str) -> RunPage:
    """Return a run.

    Raises:
        NotFound: ``run_unknown``.
    """

    def look(db: Connection) -> RunPage:
        found = ledger.find_run(db, run_id)
        if found is None:
            raise NotFound("run_unknown", run_id=run_id)
        payments = ledger.payments(db, run_id=run_id)
        shops = {one["outlet"]: outlets.find(db, one["outlet"]) or {} for one in payments}
        return RunPage(found, payments, shops)

    return read(city.engine, look)


def payment_file(city: City, run_id: str, ending: str, *, by: By, now: datetime) -> bytes:
    """Return a run's payment file as CSV or XLSX; whoever takes it is logged, it names accounts.

    Raises:
        NotFound: ``run_unknown``.
    """

    def log(db: Connection, rows: list[tuple[str, ...]]) -> None:
        note = f"{ending}, {len(rows)} 笔 / payments"
        office_log.note(db, by, "payment_file_taken", about=run_id, now=now, note=note)

    rows = settlement.payable(city, run_id, also=log)
    if ending == "csv":
        return settlement.payment_file(city, run_id).encode("utf-8-sig")
    kinds = {"金额（元）": "yuan"}
    columns = [Column(title, kinds.get(title, "text"), 24) for title in HEADINGS]  # type: ignore[arg-type]
    place = HEADINGS.index("金额（元）")
    typed = [[_fen(cell) if at == place else cell for at, cell in enumerate(row)] for row in rows]
    into = io.BytesIO()
    write_xlsx([Sheet(run_id, columns, typed, "合计")], into)
    return into.getvalue()


def take_answer(city: City, content: bytes, filename: str, *, by: By, now: datetime) -> BankAnswer:
    """Read the bank's answer; raises as ``answering.take_answer``."""

    def log(db: Connection, answer: BankAnswer) -> None:
        note = f"到账 {answer.paid} / paid, 退回 {answer.returned} / returned, "
        note += f"未入账 {len(answer.errors)} / not booked"
        office_log.note(db, by, "bank_answer", about=filename[:80], now=now, note=note)

    return answering.take_answer(city, content, filename, now=now, also=log)


def statement(city: City, outlet: str, *, compared_by: By | None, now: datetime) -> Statement:
    """Return a shop's statement; ``compared_by`` as in ``naming_payees.accounts``.

    Whoever is shown a whole account number is logged.

    Raises:
        NotFound: ``outlet_unknown``.
    """
    told = settlement.statement(city, outlet)
    named = naming_payees.accounts(city, outlet, compared_by=compared_by.username if compared_by else None)
    if compared_by and (seen := [str(one["payee_no"]) for one in named if one["may_confirm"]]):
        note = ", ".join(seen)

        def log(db: Connection) -> None:
            office_log.note(db, compared_by, "payee_number_seen", about=outlet, now=now, note=note)

        run(city.engine, log)

    def look(db: Connection) -> Statement:
        return Statement(outlets.find(db, outlet) or {}, told, named[::-1])

    return read(city.engine, look)


def propose_payee(
    city: City, outlet: str, *, holder: str, bank: str, number: str, by: By, now: datetime
) -> int:
    """Name an account and return its number; see ``naming_payees.propose``.

    Raises:
        NotFound: ``outlet_unknown``.
        Invalid: ``payee_invalid``, with the field.
    """

    def log(db: Connection, payee_no: int) -> None:
        office_log.note(db, by, "payee_named", about=outlet, now=now, note=str(payee_no))

    about = {"holder": holder, "bank": bank, "number": number, "by": by.username, "now": now}
    return naming_payees.propose(city, outlet, **about, also=log)  # type: ignore[arg-type]


def confirm_payee(city: City, outlet: str, payee_no: int | None, *, by: By, now: datetime) -> int:
    """Confirm the account that was looked at, as a second person; see ``naming_payees.confirm``."""

    def log(db: Connection, payee_no: int) -> None:
        office_log.note(db, by, "payee_confirmed", about=outlet, now=now, note=str(payee_no))

    return naming_payees.confirm(city, outlet, by=by.username, now=now, payee_no=payee_no, also=log)


def _fen(written: str) -> int:
    return int(written.replace(",", "").replace(".", ""))
