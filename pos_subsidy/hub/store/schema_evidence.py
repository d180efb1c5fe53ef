"""Files of evidence: which signed row names which, those the city has, those a reviewer asked for."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from pos_subsidy.hub.store.append_only import APPEND_ONLY
from pos_subsidy.hub.store.schema import metadata

evidence_name = Table(
    "evidence_name",
    metadata,
    Column("outlet", ForeignKey("outlet.outlet"), primary_key=True),
    Column("seq", Integer, primary_key=True),  # the signed row
    Column("part", Text, primary_key=True),
    Column("redemption_id", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("received_at", Text, nullable=False),
    info=APPEND_ONLY,
)
Index("evidence_name_of_claim", evidence_name.c.redemption_id)
Index("evidence_name_of_file", evidence_name.c.outlet, evidence_name.c.sha256)

# The files themselves, of evidence and of appeals, as they came: sealed to the city, opened only to be
# looked at. When the time to keep one is over, what stays is that it was here.
evidence_content = Table(
    "evidence_content",
    metadata,
    Column("outlet", ForeignKey("outlet.outlet"), primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("sealed", LargeBinary),
    Column("received_at", Text, nullable=False),
    Column("purged_at", Text),
)

evidence_ask = Table(
    "evidence_ask",
    metadata,
    Column("redemption_id", ForeignKey("claim.redemption_id"), primary_key=True),
    Column("by", Text, nullable=False),
    Column("at", Text, nullable=False),
    info=APPEND_ONLY,
)
