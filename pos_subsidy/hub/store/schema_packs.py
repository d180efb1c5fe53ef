"""Packs of rules: those that wait for a second person, and those that are published."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from pos_subsidy.hub.store.append_only import APPEND_ONLY
from pos_subsidy.hub.store.schema import metadata

pack_proposal = Table(
    "pack_proposal",
    metadata,
    Column("proposal_no", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("programme", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("from_day", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", Text, nullable=False),
    CheckConstraint("status IN ('waiting', 'published', 'withdrawn')"),
)
Index("pack_proposal_status", pack_proposal.c.status)

# Numbered without a gap, signed, never overwritten.
published_pack = Table(
    "published_pack",
    metadata,
    Column("pack_no", Integer, primary_key=True, autoincrement=False),
    Column("proposal_no", ForeignKey("pack_proposal.proposal_no"), nullable=False, unique=True),
    Column("sha256", Text, nullable=False),
    Column("signed", Text, nullable=False),
    Column("confirmed_by", Text, nullable=False),
    Column("confirmed_at", Text, nullable=False),
    info=APPEND_ONLY,
)
