"""``doctor``: is this shop's installation sound?"""

import sys

import click

from pos_subsidy.cli import data_option, print_json
from pos_subsidy.clock import system_clock
from pos_subsidy.config import Folder
from pos_subsidy.policy import confirming
from pos_subsidy.services import health
from pos_subsidy.store.db import sqlite3, sqlite_is_safe
from pos_subsidy.wiring import open_till_database, rulebook_of


@click.command()
@data_option
@click.option("--json", "as_json", is_flag=True)
def doctor(folder: Folder, as_json: bool) -> None:
    """Look at the library, the file, the clock and the rules; exit status 1 if something is wrong."""
    db = open_till_database(folder)
    shop = folder.shop(rulebook_of(folder), city=None)
    health.must_be_writable(db, now=system_clock())
    state = health.state(db, shop, now=system_clock())
    integrity = db.execute("PRAGMA quick_check").fetchone()[0]
    found = {
        "sqlite": sqlite3.sqlite_version,
        "sqlite_safe": sqlite_is_safe(),
        "integrity": integrity,
        "enrolled": folder.hub() is not None,
        "programmes": [one.policy_version for one in shop.rulebook.programmes],
        "confirmations_without_effect": confirming.without_effect(
            shop.rulebook, folder.path / confirming.FILE
        ),
        **state,
    }
    good = found["sqlite_safe"] and integrity == "ok" and not state["clock_behind"]
    if as_json:
        print_json(found)
    else:
        for name, value in found.items():
            click.echo(f"{name:28} {value}")
    if not good:
        sys.exit(1)
