"""``journal``: verify the chain, rebuild the state from it."""

import sys
import tempfile
from pathlib import Path

import click
from rich.progress import Progress

from pos_subsidy import bundled
from pos_subsidy.cli import data_option, print_json
from pos_subsidy.config import Folder
from pos_subsidy.domain import journal as chain
from pos_subsidy.store import journal as entries
from pos_subsidy.store import migrations, receipts
from pos_subsidy.store.db import open_database, read_transaction
from pos_subsidy.wiring import open_till_database

_json = click.option("--json", "as_json", is_flag=True)


@click.group()
def journal() -> None:
    """The shop's signed journal."""


@journal.command()
@data_option
def receipt(folder: Folder) -> None:
    """Print the city's newest signed receipt: the proof of what it has from this shop."""
    newest = receipts.newest(open_till_database(folder))
    if newest is None:
        raise click.ClickException("the city has acknowledged nothing yet")
    click.echo(newest)


@journal.command()
@data_option
@_json
def verify(folder: Folder, as_json: bool) -> None:
    """Check every link and every signature; exit status 1 names the first damage."""
    db = open_till_database(folder)
    keyring = folder.keys().keyring
    damages = []
    with read_transaction(db), _progress(entries.count(db)) as advance:
        counted = (advance(entry) for entry in entries.entries(db))
        for damage in chain.check(counted, verify=keyring.verify):
            damages.append({"seq": damage.seq, "code": damage.code})
    rows = entries.count(db)
    head = entries.head(db)
    found = {
        "rows": rows,
        "verified": not damages,
        "head_hash": head.hash if head else None,
        "damages": damages[:100],
    }
    if as_json:
        print_json(found)
    else:
        click.echo(f"{rows} 条 / rows: {'完好 / whole' if not damages else damages[:10]}")
    if damages:
        sys.exit(1)


@journal.command()
@data_option
@click.option("--into", type=click.Path(path_type=Path), help="Keep the rebuilt database here.")
@_json
def rebuild(folder: Folder, into: Path | None, as_json: bool) -> None:
    """Recreate the state from the journal in an empty file; it must be equal."""
    if into is not None and into.exists():
        raise click.ClickException(f"{into} exists; name a new file")
    db = open_till_database(folder)
    with tempfile.TemporaryDirectory() as scratch:
        target = open_database(into or Path(scratch) / "rebuilt.db")
        migrations.create(target, bundled("schema.sql").read_text("utf-8"))
        with read_transaction(db):
            rows = entries.count(db)
            differing = entries.rebuild_into(db, target)
        target.close()
    found = {"rows": rows, "equal": not differing, "differing": differing}
    if as_json:
        print_json(found)
    else:
        click.echo(f"{rows} 条 / rows: {'相等 / equal' if not differing else differing}")
    if differing:
        sys.exit(1)


class _progress:
    """Shows how far it is on a terminal, and nothing in a pipe."""

    def __init__(self, total: int) -> None:
        self._progress = Progress(disable=not sys.stderr.isatty(), transient=True)
        self._task = self._progress.add_task("verify", total=total)

    def __enter__(self):
        self._progress.start()
        return self._advance

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def _advance(self, entry: chain.Entry) -> chain.Entry:
        self._progress.advance(self._task)
        return entry
