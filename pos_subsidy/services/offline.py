"""How much may still be sold while the city does not answer."""

from dataclasses import dataclass

from pos_subsidy.errors import Conflict
from pos_subsidy.services.shop import Shop
from pos_subsidy.store import holds, settings
from pos_subsidy.store.db import TillDatabase

ACKNOWLEDGED_SEQ = "acknowledged_seq"
# What was sent may have arrived, whether a receipt came back or not.
SENT_SEQ = "sent_seq"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of the caps until the city has acknowledged the journal again."""

    sales_left: int
    subsidy_left_fen: int


def acknowledged_seq(db: TillDatabase) -> int:
    """Return the last journal entry the city has for certain; 0 where it has none."""
    return int(settings.get(db, ACKNOWLEDGED_SEQ) or 0)


def sent_seq(db: TillDatabase) -> int:
    """Return the last journal entry that may have reached the city."""
    return max(int(settings.get(db, SENT_SEQ) or 0), acknowledged_seq(db))


def allowance(db: TillDatabase, shop: Shop) -> Allowance:
    """Return what is left, for the whole shop: all its tills share one service."""
    sales, subsidy_fen = holds.offline_since(db, after_seq=acknowledged_seq(db))
    return Allowance(shop.offline_caps.sales - sales, shop.offline_caps.subsidy_fen - subsidy_fen)


def must_be_within_caps(db: TillDatabase, shop: Shop, *, adding_fen: int) -> None:
    """Pass if one more offline sale fits.

    Raises:
        Conflict: ``offline_cap_reached``.
    """
    left = allowance(db, shop)
    if left.sales_left < 1 or left.subsidy_left_fen < adding_fen:
        raise Conflict(
            "offline_cap_reached", sales_left=left.sales_left, left_fen=max(left.subsidy_left_fen, 0)
        )
