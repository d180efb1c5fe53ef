"""Appeals of shops: what they said, the files they named and sent, what was decided.

Only ever appended. What the files hold lies with the evidence's (``schema_evidence``).
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
)

from pos_subsidy.hub.store.append_only import APPEND_ONLY
from pos_subsidy.hub.store.schema import metadata

appeal = Table(
    "appeal",
    metadata,
    Column("appeal_id", Text, primary_key=True),
    Column("outlet", ForeignKey("outlet.outlet"), nullable=False),
    Column("redemption_id", ForeignKey("claim.redemption_id"), nullable=False),
    Column("seq", Integer, nullable=False),  # the signed row that says all this
    Column("verdict", Text, nullable=False),
    Column("code", Text),
    Column("judged_at", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("received_at", Text, nullable=False),
    CheckConstraint("verdict IN ('rejected', 'suspended')"),
    info=APPEND_ONLY,
)
Index("appeal_of_claim", appeal.c.redemption_id)

appeal_file = Table(
    "appeal_file",
    metadata,
    Column("appeal_id", ForeignKey("appeal.appeal_id"), primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("media", Text, nullable=False),
    info=APPEND_ONLY,
)

appeal_decision = Table(
    "appeal_decision",
    metadata,
    Column("appeal_id", ForeignKey("appeal.appeal_id"), primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Text, nullable=False),
    CheckConstraint("outcome IN ('granted', 'refused')"),
    info=APPEND_ONLY,
)
