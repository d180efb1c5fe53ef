"""Runs every check: format, lint, types, arrows between packages, tests.

    python3 scripts/test.py                     everything
    python3 scripts/test.py -- -k redeem        the rest goes to pytest
    python3 scripts/test.py --require-browser   browser tests may not be skipped

Without arguments for pytest the tests run as two processes side by side, those that start services
and browsers beside all others; what the second says is printed after the first.

A Chromium is looked for; where root and apt are there it is installed; else the browser
tests skip and say so.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator

import bootstrap

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
_WITH_PROCESSES = ("tests/e2e", "tests/faults", "tests/test_cli.py", "tests/test_bench.py")
_IN_MEMORY = "/dev/shm"
_MEMORY_WANTED = 4 << 30
_CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--require-browser", action="store_true")
    parser.add_argument("--only-tests", action="store_true", help="skip lint, types and arrows")
    parser.add_argument("pytest", nargs="*", help="arguments for pytest, after --")
    asked = parser.parse_args()

    interpreter = str(bootstrap.python())
    environment = {**os.environ, "PYTHONUTF8": "1"}
    browser = _browser()
    if browser:
        environment["POS_BROWSER"] = browser
    elif asked.require_browser or os.environ.get("POS_REQUIRE_BROWSER"):
        bootstrap.say("no Chromium can be had, and the browser tests may not be skipped")
        return 1
    with _scratch() as folder:
        return _all({**environment, **({"TMPDIR": folder} if folder else {})}, interpreter, asked)


def _all(environment: dict[str, str], interpreter: str, asked: argparse.Namespace) -> int:
    failed = []
    if not asked.only_tests:
        for check in _CHECKS:
            failed += _run([interpreter, "-m", *check], environment)
        failed += _run(
            [interpreter, "-c", "from importlinter.cli import lint_imports_command as l; l()"], environment
        )
    pytest = [interpreter, "-m", "pytest"]
    failed += _run([*pytest, *asked.pytest], environment) if asked.pytest else _halves(pytest, environment)
    for one in failed:
        bootstrap.say(f"failed: {one}")
    return 1 if failed else 0


@contextlib.contextmanager
def _scratch() -> Iterator[str | None]:
    """Give a folder in memory where there is room: the tests flush every row they write.

    They end processes, never the machine, so that a disk would keep nothing more.
    """
    if not os.path.isdir(_IN_MEMORY) or shutil.disk_usage(_IN_MEMORY).free < _MEMORY_WANTED:
        yield None
        return
    with tempfile.TemporaryDirectory(dir=_IN_MEMORY, ignore_cleanup_errors=True) as folder:
        yield folder


def _run(command: list[str], environment: dict[str, str]) -> list[str]:
    done = subprocess.run(command, cwd=bootstrap.ROOT, env=environment)
    return [" ".join(command[1:])] if done.returncode else []


def _halves(pytest: list[str], environment: dict[str, str]) -> list[str]:
    """Run all tests as two processes; two of them would write one cache."""
    first = [*pytest, "-p", "no:cacheprovider", *_WITH_PROCESSES]
    second = [*pytest, "-p", "no:cacheprovider", *(f"--ignore={folder}" for folder in _WITH_PROCESSES)]
    with tempfile.TemporaryFile() as said:
        beside = subprocess.Popen(
            second, cwd=bootstrap.ROOT, env=environment, stdout=said, stderr=subprocess.STDOUT
        )
        failed = _run(first, environment)
        if beside.wait():
            failed.append(" ".join(second[1:]))
        said.seek(0)
        sys.stdout.flush()
        shutil.copyfileobj(said, sys.stdout.buffer)
        sys.stdout.flush()
    return failed


def _browser() -> str | None:
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    may_install = shutil.which("apt-get") and getattr(os, "geteuid", lambda: 1)() == 0
    if found is None and may_install:
        bootstrap.say("installing chromium and a Chinese font")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update"], **quiet)
        subprocess.run(
            ["apt-get", "install", "-y", "--no-install-recommends", "chromium", "fonts-noto-cjk"],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            **quiet,
        )
        found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    return found


if __name__ == "__main__":
    sys.exit(main())
