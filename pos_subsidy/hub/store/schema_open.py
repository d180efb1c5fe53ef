"""What was published of a day. It is kept as it was: two versions side by side would tell of single sales."""

from sqlalchemy import Column, Table, Text

from pos_subsidy.hub.store.schema import metadata

open_day = Table(
    "open_day",
    metadata,
    Column("day", Text, primary_key=True),
    Column("made_at", Text, nullable=False),
    Column("content", Text, nullable=False),
)
