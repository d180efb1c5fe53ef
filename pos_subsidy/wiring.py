"""Puts a running till together from its folder: database, rules, line to the city, clock."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler

from pos_subsidy import bundled, certificates
from pos_subsidy.city.client import HubClient
from pos_subsidy.city.line import Line
from pos_subsidy.city.shelf import SHELF, Shelf
from pos_subsidy.clock import TrainingClock, system_clock
from pos_subsidy.config import Folder
from pos_subsidy.context import Till
from pos_subsidy.domain.nights import Plan
from pos_subsidy.domain.rules import Rulebook
from pos_subsidy.errors import NotAllowed, SubsidyError
from pos_subsidy.paper.printer import Printer
from pos_subsidy.policy import PACKS_DIR, confirming
from pos_subsidy.rulebooks import packs_dir, rulebook
from pos_subsidy.services import key_feed, nightly, own_data, requests, sweeping
from pos_subsidy.services.shop import Shop
from pos_subsidy.store import migrations
from pos_subsidy.store.db import TillDatabase, open_database

log = logging.getLogger(__name__)
SWEEP_SECONDS = 5.0
_NIGHTLY_FIRST_LOOK_SECONDS, _NIGHTLY_LOOK_SECONDS = 3, 60
_LOOK_SECONDS = 0.2


def rulebook_of(folder: Folder) -> Rulebook:
    """Return the rules of one shop: the packs and what was confirmed for it."""
    shelf = shelf_of(folder)
    return rulebook(folder.path / confirming.FILE, shelf.packs() if shelf else ())


def shelf_of(folder: Folder) -> Shelf | None:
    """Return where the packs of the city are kept that a shop is enrolled with, or None."""
    hub = folder.hub()
    return Shelf(folder.path / SHELF, hub.public) if hub else None


class Rules:
    """The rulebook as its files say it now: a confirmation takes effect without a restart.

    A pack that somebody is in the middle of editing must not stop the till: the last good
    rules stay in force until the files are right again.
    """

    def __init__(self, confirmations: Path, shelf: Shelf | None = None) -> None:
        self._confirmations, self._shelf = confirmations, shelf
        self._guard = threading.Lock()
        self._seen: object = None
        self._looked = 0.0
        self._rulebook: Rulebook | None = None

    def __call__(self) -> Rulebook:
        with self._guard:
            if self._rulebook is not None and time.monotonic() - self._looked < _LOOK_SECONDS:
                return self._rulebook
            self._looked, seen = time.monotonic(), self._stamp()
            if self._rulebook is None or seen != self._seen:
                self._rulebook, self._seen = self._read(), seen
            return self._rulebook

    def _read(self) -> Rulebook:
        try:
            return rulebook(self._confirmations, self._shelf.packs() if self._shelf else ())
        except SubsidyError as error:
            if self._rulebook is None:
                raise
            log.error("the rules in force stay: %s", error)
            return self._rulebook

    def _stamp(self) -> object:
        files = [*sorted((packs_dir() or PACKS_DIR).glob("*.toml")), self._confirmations]
        files += self._shelf.files() if self._shelf else []
        return [(file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in files if file.exists()]


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
    behind_proxy: bool = False


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
    db = open_till_database(folder)
    known_keys = key_feed.marked(db, folder.keys().keyring)
    db.close()
    hub = folder.hub()
    line = None
    if hub is not None:
        keyring = folder.keys().keyring
        client = HubClient(hub, outlet=settings.outlet, keyring=keyring, clock=clock)
        line = Line(client, clock=clock, shelf=shelf_of(folder))
    rules = Rules(folder.path / confirming.FILE, shelf_of(folder))
    shop = replace(folder.shop(rules(), city=line), keyring=known_keys)

    def shop_now() -> Shop:
        current = rules()
        return shop if current is shop.rulebook else replace(shop, rulebook=current)

    address = public_url or settings.public_url
    printer = Printer(settings.printer, settings.paper_mm) if settings.printer else None
    authority = folder.path / certificates.FOLDER / certificates.AUTHORITY
    till = Till(folder.database, clock, shop_now, address.rstrip("/"), printer, authority)
    return Wired(till, clock, line, shop, folder.keys().session_secret, settings.behind_proxy)


def start_nightly(wired: Wired, folder: Folder, *, is_on: bool) -> BackgroundScheduler | None:
    """Look every minute whether the nightly run is due; ``shutdown`` of what is returned ends it."""
    if not is_on:
        nightly.forget_plan(wired.till.db())
        return None
    plan = Plan(zone=wired.shop.zone, at=time_of_day.fromisoformat(folder.settings().nightly_at))

    def look() -> None:
        try:
            done = nightly.tick(
                wired.till.db(), wired.till.shop(), plan, folder.path / nightly.LOCK, now=wired.clock()
            )
        except SubsidyError as error:
            log.warning("nightly: %s", error.code)  # a full or busy disk; the next look tries again
            return
        if done is not None:
            log.warning("nightly: %s %s", done["outcome"], done["code"] or "")

    scheduler = BackgroundScheduler(timezone=wired.shop.zone, daemon=True)
    # Shops switched on at the same hour do not all ask the city in the same minute.
    soon = datetime.now(wired.shop.zone) + timedelta(seconds=_NIGHTLY_FIRST_LOOK_SECONDS)
    every = {"seconds": _NIGHTLY_LOOK_SECONDS, "jitter": 20}
    scheduler.add_job(look, "interval", **every, next_run_time=soon, max_instances=1, coalesce=True)
    scheduler.start()
    return scheduler


def start_background(wired: Wired) -> threading.Event:
    """Start the sweeper and the line's worker; set the event returned to stop the sweeper."""
    stop = threading.Event()
    if wired.line is not None:
        wired.line.start()

    def sweep() -> None:
        while not stop.wait(SWEEP_SECONDS):
            try:
                sweeping.sweep(wired.till.db(), wired.shop, now=wired.clock())
                own_data.forget_due(wired.till.db(), wired.shop, now=wired.clock())
                requests.forget_old(wired.till.db(), now=wired.clock())
            except SubsidyError:
                # A busy or full disk now; the next round tries again.
                continue

    threading.Thread(target=sweep, name="sweeper", daemon=True).start()
    return stop
