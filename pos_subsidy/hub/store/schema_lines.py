"""The line in which batches wait for each other; that of the holds is in ``schema_pools``."""

from sqlalchemy import Column, Integer, Table

from pos_subsidy.hub.store.schema import metadata

# Nothing stands in it: a batch has its turn by locking it.
intake_line = Table("intake_line", metadata, Column("place", Integer, primary_key=True))
