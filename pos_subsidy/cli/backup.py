"""``backup`` and ``restore``: a shop's whole folder in one file, checked on its way back."""

import hashlib
import json
import os
import re
import tempfile
import zipfile
from pathlib import Path

import click

from pos_subsidy import __version__
from pos_subsidy.cli import data_option, print_json
from pos_subsidy.clock import system_clock
from pos_subsidy.config import DATABASE, FILES, Folder
from pos_subsidy.domain import journal as chain
from pos_subsidy.domain import moments
from pos_subsidy.errors import Conflict, Invalid
from pos_subsidy.policy import confirming
from pos_subsidy.store import journal
from pos_subsidy.store.copying import copy_into
from pos_subsidy.store.db import open_database
from pos_subsidy.wiring import open_till_database

_MANIFEST = "manifest.json"
_KEPT = ("config.json", "keys/shop.json", "keys/hub.json", "demo.json", confirming.FILE)
_FILE = re.compile(rf"{FILES}/[0-9a-f]{{2}}/[0-9a-f]{{64}}")
_json = click.option("--json", "as_json", is_flag=True)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@data_option
@_json
def backup(file: Path, folder: Folder, as_json: bool) -> None:
    """Write database, files, settings and keys into one new file. It holds the shop's keys: keep it safe."""
    if file.exists():
        raise Conflict("file_exists", filename=file.name)
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / DATABASE
        copy_into(open_till_database(folder), copy)
        members = {DATABASE: copy.read_bytes()}
        head = journal.head(open_database(copy))
    members |= {name: (folder.path / name).read_bytes() for name in _KEPT if (folder.path / name).exists()}
    members |= {one: (folder.path / one).read_bytes() for one in _files_of(folder)}
    manifest = {
        "version": __version__,
        "outlet": folder.settings().outlet,
        "made_at": moments.text(system_clock()),
        "journal_seq": head.seq if head else 0,
        "journal_hash": head.hash if head else chain.GENESIS_HASH,
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in members.items()},
    }
    _write(file, {_MANIFEST: json.dumps(manifest, indent=1).encode(), **members})
    if as_json:
        print_json({"file": str(file), "journal_seq": manifest["journal_seq"]})
    else:
        click.echo(f"{file}: {manifest['outlet']}, 流水 / journal {manifest['journal_seq']}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@data_option
@_json
def restore(file: Path, folder: Folder, as_json: bool) -> None:
    """Bring a backup back into an empty folder. Every byte and the whole journal are checked first."""
    if folder.exists():
        raise Conflict("data_exists", folder=str(folder.path))
    members, manifest = _read(file)
    with tempfile.TemporaryDirectory(dir=_parent(folder)) as scratch:
        path = Path(scratch) / "shop"
        for name, content in members.items():
            _place(path / name, content)
        rows = _verified(Folder(path), manifest, file)
        # All or nothing: the folder appears when everything in it was found good.
        if folder.path.exists():
            folder.path.rmdir()
        path.rename(folder.path)
    if as_json:
        print_json({"outlet": manifest["outlet"], "journal_seq": rows})
    else:
        click.echo(f"{manifest['outlet']}: 流水 / journal {rows}")


def _verified(folder: Folder, manifest: dict, file: Path) -> int:
    db = open_database(folder.database)
    head = journal.head(db)
    damage = next(chain.check(journal.entries(db), verify=folder.keys().keyring.verify), None)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    found = head.hash if head else chain.GENESIS_HASH
    if damage is not None or found != manifest["journal_hash"]:
        raise Invalid("backup_damaged", filename=file.name, found=damage.code if damage else "journal")
    return head.seq if head else 0


def _read(file: Path) -> tuple[dict[str, bytes], dict]:
    try:
        with zipfile.ZipFile(file) as archive:
            content = {name: archive.read(name) for name in archive.namelist()}
        manifest = json.loads(content.pop(_MANIFEST))
        for name, wanted in manifest["sha256"].items():
            if hashlib.sha256(content[name]).hexdigest() != wanted:
                raise Invalid("backup_damaged", filename=file.name, found=name)
    except (zipfile.BadZipFile, KeyError, ValueError):
        raise Invalid("backup_damaged", filename=file.name, found="zip") from None
    if any(name not in (DATABASE, *_KEPT) and not _FILE.fullmatch(name) for name in content):
        raise Invalid("backup_damaged", filename=file.name, found="unknown files")
    return content, manifest


def _files_of(folder: Folder) -> list[str]:
    """Return the names of the files of evidence, whole ones only; they stay encrypted."""
    found = sorted(one.relative_to(folder.path).as_posix() for one in (folder.path / FILES).glob("??/*"))
    return [name for name in found if _FILE.fullmatch(name)]


def _write(file: Path, members: dict[str, bytes]) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as sink, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _place(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as sink:
        sink.write(content)


def _parent(folder: Folder) -> Path:
    folder.path.parent.mkdir(parents=True, exist_ok=True)
    return folder.path.parent
