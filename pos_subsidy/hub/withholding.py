"""What withholds the city's acceptance of a sale whose amount is right, until people have looked."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import moments
from pos_subsidy.domain.journal import Entry
from pos_subsidy.domain.rules import Rule
from pos_subsidy.hub.city import ZONE, City
from pos_subsidy.hub.judgement import Judgement
from pos_subsidy.hub.store import rows

AFTER_SETTLEMENT, BEYOND_CAPS = "arrived_after_settlement", "sold_beyond_offline_caps"


def withheld(
    db: Connection, city: City, outlet: str, entry: Entry, rule: Rule, *, now: datetime
) -> Judgement | None:
    """Return why a sale cannot be accepted by the machine, or None."""
    return _late(rule, now=now) or _beyond_caps(db, city, outlet, entry, now=now)


def is_looked_at(city: City, body: Mapping[str, Any], rule: Rule, *, now: datetime) -> bool:
    """Say whether a sale has anything that may withhold it; needs no database."""
    return _is_offline(body) and city.offline_caps is not None or _late(rule, now=now) is not None


def _late(rule: Rule, *, now: datetime) -> Judgement | None:
    last: date | None = rule.programme.last_settlement_on
    arrived_on = moments.business_date(now, ZONE)
    if last is None or arrived_on <= last:
        return None
    params = {"arrived_on": arrived_on.isoformat(), "last_day": last.isoformat()}
    return Judgement("suspended", AFTER_SETTLEMENT, params)


def _beyond_caps(db: Connection, city: City, outlet: str, entry: Entry, *, now: datetime) -> Judgement | None:
    caps, body = city.offline_caps, entry.body
    if caps is None or not _is_offline(body):
        return None
    # As a till counts: what it sold by itself since the city last had its journal.
    # Whatever the shop says the time was: what comes with this delivery had not been delivered then.
    since = rows.last_received(db, outlet, by=body["held_at"], before=moments.text(now))
    sales, subsidy_fen = rows.sold_offline(db, outlet, after_seq=since, before_seq=entry.seq)
    sales, subsidy_fen = sales + 1, subsidy_fen + body["subsidy_fen"]
    if sales <= caps.sales and subsidy_fen <= caps.subsidy_fen:
        return None
    params = {"sales": sales, "sales_max": caps.sales}
    return Judgement(
        "suspended", BEYOND_CAPS, {**params, "subsidy_fen": subsidy_fen, "subsidy_max_fen": caps.subsidy_fen}
    )


def _is_offline(body: Mapping[str, Any]) -> bool:
    return body.get("authorisation") == "offline"
