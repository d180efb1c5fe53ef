"""A city of two shops."""

import pytest

from pos_subsidy.hub import config as hub_config
from pos_subsidy.hub.app import create_hub
from tests.hub.shops import Shop, serving


@pytest.fixture
def city(tmp_path):
    hub_config.init(tmp_path / "hub", name="测试市", demo=True)
    return hub_config.load(tmp_path / "hub")


@pytest.fixture
def hub(city, clock):
    with serving(create_hub(city, clock)) as url:
        yield url


@pytest.fixture
def shops(shop_template, tmp_path, hub, clock):
    return [Shop(shop_template, tmp_path / name, f"DEMO-{name.upper()}", hub, clock) for name in ("a", "b")]
