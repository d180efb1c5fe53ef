"""A line whose papers are late is postponed by word, with a reason, and goes on by itself when they come."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from pos_subsidy.domain.evidence import DECIDED
from pos_subsidy.errors import Conflict, Invalid
from pos_subsidy.services import evidence
from pos_subsidy.services.evidence import Story
from pos_subsidy.services.shop import By, Remember, Shop, forget
from pos_subsidy.store import batches, journal
from pos_subsidy.store import evidence as kept
from pos_subsidy.store.db import TillDatabase, read_transaction, write_transaction
from pos_subsidy.store.evidence import Postponed

# Where no programme names a last settlement; who must wait longer says so again.
_A_YEAR = timedelta(days=366)


def postpone(
    db: TillDatabase,
    shop: Shop,
    redemption_id: str,
    until: date | None,
    *,
    reason: str,
    by: By,
    now: datetime,
    remember: Remember = forget,
) -> Postponed:
    """Let a line wait for its papers until a day; the city carries it over, the others go on.

    Raises:
        NotFound: ``redemption_unknown``.
        Invalid: ``reason_required``; ``postpone_day_invalid``, the day is not after today, or is
            beyond the programme's last settlement.
        Conflict: ``evidence_nothing_open``; ``evidence_decided``, the city has judged the line.
    """
    if not reason.strip():
        raise Invalid("reason_required")
    with write_transaction(db):
        now = journal.settled_now(db, now)
        story = evidence.story(db, shop, redemption_id, now=now)
        sold, missing = story.sold, story.checklist.missing
        if sold.verdict in DECIDED:
            raise Conflict("evidence_decided", part=missing[0].code if missing else "", verdict=sold.verdict)
        if not missing:
            raise Conflict("evidence_nothing_open", order_no=sold.order_no)
        today = shop.today(now)
        last = _last_day(shop, sold.category, sold.business_date) or today + _A_YEAR
        if until is None or not today < until <= last:
            raise Invalid("postpone_day_invalid", today=today.isoformat(), last_day=last.isoformat())
        body = {
            "redemption_id": redemption_id,
            "order_no": sold.order_no,
            "until": until.isoformat(),
            "missing": [one.code for one in missing],
            "reason": reason.strip(),
            "till": by.till,
            "cashier": by.cashier,
        }
        journal.append(db, "evidence_postponed", body, at=now, sign=shop.keyring.sign)
        done = kept.postponed(db)[redemption_id]
        remember(done)
    return done


def postponed(db: TillDatabase) -> Mapping[str, Postponed]:
    """Return the lines that wait for their papers, by redemption."""
    with read_transaction(db):
        return kept.postponed(db)


def holding_back(db: TillDatabase, shop: Shop, *, now: datetime) -> list[Story]:
    """Return the lines of the coming batch whose papers are overdue and that nobody postponed.

    What is not due yet holds nothing back.
    """
    with read_transaction(db):
        last = batches.last(db)
        excused = {key for key, one in kept.postponed(db).items() if one.until >= shop.today(now).isoformat()}
        found = evidence.open_since(db, shop, last.last_seq if last else 0, now=now)
    return [
        one
        for one in found
        if one.sold.redemption_id not in excused and any(part.overdue for part in one.checklist.missing)
    ]


def _last_day(shop: Shop, category: str, business_date: str) -> date | None:
    rule = shop.rulebook.rule_in_force(category, date.fromisoformat(business_date))
    return rule.programme.last_settlement_on if rule else None
