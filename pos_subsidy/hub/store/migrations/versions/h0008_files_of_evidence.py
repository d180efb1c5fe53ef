"""files of evidence."""

import sqlalchemy as sa
from alembic import op

revision = "h0008"
down_revision = "h0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evidence_content",
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.Column("purged_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["outlet"],
            ["outlet.outlet"],
        ),
        sa.PrimaryKeyConstraint("outlet", "sha256"),
    )
    op.create_table(
        "evidence_name",
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("redemption_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outlet"],
            ["outlet.outlet"],
        ),
        sa.PrimaryKeyConstraint("outlet", "seq", "part"),
        info={"append_only": True},
    )
    op.append_only("evidence_name")
    op.create_index("evidence_name_of_claim", "evidence_name", ["redemption_id"], unique=False)
    op.create_index("evidence_name_of_file", "evidence_name", ["outlet", "sha256"], unique=False)
    op.create_table(
        "evidence_ask",
        sa.Column("redemption_id", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["redemption_id"],
            ["claim.redemption_id"],
        ),
        sa.PrimaryKeyConstraint("redemption_id"),
        info={"append_only": True},
    )
    op.append_only("evidence_ask")
    # Appeals had a table of their own for what their files hold.
    op.execute(
        "INSERT INTO evidence_content (outlet, sha256, sealed, received_at)"
        " SELECT outlet, sha256, sealed, received_at FROM appeal_content"
    )
    op.drop_table("appeal_content")
