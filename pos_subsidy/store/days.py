"""Reading what was decided about days, and months of days."""

from dataclasses import dataclass

from sqlite_utils import Database

from pos_subsidy.store.db import row, rows


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about a difference, and the difference she saw. Amounts are fen."""

    business_date: str
    order_no: str
    kind: str
    source: str
    till_fen: int
    other_fen: int
    decision: str  # accept, correct or ask_city
    reason: str
    needs_second: int
    decided_by: str
    decided_at: str
    confirmed_by: str | None
    confirmed_at: str | None

    @property
    def is_settled(self) -> bool:
        """Whether nobody has to look at it again: accepted, and by two where two are needed."""
        return self.decision == "accept" and (not self.needs_second or self.confirmed_by is not None)


@dataclass(frozen=True, slots=True)
class DaySums:
    """One day in a calendar: lines, money, and how far the city is. Amounts are fen."""

    business_date: str
    sales: int
    net_subsidy_fen: int
    last_seq: int | None  # of its batch
    judged: int
    settled: int


def decisions_of(db: Database, business_date: str) -> dict[str, Decision]:
    """Return the decisions of a day by order number."""
    found = rows(db, "SELECT * FROM difference_decision WHERE business_date = ?", [business_date])
    return {one["order_no"]: Decision(**one) for one in found}


def decision_on(db: Database, business_date: str, order_no: str) -> Decision | None:
    found = row(
        db,
        "SELECT * FROM difference_decision WHERE business_date = ? AND order_no = ?",
        [business_date, order_no],
    )
    return Decision(**found) if found else None


def sums_between(db: Database, first: str, last: str) -> dict[str, DaySums]:
    """Return the days of a closed range on which something was sold, reversed or closed."""
    found = rows(
        db,
        "WITH touched AS (SELECT business_date, count(*) FILTER (WHERE kind = 'sale') AS sales,"
        " sum(subsidy_fen) AS net_subsidy_fen FROM redemption_line"
        " WHERE business_date BETWEEN :first AND :last GROUP BY business_date),"
        " city AS (SELECT business_date, count(verdict) AS judged,"
        " count(*) FILTER (WHERE verdict IN ('settled', 'rejected', 'clawed_back')) AS settled"
        " FROM redemption WHERE business_date BETWEEN :first AND :last GROUP BY business_date),"
        " day AS (SELECT business_date FROM touched UNION"
        " SELECT business_date FROM batch WHERE business_date BETWEEN :first AND :last)"
        " SELECT day.business_date, coalesce(sales, 0) AS sales,"
        " coalesce(net_subsidy_fen, 0) AS net_subsidy_fen, batch.last_seq,"
        " coalesce(judged, 0) AS judged, coalesce(settled, 0) AS settled FROM day"
        " LEFT JOIN touched USING (business_date) LEFT JOIN city USING (business_date)"
        " LEFT JOIN batch USING (business_date)",
        {"first": first, "last": last},
    )
    return {one["business_date"]: DaySums(**one) for one in found}
