"""Tables that only grow: the database itself refuses to change or delete a row of theirs.

A table that says ``info=APPEND_ONLY`` gets its triggers from the migration that makes it; the
command that writes migrations puts ``op.append_only`` there by itself.
"""

from typing import Any

from alembic.autogenerate import renderers
from alembic.operations import MigrateOperation, Operations
from sqlalchemy import Table

APPEND_ONLY = {"append_only": True}


def is_append_only(table: Table) -> bool:
    return bool(table.info.get("append_only"))


def statements(table: str, dialect: str) -> list[str]:
    """Return what makes the database refuse changes; doing it twice changes nothing."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
            f" BEGIN SELECT RAISE (ABORT, '{table} is append-only'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        f"CREATE OR REPLACE FUNCTION {table}_only_grows() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$",
        f"CREATE OR REPLACE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {table}_only_grows()",
    ]


@Operations.register_operation("append_only")
class AppendOnly(MigrateOperation):
    """``op.append_only(table)`` in a migration."""

    def __init__(self, table: str) -> None:
        self.table = table

    @classmethod
    def append_only(cls, operations: Operations, table: str) -> Any:
        return operations.invoke(cls(table))

    def reverse(self) -> "AppendOnly":
        return self


@Operations.implementation_for(AppendOnly)
def _apply(operations: Operations, asked: AppendOnly) -> None:
    for statement in statements(asked.table, operations.get_bind().dialect.name):
        operations.execute(statement)


@renderers.dispatch_for(AppendOnly)
def _render(_context: Any, asked: AppendOnly) -> str:
    return f"op.append_only({asked.table!r})"
