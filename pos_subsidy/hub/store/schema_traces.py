"""By what the office finds claims again: the numbers that shops' rows name, and indexes for its searches."""

from sqlalchemy import Column, Index, Integer, Table, Text

from pos_subsidy.hub.store.schema import claim, metadata

# Which rows name a voucher, a hold or a redemption.
row_trace = Table(
    "row_trace",
    metadata,
    Column("space", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("outlet", Text, primary_key=True),
    Column("seq", Integer, primary_key=True),
)

INDEXES = (
    # In the order of each shop's sales: by the redemption's number, which is of chance, every claim would
    # change a page of its own.
    Index("claim_of_day", claim.c.business_date, claim.c.outlet, claim.c.seq),
    Index("claim_of_order", claim.c.order_no),
    Index("claim_of_judgement", claim.c.verdict, claim.c.code, claim.c.business_date),
)
