"""Recomputes the city's books from the shops' signed rows, by a road of its own.

Nothing of the judging or settling code is used here: what both got wrong would agree.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import journal
from pos_subsidy.domain.keys import is_signed
from pos_subsidy.hub import audit_claims, audit_lists, audit_money, audit_pools, audit_units
from pos_subsidy.hub.city import City
from pos_subsidy.hub.store import claims, ledger, outlets, rows
from pos_subsidy.hub.store.db import read
from pos_subsidy.protocol import envelopes
from pos_subsidy.protocol.messages import RECEIPT


def audit(city: City, receipts: Sequence[bytes] = ()) -> list[dict[str, Any]]:
    """Return every discrepancy with a stable code and what was seen; none is a sound hub.

    ``receipts`` are what shops can show of the hub's own signature: what it says was stored
    and is no longer there is the hub's loss.

    Raises:
        Invalid: ``receipt_invalid``, one is not this hub's.
    """
    public = city.keyring.private.public_key()
    shown = [envelopes.unwrap(RECEIPT, receipt, public) for receipt in receipts]
    return read(
        city.engine,
        lambda db: [
            *_audit(db),
            *audit_claims.audit(db, city),
            *audit_units.audit(db, city),
            *audit_lists.audit(db),
            *audit_money.audit(db),
            *_lost(db, shown),
        ],
    )


def _lost(db: Connection, receipts: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for said in receipts:
        outlet, last = str(said["outlet"]), int(said["last_seq"])
        if rows.hash_at(db, outlet, last) != said["head_hash"]:
            yield {"code": "receipt_not_kept", "outlet": outlet, "seq": last, "hash": said["head_hash"]}
        for one in said["verdicts"]:
            if claims.find(db, one["redemption_id"]) is None:
                lost = {"outlet": outlet, "redemption_id": one["redemption_id"], "verdict": one["verdict"]}
                yield {"code": "receipted_claim_missing", **lost}


def _audit(db: Connection) -> Iterator[dict[str, Any]]:
    told: dict[tuple[str, str], dict[str, Any]] = {}
    for shop in outlets.listing(db):
        yield from _chain(db, shop)
        for entry in rows.entries(db, shop["outlet"]):
            _tell(told, shop["outlet"], entry)
    yield from _claims(db, told)
    yield from _books(db)
    yield from audit_pools.audit(db, told)


def _chain(db: Connection, shop: dict[str, Any]) -> Iterator[dict[str, Any]]:
    keys = outlets.keys(db, shop["outlet"])

    def verify(kid: str, message: bytes, signature: bytes) -> bool:
        return any(is_signed(key, message, signature) for known, key in keys if known == kid)

    entries = rows.entries(db, shop["outlet"])
    last = None
    for entry in entries:
        last = entry
    for damage in journal.check(rows.entries(db, shop["outlet"]), verify=verify):
        yield {"code": f"row_{damage.code}", "outlet": shop["outlet"], "seq": damage.seq}
    for seq in rows.stored_twice(db, shop["outlet"]):
        yield {"code": "row_stored_twice", "outlet": shop["outlet"], "seq": seq}
    if (last.seq if last else 0) != shop["last_seq"]:
        yield {"code": "rows_missing", "outlet": shop["outlet"], "seq": shop["last_seq"]}


def _tell(told: dict[tuple[str, str], dict[str, Any]], outlet: str, entry: journal.Entry) -> None:
    """Reckon what a row says of its own shop's claims; ``most_fen`` is what one was ever worth."""
    body = entry.body
    fen = int(body.get("subsidy_fen") or 0)
    sold, claimed = (outlet, str(body.get("redemption_id"))), (outlet, str(body.get("claim_id")))
    if entry.kind in ("redeemed", "claim_submitted"):
        number = sold if body.get("redemption_id") else claimed
        told[number] = {"outlet": outlet, "seq": entry.seq, "net_fen": fen, "most_fen": fen}
    elif entry.kind == "reversed" and (known := told.get(sold)):
        known["net_fen"] += fen
    elif entry.kind == "claim_corrected" and (known := told.get(claimed)):
        known["net_fen"], known["most_fen"] = fen, max(fen, known["most_fen"])
    elif entry.kind == "claim_withdrawn" and (known := told.get(claimed)):
        known["net_fen"] = 0


def _claims(db: Connection, told: dict[tuple[str, str], dict[str, Any]]) -> Iterator[dict[str, Any]]:
    parked = {
        (shop["outlet"], one["seq"])
        for shop in outlets.listing(db)
        for one in rows.parked(db, shop["outlet"])
    }
    kept = {(one["outlet"], one["redemption_id"]): one for one in claims.everything(db)}
    for key, said in told.items():
        if key not in kept:
            if (said["outlet"], said["seq"]) not in parked:
                yield {"code": "claim_missing", "redemption_id": key[1], **said}
        elif kept[key]["net_subsidy_fen"] != said["net_fen"]:
            found = kept[key]["net_subsidy_fen"]
            yield {"code": "claim_amount_differs", "redemption_id": key[1], **said, "found_fen": found}
    for outlet, number in kept.keys() - told.keys():
        yield {"code": "claim_without_row", "redemption_id": number, "outlet": outlet}
    yield from _postings(db, told, {number: one for (_, number), one in kept.items()})


def _postings(
    db: Connection, told: dict[tuple[str, str], dict[str, Any]], kept: Mapping[str, Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    for number, posted in ledger.posted_fen(db).items():
        claim = kept.get(number)
        said = told.get((claim["outlet"], number)) if claim else None
        net_fen, most_fen = (said["net_fen"], said["most_fen"]) if said else (0, 0)
        if posted and (claim is None or claim["verdict"] not in ("accepted", "settled", "clawed_back")):
            yield {"code": "posted_without_verdict", "redemption_id": number, "posted_fen": posted}
        # Between a reversal and the next run more may be posted than is due, never more than ever was.
        elif not 0 <= posted <= most_fen or (claim and claim["verdict"] == "settled" and posted < net_fen):
            yield {"code": "posted_amount_differs", "redemption_id": number, "posted_fen": posted}


def _books(db: Connection) -> Iterator[dict[str, Any]]:
    for number in ledger.unbalanced_postings(db):
        yield {"code": "posting_unbalanced", "posting_no": number}
    for number in ledger.postings_paid_twice(db):
        yield {"code": "posting_paid_twice", "posting_no": number}
    balances = ledger.balances(db)
    if sum(balances.values()):
        yield {"code": "trial_balance", "sum_fen": sum(balances.values())}
    paid_fen = sum(one["amount_fen"] for one in ledger.payments(db) if one["status"] in ("made", "paid"))
    if balances.get("bank", 0) != paid_fen:
        yield {"code": "bank_differs", "ledger_fen": balances.get("bank", 0), "payments_fen": paid_fen}
