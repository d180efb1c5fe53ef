"""Makes the project's virtual environment and installs what the lock file names.

Standard library only: this runs before anything is installed.
"""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
_STAMP = VENV / "installed.sha256"
_DEPENDS_ON = ("requirements.lock", "pyproject.toml")


def python() -> Path:
    """Return the environment's interpreter, with everything installed.

    Doing it again costs nothing as long as lock file and project file stay the same.
    """
    if sys.version_info < (3, 11):
        sys.exit("pos-subsidy needs Python 3.11 or newer")
    interpreter = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wanted = _fingerprint()
    if interpreter.exists() and _STAMP.exists() and _STAMP.read_text("utf-8") == wanted:
        return interpreter
    if not interpreter.exists():
        say("making a virtual environment in .venv")
        try:
            venv.create(VENV, with_pip=True)
        except (subprocess.CalledProcessError, OSError) as error:
            sys.exit(f"cannot make a virtual environment ({error}); on Debian: apt install python3-venv")
    say("installing (once; a minute or two)")
    pip = [str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--require-hashes", "-r", str(ROOT / "requirements.lock")])
    run([*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)])
    _STAMP.write_text(wanted, "utf-8")
    return interpreter


def run(command: list[str]) -> None:
    """Run a command, its words on stderr; end with its status if it fails."""
    done = subprocess.run(command, stdout=sys.stderr, cwd=ROOT)
    if done.returncode:
        sys.exit(done.returncode)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _fingerprint() -> str:
    content = b"".join((ROOT / name).read_bytes() for name in _DEPENDS_ON)
    return hashlib.sha256(content + sys.version.encode()).hexdigest()
