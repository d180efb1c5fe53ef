"""How a hub's database reaches this program's schema, on SQLite and on PostgreSQL (Alembic).

The tables are told in ``schema*.py``; the road to them lies in ``migrations/versions``, one file
a step. A new table or column needs both:

1. Tell it in a module ``schema_<thing>.py`` here, on the ``metadata`` of ``schema``; the module is
   found by its name. A table that only grows says ``info=append_only.APPEND_ONLY``.
2. ``python scripts/hub_revision.py "what is new"`` writes the step: it upgrades an empty database,
   compares it with the tables told and writes the difference down, triggers included. Read it; a
   column that may not be NULL needs its ``server_default``, or an UPDATE between two steps.
3. ``tests/hub/test_migrations.py`` fails as long as one of the two is missing.

Steps of two branches may have the same parent: both are carried out. A step is never changed once
it was released. There is no way back: an older program refuses a newer database and says so.
"""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from alembic.autogenerate import RevisionContext, compare_metadata
from alembic.config import Config
from alembic.operations import ops
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from pos_subsidy.errors import Conflict
from pos_subsidy.hub.store import monthly
from pos_subsidy.hub.store.append_only import AppendOnly, is_append_only
from pos_subsidy.hub.store.tables import metadata

_FOLDER = Path(__file__).parent / "migrations"
# Of all processes that want to upgrade one PostgreSQL, one does and the others find it done.
_LOCK = 7_205_902_511
_MARK = "alembic_version"


def create_tables(engine: Engine) -> None:
    """Make the tables in an empty database.

    Raises:
        Conflict: ``database_in_use``, there is a hub's table already.
    """
    if set(inspect(engine).get_table_names()) & {*metadata.tables, _MARK}:
        raise Conflict("database_in_use")
    upgrade(engine)


def upgrade(engine: Engine) -> list[str]:
    """Carry out every step this database has not seen, all or none; return their ids.

    A database of before there were steps is taken over as it stands: the first step makes only
    what is missing.

    Raises:
        Conflict: ``schema_newer``.
    """
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="READ COMMITTED")
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            scripts = _scripts()
            before = _done(connection)
            _refuse_newer(scripts, before)
            _run(connection, lambda revision, _context: scripts._upgrade_revs("heads", revision))
            return sorted(_every(scripts, _done(connection)) - _every(scripts, before))


def state(engine: Engine) -> str:
    """Return how the database stands to this program: ``current``, ``older``, ``newer`` or ``empty``."""
    with engine.connect() as connection:
        return state_of(connection)


def state_of(connection: Connection) -> str:
    """As ``state``, within a transaction."""
    scripts, done = _scripts(), _done(connection)
    if not done:
        return "older" if inspect(connection).has_table("outlet") else "empty"
    if _unknown(scripts, done):
        return "newer"
    return "current" if done == set(scripts.get_heads()) else "older"


def steps_of(connection: Connection) -> list[str]:
    """Return the newest steps a database has seen."""
    return sorted(_done(connection))


def must_be_current(engine: Engine) -> None:
    """Pass if the database has this program's schema.

    Raises:
        Conflict: ``schema_older``, ``schema_newer``.
    """
    match state(engine):
        case "current":
            return
        case "newer":
            raise Conflict("schema_newer")
        case _:
            raise Conflict("schema_older")


def differences(engine: Engine) -> list[Any]:
    """Return what the database lacks of the tables told, or has too much, as Alembic names it."""
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts=_COMPARED), metadata))


def write_revision(engine: Engine, message: str, *, rev_id: str) -> Path | None:
    """Write the step from this database to the tables told; None where nothing differs."""
    scripts = _scripts()
    arguments = {
        "message": message,
        "autogenerate": True,
        "sql": False,
        "head": "heads",
        "splice": False,
        "branch_label": None,
        "version_path": None,
        "rev_id": rev_id,
        "depends_on": None,
    }
    asked = RevisionContext(scripts_config(), scripts, arguments, process_revision_directives=_with_triggers)

    def look(revision: Any, context: MigrationContext) -> list[Any]:
        asked.run_autogenerate(revision, context)
        return []

    with engine.begin() as connection:
        _run(connection, look)
    made = [script for script in asked.generate_scripts() if script is not None]
    return Path(made[0].path) if made else None


def scripts_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("path_separator", "os")
    return config


_COMPARED: dict[str, Any] = {
    "compare_type": True,
    "compare_server_default": True,
    "include_name": lambda name, kind, _within: not (kind == "table" and monthly.is_month(name)),
}


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(scripts_config())


def _run(connection: Connection, steps: Callable[[Any, MigrationContext], Iterable[Any]]) -> None:
    # What an env.py would do; there is none, for the connection is always handed in.
    with EnvironmentContext(scripts_config(), _scripts(), fn=steps) as environment:
        environment.configure(connection=connection, target_metadata=metadata, **_COMPARED)
        with environment.begin_transaction():
            environment.run_migrations()


def _done(connection: Connection) -> set[str]:
    return set(MigrationContext.configure(connection).get_current_heads())


def _unknown(scripts: ScriptDirectory, done: set[str]) -> set[str]:
    return done - {script.revision for script in scripts.walk_revisions()}


def _refuse_newer(scripts: ScriptDirectory, done: set[str]) -> None:
    if _unknown(scripts, done):
        raise Conflict("schema_newer")


def _every(scripts: ScriptDirectory, heads: set[str]) -> set[str]:
    return {script.revision for head in heads for script in scripts.iterate_revisions(head, "base")}


def _with_triggers(context: MigrationContext, _revision: Any, directives: list[Any]) -> None:
    script = directives[0]
    if script.upgrade_ops.is_empty():
        directives.clear()
        return
    with_triggers: list[ops.MigrateOperation] = []
    for one in script.upgrade_ops.ops:
        with_triggers.append(one)
        if isinstance(one, ops.CreateTableOp) and is_append_only(metadata.tables[one.table_name]):
            with_triggers.append(AppendOnly(one.table_name))
    script.upgrade_ops.ops = with_triggers
