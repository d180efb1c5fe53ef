"""A small city from a seed; the large one is scripts/simulate_city.py."""

import pytest

from pos_subsidy.hub import ingest, judging, settlement
from pos_subsidy.hub.store import rows, units
from tests.hub.simulation import checking, city, plan, shop
from tests.support import CATALOGUE

SHOPS, DAYS = 3, 3


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    path = tmp_path_factory.mktemp("city") / "template"
    shop.make_template(path, CATALOGUE)
    return path


def play(path, template, planned, *, is_bad):
    path.mkdir()
    return city.play(path, planned, template, is_bad=is_bad)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_bad_road_leads_to_the_books_of_a_good_one(template, tmp_path, seed):
    planned = plan.make(SHOPS, DAYS, seed, sales_per_day=2)
    bad = play(tmp_path / "bad", template, planned, is_bad=True)
    good = play(tmp_path / "good", template, planned, is_bad=False)
    assert checking.troubles(planned, bad) == []
    assert checking.troubles(planned, good) == []
    assert checking.differences(planned, bad, good) == []
    assert sum(bad.happened[kind] for kind in ("answer_lost", "duplicated", "delayed", "truncated")) > 5
    if seed == 1:
        again = play(tmp_path / "again", template, planned, is_bad=True)
        assert checking.digest(again) == checking.digest(bad) != checking.digest(good)


def _twice(db, outlet, hold_id, *, old, new):
    return True


@pytest.mark.parametrize(
    ("module", "name", "broken", "told"),
    [
        (judging, "_taken_unit", lambda *_, **__: None, "double"),
        (judging, "_taken_piece", lambda *_: None, "double"),
        (ingest, "_must_be_signed", lambda *_, **__: None, "audit"),
    ],
)
def test_a_broken_hub_is_noticed(template, tmp_path, monkeypatch, module, name, broken, told):
    planned = plan.make(SHOPS, 2, 1)
    monkeypatch.setattr(module, name, broken)
    played = play(tmp_path / "city", template, planned, is_bad=False)
    assert any(one.startswith(told) for one in checking.troubles(planned, played))
