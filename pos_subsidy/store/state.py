"""The state tables as a projection of the journal: what each kind of entry changes.

Selling and rebuilding go through the same functions, so the journal cannot say one thing
and the tables another. Every change of a status is guarded by the status it leaves.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlite_utils import Database

from pos_subsidy.domain.journal import Entry
from pos_subsidy.domain.voucher import HOLD_STATES, VERDICT_STATES, VOUCHER_STATES, next_state
from pos_subsidy.errors import Conflict
from pos_subsidy.store import (
    state_appeals,
    state_claims,
    state_days,
    state_evidence,
    state_findings,
    state_refunds,
)
from pos_subsidy.store.db import insert, row

TABLES = (
    "voucher",
    "hold",
    "redemption",
    "redemption_line",
    "payment",
    *state_refunds.TABLES,
    "orphaned_payment",
    "piece",
    *state_claims.TABLES,
    *state_evidence.TABLES,
    *state_findings.TABLES,
    *state_appeals.TABLES,
    *state_days.TABLES,
)

Body = Mapping[str, Any]


def apply(db: Database, entry: Entry) -> None:
    """Carry an entry out on the state tables.

    Raises:
        Conflict: the state is not the one this entry needs; nothing may be committed.
    """
    if change := _CHANGES.get(entry.kind):
        change(db, entry, entry.body)
    elif entry.kind not in _RECORDED_ONLY:
        raise ValueError(f"no such kind of journal entry: {entry.kind}")


def move_voucher(db: Database, code: str, action: str, **also: Any) -> None:
    """Change a voucher's status along its table of states, or raise Conflict."""
    _move(db, "voucher", "code", code, VOUCHER_STATES, action, also)


def _voucher_issued(db: Database, entry: Entry, body: Body) -> None:
    insert(
        db,
        "voucher",
        {
            "code": body["voucher"],
            "kind": body["voucher_kind"],
            "status": "issued",
            "issued_at": entry.at,
            **_pick(
                body,
                "category unit_class programme policy_version person_key commitment"
                " gtin price_fen subsidy_fen valid_until wallet_hash till cashier",
            ),
        },
    )
    if replaced := body.get("replaces"):
        db.execute("UPDATE voucher SET replaced_by = ? WHERE code = ?", [body["voucher"], replaced])


def _voucher_voided(db: Database, entry: Entry, body: Body) -> None:
    resolution = json.dumps({"reason": body["reason"], "by": body["by"]}, ensure_ascii=False, sort_keys=True)
    move_voucher(db, body["voucher"], "void", resolved_at=entry.at, resolution=resolution)


def _voucher_expired(db: Database, entry: Entry, body: Body) -> None:
    move_voucher(db, body["voucher"], "expire", resolved_at=entry.at)


def _hold_taken(db: Database, entry: Entry, body: Body) -> None:
    move_voucher(db, body["voucher"], "hold")
    insert(
        db,
        "hold",
        {
            "status": "held",
            "held_at": entry.at,
            "journal_seq": entry.seq,
            "identity_checked": int(body["identity_checked"]),
            # Rows written before the steps were kept have none.
            "steps": json.dumps(body.get("steps", []), ensure_ascii=False, sort_keys=True),
            **_pick(
                body,
                "hold_id voucher category unit_class programme policy_version clause person_key gtin"
                " energy_rating serial_no imei1 imei2 price_fen subsidy_fen payable_fen order_no"
                " business_date expires_at authorisation till cashier",
            ),
        },
    )
    for space, number in pieces_of(body):
        insert(db, "piece", {"space": space, "number": number, "hold_id": body["hold_id"], "state": "held"})


def _hold_released(db: Database, entry: Entry, body: Body) -> None:
    _end_hold(db, entry, body, "release")


def _hold_expired(db: Database, entry: Entry, body: Body) -> None:
    _end_hold(db, entry, body, "expire")


def _end_hold(db: Database, entry: Entry, body: Body, action: str) -> None:
    also = {"resolved_at": entry.at, "resolution": body.get("reason")}
    _move(db, "hold", "hold_id", body["hold_id"], HOLD_STATES, action, also)
    over = body["voucher_status"] == "expired"
    if over:
        move_voucher(db, body["voucher"], "release_over", resolved_at=entry.at)
    else:
        move_voucher(db, body["voucher"], "release")
    _move_pieces(db, body["hold_id"], "held", "free")


