"""How the service is doing: for probes, for the page's header, for counting."""

from datetime import datetime, timedelta
from typing import Any

from pos_subsidy.domain import moments
from pos_subsidy.domain.nights import DONE
from pos_subsidy.services import city_budget, city_lists, city_sync, key_feed, nightly, offline, rules_age
from pos_subsidy.services.shop import Shop
from pos_subsidy.store import batches, catalogue, holds, journal, settings
from pos_subsidy.store.db import TillDatabase, write_transaction

_CLOCK_TOLERANCE = timedelta(minutes=1)


def must_be_writable(db: TillDatabase, *, now: datetime) -> None:
    """Pass if a durable write works; raises Unavailable if not."""
    with write_transaction(db):
        settings.put(db, "written_at", moments.text(now))


def state(db: TillDatabase, shop: Shop, *, now: datetime) -> dict[str, Any]:
    """Return what the cashier's header shows: line, rules, lists, caps, clock."""
    left = offline.allowance(db, shop)
    last = journal.head(db)
    behind = last is not None and moments.moment(last.at) - now > _CLOCK_TOLERANCE
    return {
        "outlet": shop.outlet_id,
        "demo": shop.demo,
        "hub": "none" if shop.city is None else shop.city.state()["hub"],
        "hub_since": None if shop.city is None else shop.city.state()["since"],
        "offline_sales_left": left.sales_left,
        "offline_subsidy_left_fen": left.subsidy_left_fen,
        "acknowledged_seq": int(settings.get(db, offline.ACKNOWLEDGED_SEQ) or 0),
        "acknowledged_at": settings.get(db, "acknowledged_at"),
        "journal_seq": last.seq if last else 0,
        "clock_behind": behind,
        "rules_heard_at": rules_age.heard_at(db),
        "rules_days_old": None if shop.city is None else rules_age.days_old(db, now=now),
        "catalogue_loaded_at": catalogue.newest_load(db),
        "products": catalogue.count(db),
        **city_lists.numbers(db),
        "open_holds": len(holds.open_holds(db)),
        "nightly": nightly.told(db),
        "parked_rows": city_sync.parked_rows(db),
        "key_warning": key_feed.warning(db, shop, now=now),
        "budget": city_budget.notices(db),
    }


def counts(db: TillDatabase, shop: Shop) -> dict[str, float]:
    """Return gauges."""
    left = offline.allowance(db, shop)
    last = journal.head(db)
    closed = batches.last(db)
    night = nightly.told(db)
    ran = night["last"] or {}
    return {
        "journal_entries": last.seq if last else 0,
        "journal_acknowledged": int(settings.get(db, offline.ACKNOWLEDGED_SEQ) or 0),
        "journal_closed": closed.last_seq if closed else 0,
        "open_holds": len(holds.open_holds(db)),
        "offline_sales_left": left.sales_left,
        "offline_subsidy_left_fen": left.subsidy_left_fen,
        "products": catalogue.count(db),
        "nightly_last_ended_seconds": _seconds(ran.get("ended_at")),
        "nightly_last_ok": 1.0 if ran.get("outcome") == DONE else 0.0,
        "nightly_next_seconds": _seconds(night["next_at"]),
        "parked_rows": len(city_sync.parked_rows(db)),
        "hub_online": 1.0 if shop.city is not None and shop.city.state()["hub"] == "online" else 0.0,
    }


def _seconds(written: str | None) -> float:
    """Return a moment as seconds since 1970, as Prometheus counts; 0 where there was none."""
    return moments.moment(written).timestamp() if written else 0.0
