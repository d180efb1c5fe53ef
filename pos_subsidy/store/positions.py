"""Reading what decides where the subsidy of each sale stands."""

from bisect import bisect_right
from datetime import date

from sqlite_utils import Database

from pos_subsidy.domain.positions import Booked, Sold
from pos_subsidy.store.db import rows


def sold(db: Database) -> list[Sold]:
    """Return every redemption with its lines' subsidies, in journal order."""
    lines: dict[str, list[Booked]] = {}
    for redemption_id, seq, subsidy_fen in db.execute(
        "SELECT redemption_id, journal_seq, subsidy_fen FROM redemption_line ORDER BY journal_seq"
    ):
        lines.setdefault(redemption_id, []).append(Booked(seq, subsidy_fen))
    moments, heard = _heard(db)
    found = rows(
        db,
        "SELECT redemption_id, order_no, category, unit_class, business_date, journal_seq, status, verdict,"
        " verdict_code, verdict_params, verdict_at FROM redemption ORDER BY journal_seq",
    )
    return [
        Sold(
            redemption_id=one["redemption_id"],
            order_no=one["order_no"],
            category=one["category"],
            unit_class=one["unit_class"],
            sold_on=date.fromisoformat(one["business_date"]),
            seq=one["journal_seq"],
            is_reversed=one["status"] == "reversed",
            verdict=one["verdict"],
            verdict_code=one["verdict_code"],
            verdict_params=one["verdict_params"],
            heard_seq=heard[bisect_right(moments, one["verdict_at"] or "")],
            lines=tuple(lines.get(one["redemption_id"], ())),
        )
        for one in found
    ]


def _heard(db: Database) -> tuple[list[str], list[int]]:
    """Return the moments of the city's receipts, and what it had before the first and after each."""
    moments: list[str] = []
    heard = [0]
    for last_seq, received_at in db.execute("SELECT last_seq, received_at FROM receipt ORDER BY received_at"):
        moments.append(received_at)
        heard.append(max(last_seq, heard[-1]))
    return moments, heard
