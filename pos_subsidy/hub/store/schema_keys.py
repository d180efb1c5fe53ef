"""What became of the shops' keys, step by step; its number is the keys' feed's counter."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, Table, Text

from pos_subsidy.hub.store.append_only import APPEND_ONLY
from pos_subsidy.hub.store.schema import metadata

key_change = Table(
    "key_change",
    metadata,
    Column("outlet", ForeignKey("outlet.outlet"), primary_key=True),
    Column("counter", Integer, primary_key=True, autoincrement=False),
    Column("kid", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("since", Text),  # from when on a revoked key is not believed
    Column("by", Text, nullable=False),  # a person, or the key that vouched
    Column("why", Text),
    CheckConstraint("what IN ('added', 'ends', 'revoked')"),
    info=APPEND_ONLY,
)
