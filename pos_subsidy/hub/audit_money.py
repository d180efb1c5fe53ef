"""Compares postings with claims, payments with postings, and payments with each other."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from pos_subsidy.hub.store.schema import claim
from pos_subsidy.hub.store.schema_ledger import (
    bank_word,
    ledger_entry,
    payee,
    payment,
    payment_posting,
    payment_run,
)
from pos_subsidy.hub.store.schema_review import review_batch

Found = dict[str, Any]


def audit(db: Connection) -> Iterator[Found]:
    """Yield what does not agree."""
    entries = _all(db, select(ledger_entry).order_by(ledger_entry.c.posting_no, ledger_entry.c.position))
    payments = _all(db, select(payment).order_by(payment.c.payment_no))
    yield from _postings(db, entries)
    yield from _payments(db, entries, payments)
    yield from _settled(db, entries, payments)
    for one in _all(db, select(review_batch)):
        if (one["approved_at"] is None) != (one["approved_by"] is None):
            yield {"code": "approval_without_name", "outlet": one["outlet"], "batch_id": one["batch_id"]}


def _postings(db: Connection, entries: list[Found]) -> Iterator[Found]:
    claims = {one["redemption_id"]: one for one in _all(db, select(claim))}
    numbers = sorted({one["posting_no"] for one in entries})
    for missing in set(range(1, (numbers[-1] if numbers else 0) + 1)) - set(numbers):
        yield {"code": "posting_missing", "posting_no": missing}
    latest = ""
    posted: Counter[str] = Counter()
    for one in entries:
        at = {"posting_no": one["posting_no"]}
        if one["at"] < latest:
            yield {"code": "posting_dates_differ", **at, "found": one["at"]}
        latest = max(latest, one["at"])
        if one["why"] != "claim":
            continue
        found = claims.get(one["redemption_id"])
        if found is None:
            yield {"code": "posting_without_claim", **at, "redemption_id": one["redemption_id"]}
            continue
        if one["account"] not in (f"outlet:{found['outlet']}", f"pool:{found['programme']}"):
            yield {"code": "posting_to_other_account", **at, "account": one["account"]}
        if one["account"].startswith("outlet:"):
            posted[one["redemption_id"]] += one["amount_fen"]
    for number, fen in posted.items():
        if fen > claims[number]["subsidy_fen"]:
            yield {"code": "posted_too_much", "redemption_id": number, "posted_fen": fen}


def _payments(db: Connection, entries: list[Found], payments: list[Found]) -> Iterator[Found]:
    runs = {one["run_id"] for one in _all(db, select(payment_run))}
    payees = {(one["outlet"], one["payee_no"]): one for one in _all(db, select(payee))}
    said = select(bank_word).order_by(bank_word.c.word_no)
    # The last is what the payment shows.
    words = {one["payment_no"]: (one["status"], one["bank_ref"], one["said_at"]) for one in _all(db, said)}
    moved: Counter[tuple[str, str, str]] = Counter()
    for one in entries:
        # An advance is paid from an account of its own.
        kind, _, shop = one["account"].partition(":")
        if one["why"] != "claim" and kind in ("outlet", "prepaid"):
            moved[one["why"], one["run_id"], shop] += one["amount_fen"]
    for (run_id, shop), times in Counter((one["run_id"], one["outlet"]) for one in payments).items():
        if times > 1:
            yield {"code": "paid_twice_in_a_run", "run_id": run_id, "outlet": shop}
    for one in payments:
        at = {"payment_no": one["payment_no"]}
        sent = one["status"] in ("made", "paid", "returned")
        if one["run_id"] not in runs:
            yield {"code": "payment_without_run", **at, "run_id": one["run_id"]}
        if sent and moved["payment", one["run_id"], one["outlet"]] != -one["amount_fen"]:
            yield {"code": "payment_not_posted", **at, "amount_fen": one["amount_fen"]}
        back_fen = one["amount_fen"] if one["status"] == "returned" else 0
        if sent and moved["returned", one["run_id"], one["outlet"]] != back_fen:
            yield {"code": "return_not_posted", **at, "amount_fen": back_fen}
        answer = (one["status"], one["bank_ref"], one["answered_at"])
        is_answered = one["status"] in ("paid", "returned")
        if is_answered and not (all(answer) and words.get(one["payment_no"]) == answer):
            yield {"code": "payment_without_answer", **at}
        if sent:
            named = payees.get((one["outlet"], one["payee_no"]))
            if named is None or named["confirmed_by"] in (None, named["proposed_by"]):
                yield {"code": "payee_not_confirmed", **at, "payee_no": one["payee_no"]}
    known = {(why, run_id, shop) for why, run_id, shop in moved}
    for why, run_id, shop in known - {
        (why, one["run_id"], one["outlet"]) for one in payments for why in ("payment", "returned")
    }:
        yield {"code": "posted_without_payment", "why": why, "run_id": run_id, "outlet": shop}


def _settled(db: Connection, entries: list[Found], payments: list[Found]) -> Iterator[Found]:
    shop_of = {
        one["posting_no"]: one["account"].removeprefix("outlet:")
        for one in entries
        if one["why"] == "claim" and one["account"].startswith("outlet:")
    }
    claim_of = {one["posting_no"]: one["redemption_id"] for one in entries if one["why"] == "claim"}
    by_no = {one["payment_no"]: one for one in payments}
    paid_for: set[str] = set()
    for one in _all(db, select(payment_posting)):
        found = by_no.get(one["payment_no"])
        at = {"payment_no": one["payment_no"], "posting_no": one["posting_no"]}
        if found is None or shop_of.get(one["posting_no"]) != found["outlet"]:
            yield {"code": "payment_of_other_shop", **at}
        elif found["status"] in ("paid", "netted", "returned"):
            paid_for.add(claim_of[one["posting_no"]])
    for number in db.execute(select(claim.c.redemption_id).where(claim.c.verdict == "settled")).scalars():
        if number not in paid_for:
            yield {"code": "settled_without_payment", "redemption_id": number}


def _all(db: Connection, chosen: Any) -> list[Found]:
    return [dict(one) for one in db.execute(chosen).mappings()]
