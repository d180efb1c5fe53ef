"""The hub's tables. Rows of shops are kept as they came; everything else follows from them.

Text has no length here: SQLite would not keep to it, and the same row must be stored on both.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

outlet = Table(
    "outlet",
    metadata,
    Column("outlet", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("merchant_name", Text, nullable=False),
    Column("merchant_uscc", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("enrolled_at", Text, nullable=False),
    Column("last_seq", Integer, nullable=False, default=0),
    Column("head_hash", Text, nullable=False),
    Column("verdict_counter", Integer, nullable=False, default=0),
    CheckConstraint("status IN ('active', 'suspended', 'quarantined')"),
)

outlet_key = Table(
    "outlet_key",
    metadata,
    Column("kid", Text, primary_key=True),
    Column("outlet", ForeignKey("outlet.outlet"), primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("added_at", Text, nullable=False),
    Column("not_before", Text),  # none: since it was added
    Column("not_after", Text),
    Column("revoked_at", Text),
)

enrolment_code = Table(
    "enrolment_code",
    metadata,
    Column("code_hash", Text, primary_key=True),
    Column("made_at", Text, nullable=False),
    Column("used_by", Text),
)

# On PostgreSQL it lies by month, see ``monthly``: there ``at`` is in the primary key, too.
row = Table(
    "row",
    metadata,
    Column("outlet", ForeignKey("outlet.outlet"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("kid", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("received_at", Text, nullable=False),
    Column("parked", Text),
    Column("delivered_by", Text),  # the id of the key that signed the upload
)

# A shop that shows another past than the one it signed before: both are kept for people.
fork = Table(
    "fork",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("outlet", ForeignKey("outlet.outlet"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("stored_hash", Text, nullable=False),
    Column("other_row", Text, nullable=False),
    Column("seen_at", Text, nullable=False),
)

identity = Table(
    "identity",
    metadata,
    Column("commitment", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

hold = Table(
    "hold",
    metadata,
    Column("outlet", ForeignKey("outlet.outlet"), primary_key=True),
    Column("hold_id", Text, primary_key=True),
    Column("person", Text),
    Column("programme", Text),
    Column("unit_class", Text),
    Column("subsidy_fen", BigInteger),
    Column("expires_at", Text),
    Column("status", Text, nullable=False),
    Column("asked_at", Text, nullable=False),
    CheckConstraint("status IN ('held', 'confirmed', 'cancelled', 'claimed', 'expired')"),
)
Index("hold_due", hold.c.status, hold.c.expires_at)

claim = Table(
    "claim",
    metadata,
    Column("redemption_id", Text, primary_key=True),
    Column("outlet", ForeignKey("outlet.outlet"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("hold_id", Text, nullable=False),
    Column("order_no", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("programme", Text, nullable=False),
    Column("unit_class", Text, nullable=False),
    Column("person", Text),
    Column("business_date", Text, nullable=False),
    Column("price_fen", BigInteger, nullable=False),
    Column("subsidy_fen", BigInteger, nullable=False),
    Column("net_subsidy_fen", BigInteger, nullable=False),
    Column("unit_used", Boolean, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("code", Text),
    Column("params", Text, nullable=False),
    Column("judged_at", Text, nullable=False),
    Column("received_at", Text, nullable=False),
    UniqueConstraint("outlet", "seq"),
)
Index("claim_of_person", claim.c.person, claim.c.programme, claim.c.unit_class)
Index("claim_of_hold", claim.c.hold_id, claim.c.outlet)

# Who holds or used a piece, city-wide and for all years. `owner` is a hold or a claim.
piece = Table(
    "piece",
    metadata,
    Column("space", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("outlet", Text, primary_key=True),
    Column("hold_id", Text, primary_key=True),
    Column("live", Boolean, nullable=False),
)
Index("piece_of_hold", piece.c.outlet, piece.c.hold_id)
Index(
    "piece_live",
    piece.c.space,
    piece.c.number,
    unique=True,
    sqlite_where=text("live = 1"),
    postgresql_where=text("live"),
)

# Every word the city ever said on a claim, in the order it was said to the shop.
verdict = Table(
    "verdict",
    metadata,
    Column("outlet", ForeignKey("outlet.outlet"), primary_key=True),
    Column("counter", Integer, primary_key=True),
    Column("redemption_id", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("code", Text),
    Column("params", Text, nullable=False),
    Column("judged_at", Text, nullable=False),
)
