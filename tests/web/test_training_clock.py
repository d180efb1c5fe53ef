"""The call that moves a demo's clock, at the till and at the hub."""

from datetime import timedelta

import pytest

from pos_subsidy.clock import TrainingClock
from pos_subsidy.hub import config as hub_config
from pos_subsidy.hub.app import create_hub
from tests.support import NOON
from tests.web.pages_shop import AFTERNOON, make_shop

LATER = AFTERNOON + timedelta(hours=3)


@pytest.fixture(params=["till", "hub"])
def service(request, tmp_path):
    """A service that is for training only, at 14:00."""
    if request.param == "till":
        yield make_shop(tmp_path / "shop").test_client()
        return
    hub_config.init(tmp_path / "hub", name="测试市", demo=True)
    city = hub_config.load(tmp_path / "hub")
    yield create_hub(city, TrainingClock(AFTERNOON), training=True).test_client()
    city.engine.dispose()


def test_it_goes_forward_and_never_back(service):
    told = service.post("/training/clock", json={"now": LATER.isoformat()})
    assert told.status_code == 200 and told.get_json()["now"].startswith("2026-11-20T09:00:0")
    back = service.post("/training/clock", json={"now": NOON.isoformat()})
    assert back.get_json()["now"] >= told.get_json()["now"]


@pytest.mark.parametrize("body", [None, {}, {"now": "noon"}, {"now": "2026-11-20T14:00:00"}, ["now"], 5])
def test_a_moment_without_its_zone_or_none_at_all_is_refused(service, body):
    refused = service.post("/training/clock", json=body)
    assert (refused.status_code, refused.get_json()["code"]) == (400, "day_invalid")


def test_a_service_for_real_sales_has_no_such_call(tmp_path):
    hub_config.init(tmp_path / "hub", name="测试市", demo=False)
    city = hub_config.load(tmp_path / "hub")
    real = create_hub(city, TrainingClock(AFTERNOON), training=True).test_client()
    assert real.post("/training/clock", json={"now": LATER.isoformat()}).status_code == 404
    city.engine.dispose()
