"""Which hold or claim occupies which unit of a person: the database itself gives each away once."""

from sqlalchemy import CheckConstraint, Column, Integer, Table, Text, UniqueConstraint

from pos_subsidy.hub.store.schema import metadata

# Every key holds the person, so that all of a person's units can lie on one node.
unit = Table(
    "unit",
    metadata,
    Column("person", Text, primary_key=True),
    Column("programme", Text, primary_key=True),
    Column("unit_class", Text, primary_key=True),
    Column("slot", Integer, primary_key=True),
    Column("outlet", Text, nullable=False),
    Column("hold_id", Text, nullable=False),
    Column("kept_until", Text),  # a hold that was not paid yet; none: for good
    UniqueConstraint("person", "outlet", "hold_id"),
    CheckConstraint("slot > 0"),
    sqlite_with_rowid=False,
)
