"""The city's budget: pools of money, what is drawn from each, and every decision that fills or moves it.

A pool is an account that may not go below zero. What was put in is what is left, held by running
holds and used by claims, at every moment.
"""

from sqlalchemy import (
    DDL,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    event,
)

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

# Who put how much where, and why. A move has both ends; what is granted comes from outside.
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
    CheckConstraint("what IN ('granted', 'moved') AND (what = 'moved') = (from_pool IS NOT NULL)"),
    CheckConstraint("fen > 0"),
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
)

# Which payments were made in advance. What became of each stands in `payment`.
prepayment = Table(
    "prepayment",
    metadata,
    Column("payment_no", ForeignKey("payment.payment_no"), primary_key=True),
    Column("waiting_fen", BigInteger, nullable=False),
    Column("share_nos", Text, nullable=False),
)

for _table in (pool_decision, prepay_share):
    for _verb in ("UPDATE", "DELETE"):
        event.listen(
            _table,
            "after_create",
            DDL(
                f"CREATE TRIGGER {_table.name}_no_{_verb.lower()} BEFORE {_verb} ON {_table.name}"
                f" BEGIN SELECT RAISE (ABORT, '{_table.name} is append-only'); END"
            ).execute_if(dialect="sqlite"),
        )
    event.listen(
        _table,
        "after_create",
        DDL(
            f"CREATE FUNCTION {_table.name}_only_grows() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{_table.name} is append-only'; END $$;"
            f" CREATE TRIGGER {_table.name}_only_grows BEFORE UPDATE OR DELETE ON {_table.name}"
            f" FOR EACH ROW EXECUTE FUNCTION {_table.name}_only_grows()"
        ).execute_if(dialect="postgresql"),
    )
