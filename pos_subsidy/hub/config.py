"""The hub's folder: settings, keys, and the database or where it is."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from pos_subsidy.domain.keys import from_json, new_keyring, to_json
from pos_subsidy.errors import Conflict, Invalid, NotFound
from pos_subsidy.hub.city import City, OfflineCaps
from pos_subsidy.hub.packs import up_to_date
from pos_subsidy.hub.store import evidence, migrating, traces
from pos_subsidy.hub.store.db import open_engine, run
from pos_subsidy.policy import confirming, load_rulebook
from pos_subsidy.protocol import sealing

_FILE = "hub.json"
_DATABASE = "hub.db"


def init(folder: Path, *, name: str, demo: bool, database: str | None = None, review: bool = False) -> None:
    """Make a hub's folder: fresh keys, and its tables in the folder or at a PostgreSQL URL.

    Raises:
        Conflict: ``data_exists``, ``database_in_use``: there is one already.
        Invalid: ``database_invalid``.
        Unavailable: ``driver_missing``.
    """
    if (folder / _FILE).exists():
        raise Conflict("data_exists", folder=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    engine = open_engine(database or folder / _DATABASE)
    try:
        migrating.create_tables(engine)
    finally:
        engine.dispose()
    kept = {
        "name": name,
        "demo": demo,
        "review": review,
        "keyring": to_json(new_keyring()),
        "seal_private": sealing.new_private().hex(),
        "secret": secrets.token_hex(32),
        "database": database,
    }
    _write_private(folder / _FILE, json.dumps(kept, ensure_ascii=False, indent=1))


def load(folder: Path, *, packs: Path | None = None, database: str | None = None) -> City:
    """Return the hub of a folder; ``database`` goes before the one it was made with.

    Raises:
        NotFound: ``data_missing``.
        Conflict: ``schema_newer``, an older program was started; ``schema_older``, somebody has
            to say ``hub upgrade`` first.
        Invalid: ``database_invalid``.
        Unavailable: ``driver_missing``.
    """
    engine = _engine(folder, database)
    kept = json.loads((folder / _FILE).read_text("utf-8"))
    seal_private = bytes.fromhex(kept["seal_private"])
    _reach_schema(engine)
    city = City(
        name=kept["name"],
        demo=kept["demo"],
        is_reviewed=bool(kept.get("review")),
        offline_caps=_caps(kept),
        engine=engine,
        keyring=from_json(kept["keyring"]),
        seal_private=seal_private,
        seal_public=sealing.public_of(seal_private),
        secret=bytes.fromhex(kept["secret"]),
        rulebook=confirming.apply(load_rulebook(packs), folder / confirming.FILE),
        packs_dir=packs,
        confirmations=folder / confirming.FILE,
    )
    return up_to_date(city)


def offline_caps(folder: Path) -> OfflineCaps | None:
    """Return how much a shop may sell while the city does not answer; None where the city leaves it to them.

    Raises:
        NotFound: ``data_missing``.
    """
    return _caps(_kept(folder))


def set_offline_caps(folder: Path, caps: OfflineCaps | None) -> None:
    """Decide how much a shop may sell while the city does not answer; a running service is told by a restart.

    Raises:
        NotFound: ``data_missing``.
        Invalid: ``caps_invalid``, one is below zero.
    """
    kept = _kept(folder)
    if caps is not None and min(caps.sales, caps.subsidy_fen) < 0:
        raise Invalid("caps_invalid")
    kept["offline_caps"] = asdict(caps) if caps else None
    fresh = folder / f"{_FILE}.new"
    _write_private(fresh, json.dumps(kept, ensure_ascii=False, indent=1))
    fresh.replace(folder / _FILE)


def upgrade(folder: Path, *, database: str | None = None) -> list[str]:
    """Bring the hub's database to this program's schema; return the steps that were done.

    Raises:
        NotFound, Invalid, Unavailable: as ``load``.
        Conflict: ``schema_newer``.
    """
    engine = _engine(folder, database)
    try:
        return _upgrade(engine)
    finally:
        engine.dispose()


def _upgrade(engine: Engine) -> list[str]:
    done = migrating.upgrade(engine)
    if done:
        run(engine, traces.keep_all)
        run(engine, evidence.keep_all_names)
    return done


def _kept(folder: Path) -> dict[str, Any]:
    if not (folder / _FILE).exists():
        raise NotFound("data_missing", folder=str(folder))
    kept: dict[str, Any] = json.loads((folder / _FILE).read_text("utf-8"))
    return kept


def _caps(kept: Mapping[str, Any]) -> OfflineCaps | None:
    return OfflineCaps(**kept["offline_caps"]) if kept.get("offline_caps") else None


def _engine(folder: Path, database: str | None) -> Engine:
    kept = _kept(folder)
    return open_engine(database or kept.get("database") or folder / _DATABASE)


def _reach_schema(engine: Engine) -> None:
    # A file belongs to this folder alone. Other processes may be at work on a PostgreSQL with the
    # program it fits, so that somebody has to choose the moment.
    if engine.dialect.name == "sqlite" and migrating.state(engine) == "older":
        _upgrade(engine)
    try:
        migrating.must_be_current(engine)
    except Conflict:
        engine.dispose()
        raise


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
