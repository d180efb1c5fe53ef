"""lint.toml is read strictly, and every control says where it rests."""

import re
import shutil
from datetime import date

import pytest

from pos_subsidy.domain.lint import LIMITS
from pos_subsidy.errors import Invalid
from pos_subsidy.policy import PACKS_DIR, load_rulebook
from tests.policy.test_docs import example

NIGHT = """[lint]
first_day = 2025-01-01
last_day = 2026-12-31

[[control]]
code = "lint_off_hours"
does = "warns"
from_hour = 7
to_hour = 23
"""


@pytest.fixture
def packs(tmp_path):
    return shutil.copytree(PACKS_DIR, tmp_path / "packs")


def load(packs, text):
    (packs / "lint.toml").write_text(text, "utf-8")
    return load_rulebook(packs).controls


@pytest.mark.parametrize("on", [date(2025, 1, 1), date(2026, 11, 20)])
def test_the_packs_that_ship_know_every_control_once(on):
    codes = [one.code for one in load_rulebook().controls if one.is_in_force(on)]
    assert sorted(codes) == sorted(LIMITS)


def test_a_figure_without_a_source_says_so(packs):
    (control,) = load(packs, NIGHT)
    assert control.source.cited == "pack default, no official text found"
    assert (control.stops, control.limits) == (False, {"from_hour": 7, "to_hour": 23})


def test_a_folder_without_the_file_looks_for_nothing(packs):
    (packs / "lint.toml").unlink()
    assert load_rulebook(packs).controls == ()


def test_the_example_of_the_page_loads(packs):
    first, second = load(packs, example("[lint]"))
    assert (first.stops, second.stops, second.first_day) == (True, False, date(2026, 1, 1))


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("lint_off_hours", "lint_off_hour", "code"),
        ('"warns"', '"refuses"', "does"),
        ("to_hour = 23\n", "", "to_hour"),
        ("to_hour = 23", 'to_hour = "23"', "to_hour"),
        ("to_hour = 23", "to_hour = 23\nmost = 3", "most"),
        ("from_hour = 7", "from_hour = -7", "from_hour"),
        ("from_hour = 7", 'from_hour = 7\nsource = "nowhere"', "source"),
        ("from_hour = 7", "from_hour = 7\nlast_day = 2027-01-01", "last_day"),
        ("[lint]", "[lint]\nname = 1", "name"),
        ("last_day = 2026-12-31\n", "", "last_day"),
    ],
)
def test_what_is_not_exactly_right_is_refused_and_named(packs, old, new, where):
    with pytest.raises(Invalid, match="policy_invalid") as error:
        load(packs, NIGHT.replace(old, new, 1))
    assert error.value.params["file"] == "lint.toml"
    assert re.search(rf"\b{where}\b", str(error.value.params))


def test_one_code_has_one_control_on_a_day(packs):
    twice = NIGHT + NIGHT.split("\n\n", 1)[1].join(["\n", ""])
    with pytest.raises(Invalid, match="policy_invalid"):
        load(packs, twice)
    first = NIGHT + "last_day = 2025-12-31\n"
    then = NIGHT.split("\n\n", 1)[1] + "first_day = 2026-01-01\n"
    assert len(load(packs, f"{first}\n{then}")) == 2


def test_the_example_of_signals_loads_and_warns_only(packs):
    (packs / "signals.toml").write_text(example("[signals]"), "utf-8")
    ring, crowd = load_rulebook(packs).signals
    assert (ring.code, ring.limits, ring.stops) == ("signal_ring_phone", {"most": 3, "days": 30}, False)
    assert crowd.source.cited == "pack default, no official text found"
    (packs / "signals.toml").unlink()
    assert load_rulebook(packs).signals == ()


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (("most = 3", 'does = "stops"\nmost = 3'), "does"),
        (("days = 30\n", ""), "days"),
        (("signal_ring_phone", "lint_off_hours"), "code"),
        (("signal_cap_crowd", "signal_ring_phone"), ""),
    ],
)
def test_a_signal_that_stops_or_lacks_a_figure_is_refused(packs, change, where):
    (packs / "signals.toml").write_text(example("[signals]").replace(*change), "utf-8")
    with pytest.raises(Invalid) as error:
        load_rulebook(packs)
    assert (error.value.code, error.value.params["file"]) == ("policy_invalid", "signals.toml")
    assert where in str(error.value.params)
