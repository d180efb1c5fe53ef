"""The files that rules are written in: their text, who they are, whose place one takes."""

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pos_subsidy.errors import Invalid
from pos_subsidy.policy import controls
from pos_subsidy.policy.shape import Table

PACKS_DIR = Path(__file__).parent / "packs"
CATEGORIES = "categories.toml"
# Beside the programmes; they say what is looked for, not what is granted.
_APART = (CATEGORIES, controls.FILE, controls.SIGNALS_FILE)


@dataclass(frozen=True, slots=True)
class PackText:
    """A pack that lies in no folder: the name it is complained about by, and what stands in it."""

    name: str
    text: str


def paths(directory: Path) -> list[Path]:
    """Return the packs of a folder by name, without the files that are no programmes."""
    return [path for path in sorted(directory.glob("*.toml")) if path.name not in _APART]


def identity(pack: PackText) -> tuple[str, int]:
    """Return a pack's id and version; raises Invalid like ``load_rulebook``."""
    file = parsed(pack.name, pack.text)
    head = file.table("filling" if "filling" in file.values else "programme")
    return head.text_of("id"), head.whole("version", least=1, required=True) or 1


def known_versions(directory: Path | None, programme: str) -> list[int]:
    """Return the versions of a programme among the packs of a folder (default: those that ship)."""
    told = [identity_of(read(path)) for path in paths(directory or PACKS_DIR)]
    return [version for own, version in told if own == programme and isinstance(version, int)]


def read(path: Path) -> Table:
    """Return what stands in a file; raises Invalid (``policy_invalid``) where it is no TOML."""
    try:
        # The bytes as they lie there: line ends count for the fingerprint.
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _no_toml(path.name, 1, str(error)) from None
    return parsed(path.name, text)


def parsed(name: str, text: str) -> Table:
    """Return what stands in a text; raises like ``read``."""
    try:
        return Table(tomllib.loads(text, parse_float=Decimal), name, "", text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise _no_toml(name, int(line[1]) if line else 1, str(error)) from None


def _no_toml(name: str, line: int, found: str) -> Invalid:
    return Invalid(
        "policy_invalid", file=name, line=line, where="", found=found, allowed="a TOML file in UTF-8"
    )


def gives_way(pack: Table, newer: Table) -> bool:
    """Say whether a pack has no place beside a newer one: the same version, or some of its days."""
    own, other = _head(pack), _head(newer)
    if own.get("id") != other.get("id") or ("filling" in pack.values) != ("filling" in newer.values):
        return False
    if own.get("version") == other.get("version"):
        return True
    ends = [(one.get("first_day", date.min), one.get("last_day", date.max)) for one in (own, other)]
    if not all(isinstance(day, date) for pair in ends for day in pair):
        return False  # its own reading says what is wrong with it
    return bool(ends[0][0] <= ends[1][1] and ends[1][0] <= ends[0][1])


def _head(pack: Table) -> dict[str, Any]:
    name = "filling" if "filling" in pack.values else "programme"
    found = pack.values.get(name)
    return found if isinstance(found, dict) else {}


def identity_of(pack: Table) -> tuple[object, object]:
    """Return the id and the version that a pack gives itself, whatever stands there."""
    head = _head(pack)
    return head.get("id"), head.get("version")
