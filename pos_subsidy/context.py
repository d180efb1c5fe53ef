"""What a request needs from outside: a database, the shop with its rules and line, the time."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import cast

from flask import Flask, current_app

from pos_subsidy.paper.printer import Printer
from pos_subsidy.services.shop import Shop
from pos_subsidy.store.db import TillDatabase, open_database


@dataclass(slots=True)
class Till:
    """The running service: where its file is, how late it is, which shop it is."""

    database: Path
    clock: Callable[[], datetime]
    shop: Callable[[], Shop]
    public_url: str
    printer: Printer | None = None
    authority: Path | None = None  # the shop's own certificate authority, where it made one
    _local: threading.local = field(default_factory=threading.local)

    def db(self) -> TillDatabase:
        """Return this thread's connection; opening one costs more than most requests."""
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = open_database(self.database)
        return cast(TillDatabase, connection)


def init_app(app: Flask, till: Till) -> None:
    app.extensions["till"] = till


def till() -> Till:
    return cast(Till, current_app.extensions["till"])


def get_db() -> TillDatabase:
    """Return the connection to this till's file."""
    return till().db()


def get_shop() -> Shop:
    """Return the shop with the rules and the line to the city as they are now."""
    return till().shop()


def now() -> datetime:
    """Return the moment, aware and in UTC."""
    return till().clock()
