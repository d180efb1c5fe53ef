"""Changes the rules' code on purpose, one place at a time, and sees whether the tests notice.

    .venv/bin/python scripts/mutate.py            prints a JSON object; survivors by file and line

Works on a copy in a temporary folder. Comparisons are turned, numbers moved by one, conditions
negated, and "and" exchanged with "or". A mutant the tests do not notice is a survivor: either a
test is missing, or the change makes no difference, and then it is listed with the reason in
``scripts/survivors.toml``.
"""

import argparse
import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).resolve().parent.parent
MODULES = (
    *("subsidy.py", "reckoning.py", "reasons.py", "requirements.py", "rules.py", "claims.py"),
    *("happened.py", "ratings.py", "money.py"),
)
TESTS = (
    "tests/test_policy_cases.py",
    "tests/domain/test_coupons.py",
    "tests/domain/test_claims.py",
    "tests/domain/test_hints.py",
    "tests/domain/test_requirements.py",
    "tests/domain/test_happened.py",
    "tests/policy/test_layers.py",
    "pos_subsidy/domain",
    "tests/domain/test_subsidy.py",
    "tests/domain/test_subsidy_properties.py",
    "tests/domain/test_money.py",
    "tests/policy/test_loader.py",
)
_TURNED = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


def mutants(source: str) -> Iterator[tuple[int, str, str]]:
    """Yield (line, what was changed, changed source)."""
    places = len(list(ast.walk(ast.parse(source))))
    for place in range(places):
        tree = ast.parse(source)
        node = list(ast.walk(tree))[place]
        what = _mutate(node)
        if what:
            yield node.lineno, what, ast.unparse(ast.fix_missing_locations(tree))


def _mutate(node: ast.AST) -> str | None:
    match node:
        case ast.Compare(ops=[op]) if type(op) in _TURNED:
            node.ops = [_TURNED[type(op)]()]
            return f"{type(op).__name__} turned"
        case ast.BoolOp():
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            return "and/or exchanged"
        case ast.UnaryOp(op=ast.Not()):
            node.op = ast.UAdd()
            node.operand = ast.Call(ast.Name("bool", ast.Load()), [node.operand], [])
            return "not dropped"
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
            return "plus/minus exchanged"
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            node.value = value + 1
            return f"{value} + 1"
        case ast.IfExp():
            node.body, node.orelse = node.orelse, node.body
            return "branches exchanged"
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", nargs="*", default=MODULES, choices=MODULES, help="these modules alone")
    asked = parser.parse_args()
    jobs = [
        (name, line, what, changed)
        for name in asked.only
        for line, what, changed in mutants((ROOT / "pos_subsidy/domain" / name).read_text("utf-8"))
    ]
    with tempfile.TemporaryDirectory() as scratch:
        copies: Queue[Path] = Queue()
        for number in range(asked.workers):
            copy = Path(scratch) / str(number)
            for part in ("pos_subsidy", "tests", "pyproject.toml", "schema.sql", "templates"):
                _copy(ROOT / part, copy / part)
            copies.put(copy)
        with ThreadPoolExecutor(asked.workers) as pool:
            noticed = list(pool.map(lambda job: _is_noticed(copies, *job), jobs))
    known = tomllib.loads((ROOT / "scripts/survivors.toml").read_text("utf-8")).get("survivor", [])
    reasons = {(one["module"], one["code"], one["what"]): one["reason"] for one in known}
    survivors = [
        _survivor(name, line, what, reasons)
        for (name, line, what, _), was in zip(jobs, noticed, strict=True)
        if not was
    ]
    unexplained = [one for one in survivors if not one["reason"]]
    killed = sum(noticed)
    found = {
        "mutants": len(jobs),
        "killed": killed,
        "share": round(killed / len(jobs), 3),
        "survivors": survivors,
        "unexplained": len(unexplained),
    }
    print(json.dumps(found, ensure_ascii=False, indent=1))
    return int(bool(unexplained))


def _is_noticed(copies: "Queue[Path]", name: str, line: int, what: str, changed: str) -> bool:
    copy = copies.get()
    target = copy / "pos_subsidy/domain" / name
    before = target.read_text("utf-8")
    try:
        target.write_text(changed, "utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *TESTS],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            timeout=120,
        )
        if sys.stderr.isatty():
            print(".", end="", file=sys.stderr, flush=True)
        return done.returncode != 0
    except subprocess.TimeoutExpired:
        return True
    finally:
        target.write_text(before, "utf-8")
        copies.put(copy)


def _survivor(name: str, line: int, what: str, reasons: dict) -> dict:
    code = (ROOT / "pos_subsidy/domain" / name).read_text("utf-8").splitlines()[line - 1].strip()
    return {
        "module": name,
        "line": line,
        "code": code,
        "what": what,
        "reason": reasons.get((name, code, what), ""),
    }


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


if __name__ == "__main__":
    sys.exit(main())
