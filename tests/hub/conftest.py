"""A city of two shops."""

import json
import shutil

import pytest

from pos_subsidy.hub import config as hub_config
from pos_subsidy.hub.app import create_hub
from tests.hub.shops import Shop, serving

# In the usual run one kind is enough elsewhere: the statements are the same, and time is short.
_ON_BOTH = (
    "test_databases",
    "test_holds",
    "test_hostile",
    "test_hub",
    "test_keys",
    "test_migrations",
    "test_plainly",
    "test_signals",
    "test_troubles",
    "test_units",
    "test_verdicts",
)


def pytest_generate_tests(metafunc):
    told = any(
        mark.args and mark.args[0] == "database" for mark in metafunc.definition.iter_markers("parametrize")
    )
    if told or "database" not in metafunc.fixturenames:
        return
    if only := metafunc.config.getoption("--hub-database"):
        metafunc.parametrize("database", [only], indirect=True)
    elif metafunc.module.__name__.endswith(_ON_BOTH):
        metafunc.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def database(request):
    """Where the hub keeps its tables: None for a file of its own, else a URL."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield None
        return
    server = request.getfixturevalue("postgresql")
    url = server.empty()
    yield url
    server.drop(url)


@pytest.fixture(scope="session")
def hub_template(tmp_path_factory):
    """A hub's folder; made once, copied for every test."""
    path = tmp_path_factory.mktemp("template") / "hub"
    hub_config.init(path, name="测试市", demo=True)
    return path


@pytest.fixture
def city(tmp_path, hub_template, database, request):
    folder = shutil.copytree(hub_template, tmp_path / "hub")
    if database is not None:
        request.getfixturevalue("postgresql").fill(database)
        (folder / "hub.db").unlink()
        kept = json.loads((folder / "hub.json").read_text("utf-8"))
        (folder / "hub.json").write_text(json.dumps({**kept, "database": database}), "utf-8")
    city = hub_config.load(folder)
    yield city
    city.engine.dispose()


@pytest.fixture
def hub(city, clock):
    with serving(create_hub(city, clock)) as url:
        yield url


@pytest.fixture
def shops(shop_template, tmp_path, hub, clock):
    return [Shop(shop_template, tmp_path / name, f"DEMO-{name.upper()}", hub, clock) for name in ("a", "b")]
