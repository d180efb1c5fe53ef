"""The hub's tables. Rows of shops are kept as they came; everything else follows from them."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

outlet = Table(
    "outlet",
    metadata,
    Column("outlet", String(23), primary_key=True),
    Column("name", Text, nullable=False),
    Column("merchant_name", Text, nullable=False),
    Column("merchant_uscc", String(18), nullable=False),
    Column("region", String(6), nullable=False),
    Column("status", String(12), nullable=False),
    Column("enrolled_at", String(24), nullable=False),
    Column("last_seq", Integer, nullable=False, default=0),
    Column("head_hash", String(64), nullable=False),
    Column("verdict_counter", Integer, nullable=False, default=0),
    CheckConstraint("status IN ('active', 'suspended', 'quarantined')"),
)

outlet_key = Table(
    "outlet_key",
    metadata,
    Column("kid", String(16), primary_key=True),
    Column("outlet", ForeignKey("outlet.outlet"), primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("added_at", String(24), nullable=False),
    Column("revoked_at", String(24)),
)

enrolment_code = Table(
    "enrolment_code",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("made_at", String(24), nullable=False),
    Column("used_by", String(23)),
)

row = Table(
    "row",
    metadata,
    Column("outlet", ForeignKey("outlet.outlet"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", String(24), nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("kid", String(16), nullable=False),
    Column("signature", String(128), nullable=False),
    Column("received_at", String(24), nullable=False),
    Column("parked", Text),
)

# A shop that shows another past than the one it signed before: both are kept for people.
fork = Table(
    "fork",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("outlet", ForeignKey("outlet.outlet"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("stored_hash", String(64), nullable=False),
    Column("other_row", Text, nullable=False),
    Column("seen_at", String(24), nullable=False),
)

identity = Table(
    "identity",
    metadata,
    Column("commitment", String(64), primary_key=True),
    Column("person", String(64), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

hold = Table(
    "hold",
    metadata,
    Column("outlet", ForeignKey("outlet.outlet"), primary_key=True),
    Column("hold_id", String(40), primary_key=True),
    Column("person", String(64)),
    Column("programme", Text),
    Column("unit_class", Text),
    Column("subsidy_fen", Integer),
    Column("expires_at", String(24)),
    Column("status", String(12), nullable=False),
    Column("asked_at", String(24), nullable=False),
    CheckConstraint("status IN ('held', 'confirmed', 'cancelled', 'claimed', 'expired')"),
)

claim = Table(
    "claim",
    metadata,
    Column("redemption_id", String(40), primary_key=True),
    Column("outlet", ForeignKey("outlet.outlet"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("hold_id", String(40), nullable=False),
    Column("order_no", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("programme", Text, nullable=False),
    Column("unit_class", Text, nullable=False),
    Column("person", String(64)),
    Column("business_date", String(10), nullable=False),
    Column("price_fen", Integer, nullable=False),
    Column("subsidy_fen", Integer, nullable=False),
    Column("net_subsidy_fen", Integer, nullable=False),
    Column("unit_used", Boolean, nullable=False),
    Column("verdict", String(12), nullable=False),
    Column("code", Text),
    Column("params", Text, nullable=False),
    Column("judged_at", String(24), nullable=False),
    Column("received_at", String(24), nullable=False),
    UniqueConstraint("outlet", "seq"),
)
Index("claim_of_person", claim.c.person, claim.c.programme, claim.c.unit_class)

# Who holds or used a piece, city-wide and for all years. `owner` is a hold or a claim.
piece = Table(
    "piece",
    metadata,
    Column("space", String(6), primary_key=True),
    Column("number", String(40), primary_key=True),
    Column("outlet", String(23), primary_key=True),
    Column("hold_id", String(40), primary_key=True),
    Column("live", Boolean, nullable=False),
)
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
    Column("redemption_id", String(40), nullable=False),
    Column("verdict", String(12), nullable=False),
    Column("code", Text),
    Column("params", Text, nullable=False),
    Column("judged_at", String(24), nullable=False),
)
