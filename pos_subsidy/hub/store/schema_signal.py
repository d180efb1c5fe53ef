"""Keyed hashes by which signals tell that two persons share something. Made from sealed identities, once."""

from sqlalchemy import Column, ForeignKey, Table, Text

from pos_subsidy.hub.store.schema import metadata

identity_tie = Table(
    "identity_tie",
    metadata,
    Column("commitment", ForeignKey("identity.commitment"), primary_key=True),
    Column("phone", Text, nullable=False),  # HMAC under the city's secret; empty where there is none
)
