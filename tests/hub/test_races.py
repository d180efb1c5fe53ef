"""Many clients for the last of everything; the full race is ``scripts/races.py``."""

import importlib.util
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "races.py"


def test_of_sixteen_clients_one_gets_the_last(tmp_path):
    spec = importlib.util.spec_from_file_location("races", SCRIPT)
    races = importlib.util.module_from_spec(spec)
    sys.modules["races"] = races  # dataclasses look their module up
    spec.loader.exec_module(races)
    race = races.Race(races.open_city(tmp_path, None, clients=16), clients=16)
    for number in range(2):
        for kind in races.LOST:
            race.round(kind, number)
    race.city.engine.dispose()
    assert race.wrong == []
    assert set(race.granted.values()) == {2}
