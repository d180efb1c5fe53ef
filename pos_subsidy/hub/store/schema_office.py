"""The people of the city's office: accounts, wrong passwords, and a log of who did what."""

from sqlalchemy import DDL, BigInteger, Boolean, CheckConstraint, Column, Index, Integer, Table, Text, event

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
)
Index("office_log_by", office_log.c.by)
Index("office_log_about", office_log.c.about)

for _verb in ("UPDATE", "DELETE"):
    event.listen(
        office_log,
        "after_create",
        DDL(
            f"CREATE TRIGGER office_log_no_{_verb.lower()} BEFORE {_verb} ON office_log"
            " BEGIN SELECT RAISE (ABORT, 'office_log is append-only'); END"
        ).execute_if(dialect="sqlite"),
    )
event.listen(
    office_log,
    "after_create",
    DDL(
        "CREATE FUNCTION office_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'office_log is append-only'; END $$;"
        " CREATE TRIGGER office_log_only_grows BEFORE UPDATE OR DELETE ON office_log"
        " FOR EACH ROW EXECUTE FUNCTION office_log_only_grows()"
    ).execute_if(dialect="postgresql"),
)
