"""Puts a running till together from its folder: database, rules, line to the city, clock."""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pos_subsidy import bundled
from pos_subsidy.city.client import HubClient
from pos_subsidy.city.line import Line
from pos_subsidy.clock import TrainingClock, system_clock
from pos_subsidy.config import Folder
from pos_subsidy.context import Till
from pos_subsidy.domain.rules import Rulebook
from pos_subsidy.errors import NotAllowed, SubsidyError
from pos_subsidy.policy import load_rulebook
from pos_subsidy.services import requests, sweeping
from pos_subsidy.services.shop import Shop
from pos_subsidy.store import migrations
from pos_subsidy.store.db import TillDatabase, open_database

SWEEP_SECONDS = 5.0


def packs_dir() -> Path | None:
    """Return the folder of policy packs that the environment names, or None for the bundled ones."""
    named = os.environ.get("POS_POLICY_DIR")
    return Path(named) if named else None


def rulebook() -> Rulebook:
    return load_rulebook(packs_dir())


def open_till_database(folder: Folder) -> TillDatabase:
    """Open a till's file, at the current schema.

    Raises:
        NotFound: ``data_missing``.
    """
    folder.settings()
    db = open_database(folder.database)
    if migrations.is_created(db):
        migrations.upgrade(db)
    else:
        migrations.create(db, bundled("schema.sql").read_text("utf-8"))
    return db


@dataclass(frozen=True, slots=True)
class Wired:
    """A till with everything it runs on."""

    till: Till
    clock: Callable[[], datetime]
    line: Line | None
    shop: Shop
    session_secret: str


def wire(folder: Folder, *, training_clock: datetime | None = None, public_url: str | None = None) -> Wired:
    """Put a till together.

    Raises:
        NotFound: ``data_missing``.
        NotAllowed: ``demo_only``, a real shop does not run on a training clock.
    """
    settings = folder.settings()
    if training_clock is not None and not settings.demo:
        raise NotAllowed("demo_only")
    clock = TrainingClock(training_clock) if training_clock else system_clock
    open_till_database(folder).close()
    hub = folder.hub()
    line = None
    if hub is not None:
        keyring = folder.keys().keyring
        line = Line(HubClient(hub, outlet=settings.outlet, keyring=keyring, clock=clock), clock=clock)
    shop = folder.shop(rulebook(), city=line)
    address = public_url or settings.public_url
    till = Till(folder.database, clock, lambda: shop, address.rstrip("/"))
    return Wired(till, clock, line, shop, folder.keys().session_secret)


def start_background(wired: Wired) -> threading.Event:
    """Start the sweeper and the line's worker; set the event returned to stop the sweeper."""
    stop = threading.Event()
    if wired.line is not None:
        wired.line.start()

    def sweep() -> None:
        while not stop.wait(SWEEP_SECONDS):
            try:
                sweeping.sweep(wired.till.db(), wired.shop, now=wired.clock())
                requests.forget_old(wired.till.db(), now=wired.clock())
            except SubsidyError:
                # A busy or full disk now; the next round tries again.
                continue

    threading.Thread(target=sweep, name="sweeper", daemon=True).start()
    return stop
