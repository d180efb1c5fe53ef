"""fewer keys of chance: a day's claims lie by shop, units by their key alone."""

import sqlalchemy as sa
from alembic import op

revision = "h0015"
down_revision = "h0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("claim_of_day", table_name="claim")
    op.create_index("claim_of_day", "claim", ["business_date", "outlet", "seq"])
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("unit_person_outlet_hold_id_key", "unit")
    else:
        _copy_units()


def _copy_units() -> None:
    # SQLite drops no constraint of a table that is there.
    op.rename_table("unit", "unit_before")
    op.create_table(
        "unit",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("unit_class", sa.Text(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("hold_id", sa.Text(), nullable=False),
        sa.Column("kept_until", sa.Text(), nullable=True),
        sa.CheckConstraint("slot > 0"),
        sa.PrimaryKeyConstraint("person", "programme", "unit_class", "slot"),
        sqlite_with_rowid=False,
    )
    names = "person, programme, unit_class, slot, outlet, hold_id, kept_until"
    op.execute(f"INSERT INTO unit ({names}) SELECT {names} FROM unit_before")
    op.drop_table("unit_before")
