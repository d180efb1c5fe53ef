"""Appeals, their files, and what was decided about them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, insert, select

from pos_subsidy.domain.journal import Entry
from pos_subsidy.hub.store import rows, traces
from pos_subsidy.hub.store.schema import claim, outlet
from pos_subsidy.hub.store.schema_appeal import appeal, appeal_decision, appeal_file
from pos_subsidy.hub.store.schema_evidence import evidence_content
from pos_subsidy.hub.store.schema_review import review_step


def add(db: Connection, files: Sequence[dict[str, Any]], **values: Any) -> None:
    db.execute(insert(appeal).values(**values))
    if files:
        db.execute(insert(appeal_file), [{"appeal_id": values["appeal_id"], **one} for one in files])


def find(db: Connection, appeal_id: str) -> dict[str, Any] | None:
    """Return an appeal with its claim's verdict now and what was decided, or None."""
    found = db.execute(_whole().where(appeal.c.appeal_id == appeal_id)).mappings().first()
    return dict(found) if found else None


def listing(db: Connection) -> list[dict[str, Any]]:
    """Return every appeal, the oldest first."""
    found = db.execute(_whole().order_by(appeal.c.received_at, appeal.c.appeal_id))
    return [dict(one) for one in found.mappings()]


def of_claim(db: Connection, redemption_id: str) -> list[dict[str, Any]]:
    chosen = _whole().where(appeal.c.redemption_id == redemption_id)
    found = db.execute(chosen.order_by(appeal.c.received_at, appeal.c.appeal_id))
    return [dict(one) for one in found.mappings()]


def files_of(db: Connection, appeal_id: str) -> list[dict[str, Any]]:
    """Return the files an appeal names, each with the moment it came and that it was purged, or None."""
    file, kept = appeal_file.c, evidence_content.c
    found = db.execute(
        select(file.sha256, file.name, file.media, kept.received_at, kept.purged_at)
        .join(appeal, appeal.c.appeal_id == file.appeal_id)
        .outerjoin(
            evidence_content,
            (kept.sha256 == file.sha256) & (kept.outlet == appeal.c.outlet),
        )
        .where(file.appeal_id == appeal_id)
        .order_by(file.name, file.sha256)
    )
    return [dict(one) for one in found.mappings()]


def decide(db: Connection, appeal_id: str, **values: Any) -> None:
    db.execute(insert(appeal_decision).values(appeal_id=appeal_id, **values))


def deciders(db: Connection, redemption_id: str) -> set[str]:
    """Return everybody who decided about a claim before: as a reviewer, or on an appeal."""
    reviewers = select(review_step.c.by).where(
        review_step.c.redemption_id == redemption_id, review_step.c.what != "looked"
    )
    judges = (
        select(appeal_decision.c.by)
        .join(appeal, appeal.c.appeal_id == appeal_decision.c.appeal_id)
        .where(appeal.c.redemption_id == redemption_id)
    )
    return set(db.execute(reviewers).scalars()) | set(db.execute(judges).scalars())


def rows_about(
    db: Connection, outlet: str, number: str, kinds: Sequence[str], *, from_seq: int
) -> list[Entry]:
    """Return a shop's signed rows of some kinds that speak of a claim, in order."""
    return [
        rows.as_entry(one)
        for one in traces.rows_naming(db, {"claim": number}, outlet=outlet)
        if one["kind"] in kinds and one["seq"] >= from_seq and one["parked"] is None
    ]


def _whole() -> Select[Any]:
    return (
        select(
            appeal,
            outlet.c.name.label("shop"),
            claim.c.order_no,
            claim.c.category,
            claim.c.net_subsidy_fen,
            claim.c.verdict.label("verdict_now"),
            appeal_decision.c.outcome,
            appeal_decision.c.reason,
            appeal_decision.c.note,
            appeal_decision.c.by.label("decided_by"),
            appeal_decision.c.at.label("decided_at"),
        )
        .join(claim, claim.c.redemption_id == appeal.c.redemption_id)
        .join(outlet, outlet.c.outlet == appeal.c.outlet)
        .outerjoin(appeal_decision, appeal_decision.c.appeal_id == appeal.c.appeal_id)
    )
