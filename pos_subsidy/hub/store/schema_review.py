"""The city's people: when a shop was suspended, batches under review, every step of a reviewer."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from pos_subsidy.hub.store.schema import metadata

# Every change of a shop's standing: a sale is judged by the one at its own moment.
outlet_standing = Table(
    "outlet_standing",
    metadata,
    Column("outlet", ForeignKey("outlet.outlet"), primary_key=True),
    Column("since", Text, primary_key=True),
    Column("status", Text, nullable=False),
    CheckConstraint("status IN ('active', 'suspended')"),
)

review_batch = Table(
    "review_batch",
    metadata,
    Column("outlet", ForeignKey("outlet.outlet"), primary_key=True),
    Column("batch_id", Text, primary_key=True),
    Column("business_date", Text, nullable=False),
    Column("first_seq", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("approved_by", Text),
    Column("approved_at", Text),
)

# Appended, never changed: who looked, who decided what and why.
review_step = Table(
    "review_step",
    metadata,
    Column("redemption_id", ForeignKey("claim.redemption_id"), primary_key=True),
    Column("step_no", Integer, primary_key=True),
    Column("what", Text, nullable=False),
    Column("reason", Text),
    Column("note", Text, nullable=False),
    Column("until", Text),  # the month a postponed claim is settled in
    Column("warned", Boolean, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Text, nullable=False),
    CheckConstraint("what IN ('looked', 'accepted', 'suspended', 'rejected', 'postponed')"),
)
Index("review_step_by", review_step.c.by)
