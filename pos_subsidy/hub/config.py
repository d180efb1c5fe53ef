"""The hub's folder: settings, keys, database."""

import json
import os
import secrets
from pathlib import Path

from pos_subsidy.domain.keys import from_json, new_keyring, to_json
from pos_subsidy.errors import Conflict, NotFound
from pos_subsidy.hub.city import City
from pos_subsidy.hub.store.db import create_tables, open_engine
from pos_subsidy.policy import confirming, load_rulebook
from pos_subsidy.protocol import sealing

_FILE = "hub.json"
_DATABASE = "hub.db"


def init(folder: Path, *, name: str, demo: bool) -> None:
    """Make a hub's folder: fresh keys and an empty database.

    Raises:
        Conflict: ``data_exists``, there is one already.
    """
    if (folder / _FILE).exists():
        raise Conflict("data_exists", folder=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    create_tables(open_engine(folder / _DATABASE))
    kept = {
        "name": name,
        "demo": demo,
        "keyring": to_json(new_keyring()),
        "seal_private": sealing.new_private().hex(),
        "secret": secrets.token_hex(32),
    }
    _write_private(folder / _FILE, json.dumps(kept, ensure_ascii=False, indent=1))


def load(folder: Path, *, packs: Path | None = None) -> City:
    """Return the hub of a folder.

    Raises:
        NotFound: ``data_missing``.
    """
    if not (folder / _FILE).exists():
        raise NotFound("data_missing", folder=str(folder))
    kept = json.loads((folder / _FILE).read_text("utf-8"))
    seal_private = bytes.fromhex(kept["seal_private"])
    return City(
        name=kept["name"],
        demo=kept["demo"],
        engine=open_engine(folder / _DATABASE),
        keyring=from_json(kept["keyring"]),
        seal_private=seal_private,
        seal_public=sealing.public_of(seal_private),
        secret=bytes.fromhex(kept["secret"]),
        rulebook=confirming.apply(load_rulebook(packs), folder / confirming.FILE),
    )


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
