"""Links by which a phone hands in photos of one sale: unguessable, short-lived, kept as a hash."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from pos_subsidy.domain import moments
from pos_subsidy.errors import NotFound
from pos_subsidy.services import identifying
from pos_subsidy.services.shop import By
from pos_subsidy.store import evidence, redemptions
from pos_subsidy.store.db import TillDatabase, read_transaction, write_transaction

MINUTES = 30


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link opens: one redemption's evidence, in the name of who made the link."""

    redemption_id: str
    by: By
    expires_at: str


def make(db: TillDatabase, redemption_id: str, *, by: By, now: datetime) -> tuple[str, str]:
    """Return the secret part of a new link, which is kept nowhere, and when it ends.

    Raises:
        NotFound: ``redemption_unknown``.
    """
    link, ends = secrets.token_urlsafe(24), now + timedelta(minutes=MINUTES)
    with write_transaction(db):
        redemptions.find(db, redemption_id)
        evidence.forget_links_before(db, now)
        hashed = identifying.wallet_hash(link)
        evidence.keep_link(db, hashed, redemption_id, expires_at=ends, till=by.till, cashier=by.cashier)
    return link, moments.text(ends)


def opened(db: TillDatabase, link: str, *, now: datetime) -> Opened:
    """Return what a link opens.

    Raises:
        NotFound: ``upload_link_over``: unknown and over are the same answer.
    """
    with read_transaction(db):
        found = evidence.link(db, identifying.wallet_hash(link), now=now)
    if found is None:
        raise NotFound("upload_link_over")
    return Opened(found["redemption_id"], By(found["till"], found["cashier"]), found["expires_at"])
