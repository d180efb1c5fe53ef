"""The city's catalogue and its blocklist: lists that only grow, numbered without a gap, each row chained."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Integer, Table, Text

from pos_subsidy.hub.store.append_only import APPEND_ONLY
from pos_subsidy.hub.store.schema import metadata

city_filing = Table(
    "city_filing",
    metadata,
    Column("filing_no", Integer, primary_key=True, autoincrement=False),
    Column("gtin", Text, nullable=False),
    Column("since", Text, nullable=False),  # the first business date it decides
    Column("status", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("brand", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("energy_rating", Integer),
    Column("has_rating_system", Boolean),
    Column("label_record_no", Text, nullable=False),
    Column("filed_price_fen", BigInteger, nullable=False),
    Column("mean_price_30d_fen", BigInteger),
    Column("why", Text, nullable=False),
    Column("entered_by", Text, nullable=False),
    Column("entered_at", Text, nullable=False),
    Column("hash", Text, nullable=False),
    CheckConstraint("status IN ('in_force', 'withdrawn')"),
    CheckConstraint("filed_price_fen > 0"),
    info=APPEND_ONLY,
)
Index("city_filing_of_product", city_filing.c.gtin, city_filing.c.since, city_filing.c.filing_no)

block_entry = Table(
    "block_entry",
    metadata,
    Column("block_no", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", Text, nullable=False),  # the first business date it decides
    Column("until", Text),  # the last one; none: without an end
    Column("lifts", Integer, unique=True),  # the entry that this one takes back
    Column("note", Text, nullable=False),
    Column("entered_by", Text, nullable=False),
    Column("entered_at", Text, nullable=False),
    Column("hash", Text, nullable=False),
    CheckConstraint("kind IN ('serial', 'imei', 'product', 'merchant', 'outlet')"),
    info=APPEND_ONLY,
)
Index("block_entry_of_thing", block_entry.c.kind, block_entry.c.number)
