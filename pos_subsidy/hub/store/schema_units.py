"""Which hold or claim occupies which unit of a person: the database itself gives each away once."""

from sqlalchemy import CheckConstraint, Column, Integer, Table, Text

from pos_subsidy.hub.store.schema import metadata

# The key holds the person, so that all of a person's units can lie on one node. That a hold has one unit
# follows from its own key, and for claims from ``judgement.must_be_unclaimed``: a second unique index
# here would be a second page of chance for every claim.
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
    CheckConstraint("slot > 0"),
    sqlite_with_rowid=False,
)
