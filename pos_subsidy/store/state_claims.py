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
    if body["things"]:
        # A correction after the submission: what is not used any more is free for others.
        db.execute("UPDATE claimed_thing SET state = 'free' WHERE claim_id = ?", [body["claim_id"]])
        for space, number in body["things"]:
            _use(db, space, number, body["claim_id"])
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
        _use(db, space, number, body["claim_id"])


def _use(db: Database, space: str, number: str, claim_id: str) -> None:
    db.execute(
        "INSERT INTO claimed_thing (space, number, claim_id, state) VALUES (?, ?, ?, 'used')"
        " ON CONFLICT (space, number, claim_id) DO UPDATE SET state = 'used'",
        [space, number, claim_id],
    )


def apply_verdict(db: Database, body: Body, follows: Mapping[str | None, tuple[str, ...]]) -> bool:
    """Put the city's word on a claim; say whether there is such a claim.

    Raises:
        Conflict: ``verdict_out_of_order``.
    """
    found = row(db, "SELECT verdict FROM claim WHERE claim_id = ?", [body["redemption_id"]])
    if found is None:
        return False
    if body["verdict"] not in follows[found["verdict"]]:
        raise Conflict("verdict_out_of_order", redemption_id=body["redemption_id"])
    db.execute(
        "UPDATE claim SET verdict = ?, verdict_code = ?, verdict_params = ?, verdict_at = ?"
        " WHERE claim_id = ?",
        [body["verdict"], body["code"], _json(body["params"]), body["judged_at"], body["redemption_id"]],
    )
    if body["verdict"] == "rejected":
        db.execute("UPDATE claim SET unit_state = 'free' WHERE claim_id = ?", [body["redemption_id"]])
        db.execute("UPDATE claimed_thing SET state = 'free' WHERE claim_id = ?", [body["redemption_id"]])
    return True


CHANGES: dict[str, Callable[[Database, Entry, Body], None]] = {
    "claim_opened": _opened,
    "claim_papers": _papers_given,
    "claim_submitted": _submitted,
}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
