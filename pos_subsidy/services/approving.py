"""Actions that the shop wants a manager's approval for, given on that very form.

The services ask for it themselves, so no page and no direct post goes around it. Who holds
the till's API key is the shop's own cash system, which has its own rights: it approves by
its key and is named so in the journal.
"""

from collections.abc import Mapping

from pos_subsidy.errors import NotAllowed, NotSignedIn
from pos_subsidy.services import access
from pos_subsidy.services.shop import By, Shop
from pos_subsidy.store.db import TillDatabase

ACTIONS = frozenset({"reverse", "exchange", "void"})
APPROVERS = frozenset({"manager", "lead"})


def approval(shop: Shop, action: str, by: By) -> Mapping[str, str]:
    """Return what the journal says of the approval; nothing where the shop wants none.

    Raises:
        NotAllowed: ``approval_required``.
    """
    if action not in shop.manager_for:
        return {}
    if not by.approved_by:
        raise NotAllowed("approval_required")
    return {"approved_by": by.approved_by}


def approver(db: TillDatabase, username: str, secret: str) -> str:
    """Return the manager whose name and password or PIN these are.

    Raises:
        NotAllowed: ``approval_required``, nothing was typed.
        NotSignedIn: ``approval_failed``, the same whether name, role or secret is wrong.
    """
    if not username or not secret:
        raise NotAllowed("approval_required")
    try:
        account = access.with_password_or_pin(db, username, secret)
    except NotSignedIn:
        raise NotSignedIn("approval_failed") from None
    if account.role not in APPROVERS:
        raise NotSignedIn("approval_failed")
    return account.username
