"""Clears what a shop was paid in advance against its accepted claims.

``prepaid:<outlet>`` is what the shop still has to earn, below zero in the ledger; it never goes above.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.hub.store import ledger, prepayments


def account(outlet: str) -> str:
    """Return the name of a shop's account of advances."""
    return f"prepaid:{outlet}"


def outstanding_fen(db: Connection, outlet: str) -> int:
    """Return what a shop was paid in advance and has not earned yet."""
    return -ledger.balance_fen(db, account(outlet))


def clear(db: Connection, outlet: str, shop_account: str, *, at: str, run_id: str) -> int:
    """Let a shop earn its advances with what it is owed now; return how much, fen."""
    due_fen = min(ledger.balance_fen(db, shop_account), outstanding_fen(db, outlet))
    if due_fen <= 0:
        return 0
    entries = [(shop_account, -due_fen), (account(outlet), due_fen)]
    ledger.post(db, entries, why="payment", at=at, run_id=run_id)
    return due_fen


def given_back(db: Connection, payment: Mapping[str, Any], shop_account: str) -> list[tuple[str, int]]:
    """Return the accounts a returned payment goes back to, with fen.

    Of an advance the shop never got, what it has earned already is owed to it like any claim.
    """
    amount_fen = payment["amount_fen"]
    if not prepayments.is_one(db, payment["payment_no"]):
        return [(shop_account, amount_fen)]
    open_fen = min(amount_fen, outstanding_fen(db, payment["outlet"]))
    parts = [(account(payment["outlet"]), open_fen), (shop_account, amount_fen - open_fen)]
    return [(name, fen) for name, fen in parts if fen]


def lines(db: Connection, outlet: str) -> dict[str, Any]:
    """Return a statement's part on advances: outstanding (fen), payments, and what cleared them."""
    return {
        "prepaid_fen": outstanding_fen(db, outlet),
        "prepayments": prepayments.of_shop(db, outlet),
        "cleared": prepayments.cleared(db, account(outlet)),
    }
