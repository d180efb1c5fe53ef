"""keys have days, their changes are kept."""

import sqlalchemy as sa
from alembic import op

revision = "h0002"
down_revision = "h0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "key_change",
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("counter", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.CheckConstraint("what IN ('added', 'ends', 'revoked')"),
        sa.ForeignKeyConstraint(
            ["outlet"],
            ["outlet.outlet"],
        ),
        sa.PrimaryKeyConstraint("outlet", "counter"),
        info={"append_only": True},
    )
    op.append_only("key_change")
    op.add_column("outlet_key", sa.Column("not_before", sa.Text(), nullable=True))
    op.add_column("outlet_key", sa.Column("not_after", sa.Text(), nullable=True))
    op.add_column("row", sa.Column("delivered_by", sa.Text(), nullable=True))