def _redeemed(db: Database, entry: Entry, body: Body) -> None:
    hold = row(db, "SELECT status FROM hold WHERE hold_id = ?", [body["hold_id"]])
    swept = hold is not None and hold["status"] == "expired"
    action = "redeem_late" if swept else "redeem"
    _move(db, "hold", "hold_id", body["hold_id"], HOLD_STATES, action, {"resolved_at": entry.at})
    move_voucher(db, body["voucher"], action)
    _move_pieces(db, body["hold_id"], "free" if swept else "held", "used")
    insert(
        db,
        "redemption",
        {
            "status": "redeemed",
            "unit_state": "used",
            "redeemed_at": entry.at,
            "journal_seq": entry.seq,
            "late": int(body["late"]),
            **_pick(
                body,
                "redemption_id hold_id voucher order_no category unit_class programme policy_version"
                " clause person_key gtin energy_rating serial_no imei1 imei2 price_fen subsidy_fen"
                " payable_fen authorisation standing held_at business_date till cashier",
            ),
        },
    )
    for position, payment in enumerate(body["payments"], start=1):
        insert(db, "payment", {"redemption_id": body["redemption_id"], "position": position, **payment})
    _add_line(db, entry, body, line_id=body["redemption_id"], kind="sale", reason="", detail={})


def _payment_orphaned(db: Database, entry: Entry, body: Body) -> None:
    insert(
        db,
        "orphaned_payment",
        {
            "journal_seq": entry.seq,
            "at": entry.at,
            **_pick(body, "hold_id voucher paid_fen channel payment_ref why"),
        },
    )


def _reversed(db: Database, entry: Entry, body: Body) -> None:
    detail = {"right": body["right"], "piece": body["piece"], "new_price_fen": body["new_price_fen"]}
    if body["reversal_kind"] == "full":
        done = db.execute(
            "UPDATE redemption SET status = 'reversed', unit_state = ?"
            " WHERE redemption_id = ? AND status = 'redeemed'",
            ["free" if body["right"] == "restored" else "used", body["redemption_id"]],
        ).rowcount
        if done != 1:
            raise Conflict("already_reversed", redemption_id=body["redemption_id"])
        found = row(
            db, "SELECT voucher, hold_id FROM redemption WHERE redemption_id = ?", [body["redemption_id"]]
        )
        assert found
        move_voucher(db, found["voucher"], "reverse", resolved_at=entry.at)
        if body["piece"] == "free":
            _move_pieces(db, found["hold_id"], "used", "free")
    _add_line(
        db,
        entry,
        body,
        line_id=body["reversal_id"],
        kind=body["reversal_kind"],
        reason=body["reason"],
        detail=detail,
    )
    state_refunds.owe(db, body)


def _exchanged(db: Database, entry: Entry, body: Body) -> None:
    found = row(
        db,
        "SELECT hold_id FROM redemption WHERE redemption_id = ? AND status = 'redeemed'",
        [body["redemption_id"]],
    )
    if found is None:
        raise Conflict("already_reversed", redemption_id=body["redemption_id"])
    _move_pieces(db, found["hold_id"], "used", "free")
    _use_pieces(db, found["hold_id"], body["new"])
    _set_pieces(db, body["redemption_id"], body["new"])
    zero = {"price_fen": 0, "subsidy_fen": 0, "payable_fen": 0}
    _add_line(
        db,
        entry,
        {**body, **zero},
        line_id=body["exchange_id"],
        kind="exchange",
        reason=body["reason"],
        detail={"old": body["old"], "new": body["new"]},
    )


def _serial_bound(db: Database, entry: Entry, body: Body) -> None:
    found = row(
        db,
        "SELECT hold_id FROM redemption WHERE redemption_id = ? AND serial_no IS NULL",
        [body["redemption_id"]],
    )
    if found is None:
        raise Conflict("serial_already_bound", redemption_id=body["redemption_id"])
    _use_pieces(db, found["hold_id"], body)
    _set_pieces(db, body["redemption_id"], body)


def _verdict_applied(db: Database, entry: Entry, body: Body) -> None:
    found = row(
        db,
        "SELECT verdict, hold_id, status, unit_state FROM redemption WHERE redemption_id = ?",
        [body["redemption_id"]],
    )
    state_appeals.decided(db, body["params"])
    if found is None and state_claims.apply_verdict(db, body, VERDICT_STATES):
        return
    again = found is not None and state_claims.is_said_again(body, found["verdict"])
    if found is None or not (again or body["verdict"] in VERDICT_STATES[found["verdict"]]):
        raise Conflict("verdict_out_of_order", redemption_id=body["redemption_id"])
    db.execute(
        "UPDATE redemption SET verdict = ?, verdict_code = ?, verdict_params = ?, verdict_at = ?"
        " WHERE redemption_id = ? AND verdict IS ?",
        [
            body["verdict"],
            body["code"],
            json.dumps(body["params"], ensure_ascii=False, sort_keys=True),
            body["judged_at"],
            body["redemption_id"],
            found["verdict"],
        ],
    )
    if body["verdict"] == "rejected" and not again:
        db.execute(
            "UPDATE redemption SET unit_state = 'free' WHERE redemption_id = ?", [body["redemption_id"]]
        )
        _move_pieces(db, found["hold_id"], "used", "free")
    elif found["verdict"] == "rejected" and found["status"] == "redeemed":
        _take_again(db, body["redemption_id"], found["hold_id"])


