"""The city's budget: pools of money, what is drawn from each, and every decision that fills or moves it.

A pool is an account that may not go below zero. What was put in is what is left, held by running
holds and used by claims, at every moment.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
)

from pos_subsidy.hub.store.append_only import APPEND_ONLY
from pos_subsidy.hub.store.schema import metadata

pool = Table(
    "pool",
    metadata,
    Column("pool_id", Text, primary_key=True),
    Column("programme", Text, nullable=False),
    Column("region", Text, nullable=False),  # a region's code without the zeros that stand for all of it
    Column("period", Text, nullable=False),
    Column("first_day", Text, nullable=False),
    Column("last_day", Text, nullable=False),
    # What decisions put in, and what of it nobody holds or has used. A sale on its way from held to used
    # touches neither, so that a night's upload keeps no till waiting.
    Column("put_in_fen", BigInteger, nullable=False),
    Column("left_fen", BigInteger, nullable=False),
    Column("warn_percent", Integer),
    Column("opened_at", Text, nullable=False),
    CheckConstraint("left_fen >= 0 AND left_fen <= put_in_fen"),
    CheckConstraint("warn_percent BETWEEN 1 AND 100"),
)
Index("pool_of_programme", pool.c.programme, pool.c.first_day)

# Who put how much where, and why. A move has both ends; what is granted comes from outside. The share gone
# from which shops are told is decided too, and moves nothing.
pool_decision = Table(
    "pool_decision",
    metadata,
    Column("decision_no", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("clause", Text, nullable=False),
    Column("from_pool", ForeignKey("pool.pool_id")),
    Column("to_pool", ForeignKey("pool.pool_id"), nullable=False),
    Column("fen", BigInteger, nullable=False),
    Column("warn_percent", Integer),
    CheckConstraint("what IN ('granted', 'moved', 'warned') AND (what = 'moved') = (from_pool IS NOT NULL)"),
    CheckConstraint("fen >= 0 AND (fen = 0) = (what = 'warned')"),
    info=APPEND_ONLY,
)

# What one sale has of a pool: held before it is paid, used once its row is on the books.
pool_draw = Table(
    "pool_draw",
    metadata,
    Column("outlet", Text, primary_key=True),
    Column("hold_id", Text, primary_key=True),
    Column("pool_id", ForeignKey("pool.pool_id"), primary_key=True),
    Column("held_fen", BigInteger, nullable=False),
    Column("used_fen", BigInteger, nullable=False),
    ForeignKeyConstraint(["outlet"], ["outlet.outlet"]),
    CheckConstraint("held_fen >= 0 AND used_fen >= 0"),
)

Index("pool_draw_of_pool", pool_draw.c.pool_id)

# Nothing stands in it: whoever was undone by others waits in line by locking it.
hold_line = Table("hold_line", metadata, Column("place", Integer, primary_key=True))

# How much of what a shop has sold and nobody has judged yet is paid in advance; the newest counts.
prepay_share = Table(
    "prepay_share",
    metadata,
    Column("share_no", Integer, primary_key=True, autoincrement=False),
    Column("programme", Text, nullable=False),
    Column("percent", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("clause", Text, nullable=False),
    CheckConstraint("percent BETWEEN 0 AND 100"),
    info=APPEND_ONLY,
)

# Which payments were made in advance. What became of each stands in `payment`.
prepayment = Table(
    "prepayment",
    metadata,
    Column("payment_no", ForeignKey("payment.payment_no"), primary_key=True),
    Column("waiting_fen", BigInteger, nullable=False),
    Column("share_nos", Text, nullable=False),
)
