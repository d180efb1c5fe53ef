"""The people of the city's office: accounts, wrong passwords, and a log of who did what."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Integer, Table, Text

from pos_subsidy.hub.store.append_only import APPEND_ONLY
from pos_subsidy.hub.store.schema import metadata

office_staff = Table(
    "office_staff",
    metadata,
    Column("username", Text, primary_key=True),
    Column("display_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("session_no", Integer, nullable=False),  # one more ends every session that was begun
    Column("added_at", Text, nullable=False),
)

# By a keyed hash of the name that was typed: it may be a password in the wrong field.
office_try = Table(
    "office_try",
    metadata,
    Column("name_key", Text, primary_key=True),
    Column("wrong", Integer, nullable=False),
    Column("last_at", Text, nullable=False),
    Column("locked_until", Text),
    CheckConstraint("wrong > 0"),
)

# Appended, never changed: what somebody did, to what, and why. No personal data.
office_log = Table(
    "office_log",
    metadata,
    Column("log_no", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("note", Text, nullable=False),
    info=APPEND_ONLY,
)
Index("office_log_by", office_log.c.by)
Index("office_log_about", office_log.c.about)
