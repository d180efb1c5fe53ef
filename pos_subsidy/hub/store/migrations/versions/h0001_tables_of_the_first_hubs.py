"""The tables of the first hubs.

A hub of before there were steps has some or all of them; it is taken over as it stands.
"""

import sqlalchemy as sa
from alembic import op

revision = "h0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enrolment_code",
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("used_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("code_hash"),
        if_not_exists=True,
    )
    op.create_table(
        "identity",
        sa.Column("commitment", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("commitment"),
        if_not_exists=True,
    )
    op.create_table(
        "ledger_entry",
        sa.Column("posting_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("redemption_id", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.CheckConstraint("why IN ('claim', 'payment', 'returned')"),
        sa.CheckConstraint("amount_fen <> 0"),
        sa.PrimaryKeyConstraint("posting_no", "position"),
        info={"append_only": True},
        if_not_exists=True,
    )
    op.append_only("ledger_entry")
    op.create_index("ledger_of_account", "ledger_entry", ["account"], unique=False, if_not_exists=True)
    op.create_index("ledger_of_claim", "ledger_entry", ["redemption_id"], unique=False, if_not_exists=True)
    op.create_table(
        "outlet",
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("merchant_name", sa.Text(), nullable=False),
        sa.Column("merchant_uscc", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("enrolled_at", sa.Text(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.Text(), nullable=False),
        sa.Column("verdict_counter", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('active', 'suspended', 'quarantined')"),
        sa.PrimaryKeyConstraint("outlet"),
        if_not_exists=True,
    )
    op.create_table(
        "payment_run",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run_id"),
        if_not_exists=True,
    )
    op.create_table(
        "piece",
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("hold_id", sa.Text(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("space", "number", "outlet", "hold_id"),
        if_not_exists=True,
    )
    op.create_index(
        "piece_live",
        "piece",
        ["space", "number"],
        unique=True,
        sqlite_where=sa.text("live = 1"),
        postgresql_where=sa.text("live"),
        if_not_exists=True,
    )
    op.create_index("piece_of_hold", "piece", ["outlet", "hold_id"], unique=False, if_not_exists=True)
    op.create_table(
        "claim",
        sa.Column("redemption_id", sa.Text(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hold_id", sa.Text(), nullable=False),
        sa.Column("order_no", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("unit_class", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("business_date", sa.Text(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("subsidy_fen", sa.BigInteger(), nullable=False),
        sa.Column("net_subsidy_fen", sa.BigInteger(), nullable=False),
        sa.Column("unit_used", sa.Boolean(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("judged_at", sa.Text(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outlet"],
            ["outlet.outlet"],
        ),
        sa.PrimaryKeyConstraint("redemption_id"),
        sa.UniqueConstraint("outlet", "seq"),
        if_not_exists=True,
    )
    op.create_index("claim_of_hold", "claim", ["outlet", "hold_id"], unique=False, if_not_exists=True)
    op.create_index(
        "claim_of_person", "claim", ["person", "programme", "unit_class"], unique=False, if_not_exists=True
    )
    op.create_table(
        "fork",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("stored_hash", sa.Text(), nullable=False),
        sa.Column("other_row", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outlet"],
            ["outlet.outlet"],
        ),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,
    )
    op.create_table(
        "hold",
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("hold_id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("programme", sa.Text(), nullable=True),
        sa.Column("unit_class", sa.Text(), nullable=True),
        sa.Column("subsidy_fen", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('held', 'confirmed', 'cancelled', 'claimed', 'expired')"),
        sa.ForeignKeyConstraint(
            ["outlet"],
            ["outlet.outlet"],
        ),
        sa.PrimaryKeyConstraint("outlet", "hold_id"),
        if_not_exists=True,
    )
    op.create_index("hold_due", "hold", ["status", "expires_at"], unique=False, if_not_exists=True)
    op.create_index(
        "hold_of_person", "hold", ["person", "programme", "unit_class"], unique=False, if_not_exists=True
    )
    op.create_table(
        "outlet_key",
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["outlet"],
            ["outlet.outlet"],
        ),
        sa.PrimaryKeyConstraint("kid", "outlet"),
        if_not_exists=True,
    )
    op.create_table(
        "outlet_standing",
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('active', 'suspended')"),
        sa.ForeignKeyConstraint(
            ["outlet"],
            ["outlet.outlet"],
        ),
        sa.PrimaryKeyConstraint("outlet", "since"),
        if_not_exists=True,
    )
    op.create_table(
        "payee",
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("payee_no", sa.Integer(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("confirmed_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["outlet"],
            ["outlet.outlet"],
        ),
        sa.PrimaryKeyConstraint("outlet", "payee_no"),
        if_not_exists=True,
    )
    op.create_table(
        "payment",
        sa.Column("payment_no", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("payee_no", sa.Integer(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("carried_fen", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("bank_ref", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.Text(), nullable=True),
        sa.CheckConstraint("status IN ('made', 'paid', 'returned', 'netted', 'withheld')"),
        sa.CheckConstraint("amount_fen >= 0 AND carried_fen <= 0"),
        sa.ForeignKeyConstraint(
            ["outlet"],
            ["outlet.outlet"],
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["payment_run.run_id"],
        ),
        sa.PrimaryKeyConstraint("payment_no"),
        if_not_exists=True,
    )
    op.create_index("payment_of_outlet", "payment", ["outlet"], unique=False, if_not_exists=True)
    op.create_table(
        "review_batch",
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("business_date", sa.Text(), nullable=False),
        sa.Column("first_seq", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["outlet"],
            ["outlet.outlet"],
        ),
        sa.PrimaryKeyConstraint("outlet", "batch_id"),
        if_not_exists=True,
    )
    op.create_table(
        "row",
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.Column("parked", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["outlet"],
            ["outlet.outlet"],
        ),
        sa.PrimaryKeyConstraint("outlet", "seq"),
        if_not_exists=True,
    )
    op.create_table(
        "verdict",
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("counter", sa.Integer(), nullable=False),
        sa.Column("redemption_id", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("judged_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outlet"],
            ["outlet.outlet"],
        ),
        sa.PrimaryKeyConstraint("outlet", "counter"),
        if_not_exists=True,
    )
    op.create_table(
        "payment_posting",
        sa.Column("payment_no", sa.Text(), nullable=False),
        sa.Column("posting_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_no"],
            ["payment.payment_no"],
        ),
        sa.PrimaryKeyConstraint("payment_no", "posting_no"),
        if_not_exists=True,
    )
    op.create_index("payment_of_posting", "payment_posting", ["posting_no"], unique=False, if_not_exists=True)
    op.create_table(
        "review_step",
        sa.Column("redemption_id", sa.Text(), nullable=False),
        sa.Column("step_no", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=True),
        sa.Column("warned", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.CheckConstraint("what IN ('looked', 'accepted', 'suspended', 'rejected', 'postponed')"),
        sa.ForeignKeyConstraint(
            ["redemption_id"],
            ["claim.redemption_id"],
        ),
        sa.PrimaryKeyConstraint("redemption_id", "step_no"),
        if_not_exists=True,
    )
    op.create_index("review_step_by", "review_step", ["by"], unique=False, if_not_exists=True)
