"""What shows that this database takes writes: a few rows that are written over and over."""

from sqlalchemy import Column, Integer, Table, Text

from pos_subsidy.hub.store.schema import metadata

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
)
