"""Rows lie by month on PostgreSQL."""

from datetime import UTC, datetime

from alembic import op

from pos_subsidy.hub.store import monthly

revision = "h0011"
down_revision = "h0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    monthly.partition(op.get_bind(), today=datetime.now(UTC).date())
