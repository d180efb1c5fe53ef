"""Is this hub ready: the right schema, a database that keeps what it is given."""

from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from pos_subsidy.domain import moments
from pos_subsidy.errors import Unavailable
from pos_subsidy.hub.city import City
from pos_subsidy.hub.store import migrating, operations
from pos_subsidy.hub.store.db import run


def must_be_alive(city: City) -> None:
    """Pass if the database answers and takes writes.

    Raises:
        Unavailable: ``database_read_only``, or it does not answer.
    """
    run(city.engine, operations.must_accept_writes)


def must_be_ready(city: City, *, now: datetime) -> str:
    """Pass if a sale could be kept now; return the schema's newest steps.

    Raises:
        Unavailable: ``schema_older``, ``schema_newer``: it was changed under the running program;
            ``database_read_only``, ``database_refuses``: a write was refused.
    """

    def look(db: Connection) -> tuple[str, list[str]]:
        operations.must_accept_writes(db)
        return migrating.state_of(db), migrating.steps_of(db)

    state, steps = run(city.engine, look)
    if state != "current":
        raise Unavailable("schema_newer" if state == "newer" else "schema_older")
    try:
        run(city.engine, lambda db: operations.beat(db, at=moments.text(now)))
    except DBAPIError as error:
        raise Unavailable("database_refuses") from error
    return ", ".join(steps)
