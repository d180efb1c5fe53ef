"""The city's money: a ledger that only grows, payment runs, and where shops are paid to.

A posting is two or more entries that sum to zero. Accounts are ``outlet:<outlet>`` (what the city
owes a shop; negative: what the shop owes), ``pool:<programme>`` and ``bank``.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)

from pos_subsidy.hub.store.append_only import APPEND_ONLY
from pos_subsidy.hub.store.schema import metadata

ledger_entry = Table(
    "ledger_entry",
    metadata,
    Column("posting_no", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("why", Text, nullable=False),
    Column("redemption_id", Text),
    Column("run_id", Text),
    CheckConstraint("amount_fen <> 0"),
    CheckConstraint("why IN ('claim', 'payment', 'returned')"),
    info=APPEND_ONLY,
)
Index("ledger_of_account", ledger_entry.c.account)
Index("ledger_of_claim", ledger_entry.c.redemption_id)

payment_run = Table(
    "payment_run",
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("made_at", Text, nullable=False),
    Column("made_by", Text, nullable=False),
)

payment = Table(
    "payment",
    metadata,
    Column("payment_no", Text, primary_key=True),
    Column("run_id", ForeignKey("payment_run.run_id"), nullable=False),
    Column("outlet", ForeignKey("outlet.outlet"), nullable=False),
    Column("payee_no", Integer),
    Column("amount_fen", BigInteger, nullable=False),
    Column("carried_fen", BigInteger, nullable=False),  # still owed by the shop, never above 0
    Column("status", Text, nullable=False),
    Column("why", Text),
    Column("bank_ref", Text),
    Column("answered_at", Text),
    CheckConstraint("amount_fen >= 0 AND carried_fen <= 0"),
    CheckConstraint("status IN ('made', 'paid', 'returned', 'netted', 'withheld')"),
)
Index("payment_of_outlet", payment.c.outlet)

# Every word of the bank's on a payment: one that arrived may still come back.
bank_word = Table(
    "bank_word",
    metadata,
    Column("payment_no", ForeignKey("payment.payment_no"), primary_key=True),
    Column("word_no", Integer, primary_key=True),
    Column("status", Text, nullable=False),
    Column("bank_ref", Text, nullable=False),
    Column("said_at", Text, nullable=False),
    CheckConstraint("status IN ('paid', 'returned')"),
    info=APPEND_ONLY,
)

# Which claims' postings a payment settles. A returned payment lets go of them.
payment_posting = Table(
    "payment_posting",
    metadata,
    Column("payment_no", ForeignKey("payment.payment_no"), primary_key=True),
    Column("posting_no", BigInteger, primary_key=True, autoincrement=False),
)
Index("payment_of_posting", payment_posting.c.posting_no)

# Every account a shop ever named; the newest confirmed one counts. The number is sealed.
payee = Table(
    "payee",
    metadata,
    Column("outlet", ForeignKey("outlet.outlet"), primary_key=True),
    Column("payee_no", Integer, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("bank", Text, nullable=False),
    Column("number_sealed", LargeBinary, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", Text, nullable=False),
    Column("confirmed_by", Text),
    Column("confirmed_at", Text),
)
