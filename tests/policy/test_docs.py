"""The commented pack of docs/packs.md is a pack, and so are its further examples."""

import re
import shutil
import textwrap
from datetime import date
from pathlib import Path

import pytest

from pos_subsidy.domain.subsidy import Item, assess
from pos_subsidy.policy import PACKS_DIR, load_rulebook

PAGE = (Path(__file__).parents[2] / "docs/packs.md").read_text("utf-8")
SOURCE = '\n[source.{name}]\ndocument = "x"\nclause = "y"\nconfidence = "A"\n'


@pytest.fixture
def packs(tmp_path):
    return shutil.copytree(PACKS_DIR, tmp_path / "packs")


def example(begins: str) -> str:
    """Return the indented example of the page that begins with a line."""
    block = PAGE[PAGE.index(f"    {begins}") :].split("\n\n\n")[0]
    lines = []
    for line in block.splitlines():
        if line and not line.startswith("    "):
            break
        lines.append(line)
    return textwrap.dedent("\n".join(lines))


def test_the_commented_example_loads_in_place_of_its_pack(packs):
    text = re.search(r"```toml\n(.*?)```", PAGE, re.S)[1]
    (packs / "appliance-2026.toml").write_text(text, "utf-8")
    outcome = assess(Item("computer", 599_900, 1), on=date(2026, 11, 20), rulebook=load_rulebook(packs))
    assert (outcome.eligible, outcome.subsidy_fen) == (True, 89_985)


def test_the_example_of_a_batch_loads(packs):
    path = packs / "coupon-2025.toml"
    batch = example("[[rule.batch]]")
    text = path.read_text("utf-8").replace('status = "provisional"', 'status = "confirmed"')
    path.write_text(text + "\n" + batch + SOURCE.format(name="bureau-1"), "utf-8")
    item = Item("consumption_coupon", 200_000, attributes={"coupon_batch": "2025-05-a"})
    assert assess(item, on=date(2025, 5, 2), rulebook=load_rulebook(packs)).subsidy_fen == 20_000


def test_the_example_of_a_claim_loads(packs):
    path = packs / "car-2025.toml"
    head, tail = path.read_text("utf-8").split("[claim]", 1)
    path.write_text(head + example("[claim]") + "\n[[rule]]" + tail.split("[[rule]]", 1)[1], "utf-8")
    rule = load_rulebook(packs).rule_in_force("car", date(2025, 6, 18))
    assert [paper.code for paper in rule.programme.claim.papers] == ["invoice"]


def test_the_example_of_a_filling_loads(packs):
    (packs / "filling.toml").write_text(example("[filling]"), "utf-8")
    rule = load_rulebook(packs).rule_in_force("computer", date(2026, 8, 1))
    assert rule.terms.right_after_full_reversal == "restored"
