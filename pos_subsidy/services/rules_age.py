"""How old what the city said is: rules, standing, lists. Its age is shown and stands in every claim."""

from datetime import datetime, timedelta

from pos_subsidy.domain import moments
from pos_subsidy.store import settings
from pos_subsidy.store.db import TillDatabase

HEARD_AT = "rules_heard_at"
# From this age on the till's header says it.
SHOWN_AFTER = timedelta(days=2)


def heard_at(db: TillDatabase) -> str | None:
    """Return when everything the city says was last fetched to its end (UTC text), None: never."""
    return settings.get(db, HEARD_AT)


def days_old(db: TillDatabase, *, now: datetime) -> int | None:
    """Return how many whole days that is ago, None while it is fresh or where it never was."""
    at = heard_at(db)
    age = now - moments.moment(at) if at else timedelta(0)
    return age.days if age >= SHOWN_AFTER else None
