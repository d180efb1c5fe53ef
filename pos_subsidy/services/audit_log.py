"""Who did what and when, read from the journal: numbers and names of staff, nothing of customers."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from pos_subsidy.domain import moments
from pos_subsidy.services.shop import Shop
from pos_subsidy.store import journal
from pos_subsidy.store.db import TillDatabase, read_transaction
from pos_subsidy.store.journal import Deed

PAGE = 100


@dataclass(frozen=True, slots=True)
class Page:
    """Deeds, the newest first; ``before`` is where the next page begins, None on the last."""

    deeds: tuple[Deed, ...]
    before: int | None


def page(
    db: TillDatabase, shop: Shop, *, day: date | None = None, person: str = "", before: int | None = None
) -> Page:
    """Return a page of the log, of one day or one person where asked for."""
    begins = ends = ""
    if day is not None:
        begins, ends = (
            moments.text(datetime.combine(one, time(), shop.zone).astimezone(UTC))
            for one in (day, day + timedelta(1))
        )
    with read_transaction(db):
        found = journal.deeds(db, begins=begins, ends=ends, person=person, before=before, limit=PAGE + 1)
    return Page(tuple(found[:PAGE]), found[PAGE - 1].seq if len(found) > PAGE else None)
