"""What entries about claims after purchase change."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlite_utils import Database

from pos_subsidy.domain.journal import Entry
from pos_subsidy.errors import Conflict
from pos_subsidy.store.db import insert, row

TABLES = ("claim", "claim_paper", "claimed_thing")

Body = Mapping[str, Any]


def _opened(db: Database, entry: Entry, body: Body) -> None:
    kept = (
        *("claim_id", "category", "unit_class", "programme", "policy_version", "clause", "person_key"),
        *("commitment", "order_no", "price_fen", "subsidy_fen", "sold_on", "link_hash", "till", "cashier"),
    )
    insert(
        db,
        "claim",
        {
            **{name: body[name] for name in kept},
            "attributes": _json(body["attributes"]),
            "status": "open",
            "unit_state": "free",
            "opened_at": entry.at,
            "journal_seq": entry.seq,
        },
    )


def _papers_given(db: Database, entry: Entry, body: Body) -> None:
    changed = db.execute(
        "UPDATE claim SET attributes = ?, unit_class = ?, subsidy_fen = ? WHERE claim_id = ?",
        [_json(body["attributes"]), body["unit_class"], body["subsidy_fen"], body["claim_id"]],
    ).rowcount
    if changed != 1:
        raise Conflict("claim_unknown")
    _put_papers(db, entry, body)


def _corrected(db: Database, entry: Entry, body: Body) -> None:
    found = row(db, "SELECT unit_state FROM claim WHERE claim_id = ?", [body["claim_id"]])
    if found is None:
        raise Conflict("claim_unknown")
    db.execute(
        "UPDATE claim SET attributes = ? WHERE claim_id = ?", [_json(body["attributes"]), body["claim_id"]]
    )
    # What is not used any more is free for others, and nobody remembers it for this claim.
    db.execute("DELETE FROM claimed_thing WHERE claim_id = ?", [body["claim_id"]])
    for space, number in body["things"]:
        _use(db, space, number, body["claim_id"], found["unit_state"])
    _put_papers(db, entry, body)


def _put_papers(db: Database, entry: Entry, body: Body) -> None:
    for paper in body["papers"]:
        db.execute(
            "INSERT INTO claim_paper (claim_id, code, number, issued_on, amount_fen, given_at)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (claim_id, code) DO UPDATE SET"
            " number = excluded.number, issued_on = excluded.issued_on,"
            " amount_fen = excluded.amount_fen, given_at = excluded.given_at",
            [
                *(body["claim_id"], paper["code"], paper["number"]),
                *(paper["issued_on"], paper["amount_fen"], entry.at),
            ],
        )


def _submitted(db: Database, entry: Entry, body: Body) -> None:
    moved = db.execute(
        "UPDATE claim SET status = 'submitted', unit_state = 'used', submitted_at = ?, business_date = ?,"
        " subsidy_fen = ?, unit_class = ? WHERE claim_id = ? AND status = 'open'",
        [entry.at, body["business_date"], body["subsidy_fen"], body["unit_class"], body["claim_id"]],
    ).rowcount
    if moved != 1:
        raise Conflict("claim_submitted", claim_id=body["claim_id"])
    for space, number in body["things"]:
        _use(db, space, number, body["claim_id"], "used")


def _use(db: Database, space: str, number: str, claim_id: str, state: str) -> None:
    insert(db, "claimed_thing", {"space": space, "number": number, "claim_id": claim_id, "state": state})


def _withdrawn(db: Database, entry: Entry, body: Body) -> None:
    moved = db.execute(
        "UPDATE claim SET status = 'withdrawn' WHERE claim_id = ? AND status <> 'withdrawn'",
        [body["claim_id"]],
    ).rowcount
    if moved != 1:
        raise Conflict("claim_withdrawn", claim_id=body["claim_id"])
    if body["right"] == "restored":
        db.execute("UPDATE claim SET unit_state = 'free' WHERE claim_id = ?", [body["claim_id"]])
    if body["things"] == "free":
        db.execute(
            "UPDATE claimed_thing SET state = 'free' WHERE claim_id = ? AND space <> 'invoice'",
            [body["claim_id"]],
        )


def apply_verdict(db: Database, body: Body, follows: Mapping[str | None, tuple[str, ...]]) -> bool:
    """Put the city's word on a claim; say whether there is such a claim.

    Raises:
        Conflict: ``verdict_out_of_order``.
    """
    found = row(db, "SELECT verdict FROM claim WHERE claim_id = ?", [body["redemption_id"]])
    if found is None:
        return False
    again = is_said_again(body, found["verdict"])
    if not again and body["verdict"] not in follows[found["verdict"]]:
        raise Conflict("verdict_out_of_order", redemption_id=body["redemption_id"])
    db.execute(
        "UPDATE claim SET verdict = ?, verdict_code = ?, verdict_params = ?, verdict_at = ?"
        " WHERE claim_id = ?",
        [body["verdict"], body["code"], _json(body["params"]), body["judged_at"], body["redemption_id"]],
    )
    if body["verdict"] == "rejected" and not again:
        _set_use(db, body["redemption_id"], "free")
    elif found["verdict"] == "rejected" and not again:
        _take_again(db, body["redemption_id"])
    return True


def is_said_again(body: Body, known: str | None) -> bool:
    """Say whether the city says the same word with a newer reason; the state stays.

    Suspended again, or an appeal was refused.
    """
    refused = bool(body["params"].get("appeal")) and known == "rejected"
    return body["verdict"] == known and (known == "suspended" or refused)


def _take_again(db: Database, claim_id: str) -> None:
    """Take what an appeal won back; another claim may have it by now."""
    taken = row(
        db,
        "SELECT 1 FROM claimed_thing own JOIN claimed_thing other USING (space, number)"
        " WHERE own.claim_id = ? AND other.claim_id <> ? AND other.state = 'used' AND own.state = 'free'",
        [claim_id, claim_id],
    )
    if taken:
        raise Conflict("verdict_out_of_order", redemption_id=claim_id)
    _set_use(db, claim_id, "used")


def _set_use(db: Database, claim_id: str, state: str) -> None:
    db.execute("UPDATE claim SET unit_state = ? WHERE claim_id = ?", [state, claim_id])
    db.execute("UPDATE claimed_thing SET state = ? WHERE claim_id = ?", [state, claim_id])


CHANGES: dict[str, Callable[[Database, Entry, Body], None]] = {
    "claim_opened": _opened,
    "claim_papers": _papers_given,
    "claim_submitted": _submitted,
    "claim_corrected": _corrected,
    "claim_withdrawn": _withdrawn,
}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
