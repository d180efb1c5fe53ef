"""A small city from a seed; the large one is scripts/simulate_city.py."""

from dataclasses import replace

import pytest

from pos_subsidy.hub import checking as hub_checking
from pos_subsidy.hub import judging
from tests.hub.simulation import checking, city, mischief, plan, shop
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
    planned = plan.make(SHOPS, DAYS, seed, change_one_in=2)
    bad = play(tmp_path / "bad", template, planned, is_bad=True)
    good = play(tmp_path / "good", template, planned, is_bad=False)
    assert checking.troubles(planned, bad) == []
    assert checking.troubles(planned, good) == []
    assert checking.differences(planned, bad, good) == []
    assert sum(bad.happened[kind] for kind in ("answer_lost", "duplicated", "delayed", "truncated")) > 5
    if seed == 1:
        again = play(tmp_path / "again", template, planned, is_bad=True)
        assert checking.digest(again) == checking.digest(bad) != checking.digest(good)


def _no_one(*_, **__):
    return None


def _keep_unsigned(monkeypatch):
    whole = hub_checking.check
    monkeypatch.setattr(hub_checking, "check", lambda *at, **about: replace(whole(*at, **about), damage=()))


def _see_no_unit(monkeypatch):
    monkeypatch.setattr(judging, "_taken_unit", _no_one)


def _see_no_piece(monkeypatch):
    monkeypatch.setattr(judging, "_taken_piece", _no_one)


def _pass_over_reversals(monkeypatch):
    monkeypatch.setitem(judging._ACTS, "reversed", _no_one)


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (_see_no_unit, "double"),
        (_see_no_piece, "double"),
        (_pass_over_reversals, "audit"),
        (_keep_unsigned, "forged: it was taken"),
    ],
)
def test_a_broken_hub_is_noticed(template, tmp_path, monkeypatch, broken, told):
    planned = plan.make(2, 2, 4, sales_per_day=2, change_one_in=2)
    monkeypatch.setattr(mischief, "KINDS", {"forged": 0.5})
    broken(monkeypatch)
    played = play(tmp_path / "city", template, planned, is_bad=True)
    assert any(told in one for one in checking.troubles(planned, played))
