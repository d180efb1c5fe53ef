"""A small city from one seed; the large one is ``scripts/simulate_city.py``."""

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent.parent.parent / "scripts"


def script(name):
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def city_script():
    return script("simulate_city")


def test_over_a_bad_line_the_books_are_those_of_a_clean_one(city_script, tmp_path):
    found = city_script.simulate(3, 3, 12, at=tmp_path)
    assert found["sound"], found
    assert found["faults"] and found["planted_doubles"] == found["doubles_found"] == 2


def test_the_plan_is_the_seeds(city_script):
    assert city_script.draw(30, 20, 4) == city_script.draw(30, 20, 4)
    assert city_script.draw(30, 20, 4) != city_script.draw(30, 20, 5)
    assert sum(one.double_of is not None for one in city_script.draw(30, 20, 4).sales) > 5


def test_of_sixteen_clients_one_gets_the_last(tmp_path):
    """The full one is ``scripts/races.py``."""
    races = script("races")
    race = races.Race(races.open_city(tmp_path, None, clients=16), clients=16)
    for number in range(2):
        for kind in races.LOST:
            race.round(kind, number)
    race.city.engine.dispose()
    assert race.wrong == []
    assert set(race.granted.values()) == {2}