def _take_again(db: Database, redemption_id: str, hold_id: str) -> None:
    """Take what an appeal won back; another sale may have it by now."""
    sold = row(db, "SELECT serial_no, imei1, imei2 FROM redemption WHERE redemption_id = ?", [redemption_id])
    assert sold is not None
    for space, number in pieces_of(sold):
        live = row(
            db,
            "SELECT hold_id FROM piece WHERE space = ? AND number = ? AND state IN ('held', 'used')",
            [space, number],
        )
        if live is not None and live["hold_id"] != hold_id:
            raise Conflict("verdict_out_of_order", redemption_id=redemption_id)
        db.execute(
            "UPDATE piece SET state = 'used' WHERE space = ? AND number = ? AND hold_id = ?",
            [space, number, hold_id],
        )
    db.execute("UPDATE redemption SET unit_state = 'used' WHERE redemption_id = ?", [redemption_id])


_CHANGES: dict[str, Callable[[Database, Entry, Body], None]] = {
    "voucher_issued": _voucher_issued,
    "voucher_voided": _voucher_voided,
    "voucher_expired": _voucher_expired,
    "hold_taken": _hold_taken,
    "hold_released": _hold_released,
    "hold_expired": _hold_expired,
    "redeemed": _redeemed,
    "payment_orphaned": _payment_orphaned,
    "reversed": _reversed,
    "exchanged": _exchanged,
    "serial_bound": _serial_bound,
    "verdict_applied": _verdict_applied,
    **state_claims.CHANGES,
    **state_days.CHANGES,
    **state_refunds.CHANGES,
    **state_evidence.CHANGES,
    **state_findings.CHANGES,
    **state_appeals.CHANGES,
}
_RECORDED_ONLY = frozenset(
    {
        *("scan_refused", "standing_changed", "deletion_wished", "person_forgotten"),
        *("staff_changed", "api_key_changed"),
    }
)
KINDS = frozenset(_CHANGES) | _RECORDED_ONLY


def pieces_of(body: Body) -> list[tuple[str, str]]:
    """Return the numbers by which a piece is known: (space, number)."""
    found = [("serial", body["serial_no"])] if body.get("serial_no") else []
    imeis = dict.fromkeys(body[slot] for slot in ("imei1", "imei2") if body.get(slot))
    return found + [("imei", number) for number in imeis]


def _move(
    db: Database,
    table: str,
    key: str,
    value: str,
    states: dict[tuple[str, str], str],
    action: str,
    also: Mapping[str, Any],
) -> None:
    found = row(db, f"SELECT status FROM {table} WHERE {key} = ?", [value])
    if found is None:
        raise Conflict(f"{table}_unknown")
    old = found["status"]
    new = next_state(states, old, action, conflict=f"{table}_state")
    sets = "".join(f", {name} = :{name}" for name in also)
    moved = db.execute(
        f"UPDATE {table} SET status = :new{sets} WHERE {key} = :key AND status = :old",
        {"new": new, "old": old, "key": value, **also},
    ).rowcount
    if moved != 1:
        raise Conflict(f"{table}_state", status=old)


def _move_pieces(db: Database, hold_id: str, old: str, new: str) -> None:
    db.execute("UPDATE piece SET state = ? WHERE hold_id = ? AND state = ?", [new, hold_id, old])


def _use_pieces(db: Database, hold_id: str, body: Body) -> None:
    for space, number in pieces_of(body):
        db.execute(
            "INSERT INTO piece (space, number, hold_id, state) VALUES (?, ?, ?, 'used')"
            " ON CONFLICT (space, number, hold_id) DO UPDATE SET state = 'used'",
            [space, number, hold_id],
        )


def _set_pieces(db: Database, redemption_id: str, body: Body) -> None:
    db.execute(
        "UPDATE redemption SET serial_no = ?, imei1 = ?, imei2 = ? WHERE redemption_id = ?",
        [body.get("serial_no"), body.get("imei1"), body.get("imei2"), redemption_id],
    )


def _add_line(
    db: Database, entry: Entry, body: Body, *, line_id: str, kind: str, reason: str, detail: Body
) -> None:
    insert(
        db,
        "redemption_line",
        {
            "line_id": line_id,
            "kind": kind,
            "reason": reason,
            "credit_note_no": body.get("credit_note_no"),
            "detail": json.dumps(detail, ensure_ascii=False, sort_keys=True),
            "at": entry.at,
            "journal_seq": entry.seq,
            **_pick(body, "redemption_id price_fen subsidy_fen payable_fen business_date till cashier"),
        },
    )


def _pick(body: Body, names: str) -> dict[str, Any]:
    return {name: body.get(name) for name in names.split()}
