"""What holds between the parts: arrows, SQL in its place, no floats for money, no foreign traces."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "pos_subsidy").rglob("*.py"))
DOMAIN = sorted((ROOT / "pos_subsidy" / "domain").rglob("*.py"))
_SQL = re.compile(r"\b(SELECT .+ FROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b", re.DOTALL)
_MAY_HOLD_SQL = ("pos_subsidy/store/", "pos_subsidy/hub/store/")


def test_the_arrows_between_packages_point_inwards():
    code = "from importlinter.cli import lint_imports_command as lint; lint()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_sql_stays_in_the_stores_and_modules_fit_one_reading(path):
    text, place = path.read_text("utf-8"), path.relative_to(ROOT).as_posix()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL.search(node.value):
            assert place.startswith(_MAY_HOLD_SQL), f"SQL in {place}:{node.lineno}"
    if "words" not in path.name:
        assert len(text.splitlines()) <= 400


@pytest.mark.parametrize(
    "path", sorted((ROOT / "pos_subsidy" / "domain").rglob("*.py")), ids=lambda path: path.stem
)
def test_the_domain_holds_no_policy_number(path):
    """Rates, caps and days live in packs only."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant):
            assert not isinstance(node.value, float), f"{path.name}:{node.lineno}"
            assert node.value not in (150_000, 200_000, 50_000, 600_000), f"{path.name}:{node.lineno}"


def test_the_wheel_carries_schema_templates_packs_and_the_day(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    import zipfile

    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    for wanted in (
        *("pos_subsidy/schema.sql", "pos_subsidy/templates/base.html"),
        *(
            "pos_subsidy/hub/store/migrations/versions/h0001_tables_of_the_first_hubs.py",
            "pos_subsidy/hub/store/migrations/script.py.mako",
        ),
        *("pos_subsidy/policy/packs/appliance-2026.toml", "pos_subsidy/demo/day/sales.jsonl"),
    ):
        assert wanted in names, wanted
