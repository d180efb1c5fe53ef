"""Does the city let this shop grant subsidies? What it last said, in the feed."""

from datetime import datetime

from pos_subsidy.services.shop import Shop
from pos_subsidy.store import journal, settings
from pos_subsidy.store.db import TillDatabase, write_transaction

ACTIVE = "active"
_NAME = "standing"


def standing(db: TillDatabase) -> str:
    """Return active, suspended or quarantined; active where the city never said."""
    return settings.get(db, _NAME) or ACTIVE


def is_suspended(db: TillDatabase) -> bool:
    """Say whether new holds are to be refused. Running ones may still be redeemed."""
    return standing(db) != ACTIVE


def learn(db: TillDatabase, shop: Shop, said: str, *, now: datetime) -> None:
    """Note what the city says of the shop; a change is a row of the journal."""
    with write_transaction(db):
        if said != standing(db):
            settings.put(db, _NAME, said)
            journal.append(db, "standing_changed", {"standing": said}, at=now, sign=shop.keyring.sign)
