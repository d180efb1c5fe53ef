"""What runs inside the worker process: the till's or the hub's application."""

import gc
from datetime import datetime
from pathlib import Path
from typing import Any

# A request makes some hundreds of objects, a batch some ten thousand; nearly all go without the collector.
_NEW_OBJECTS, _YOUNG_ROUNDS, _MIDDLE_ROUNDS = 20_000, 20, 10


def till() -> Any:
    """Build the till's service with its sweeper and its line to the city."""
    from pos_subsidy import create_app
    from pos_subsidy.cli.running import settings
    from pos_subsidy.config import Folder
    from pos_subsidy.wiring import start_background, start_nightly, wire

    given = settings()
    training = _moment(given["training"])
    folder = Folder(Path(given["data"]))
    wired = wire(folder, training_clock=training, public_url=given["public_url"])
    app = create_app(wired, training=training is not None)
    settle_memory()
    start_background(wired)
    start_nightly(wired, folder, is_on=given["nightly"])
    return app


def hub() -> Any:
    """Build the hub's service."""
    from pos_subsidy.cli.running import settings
    from pos_subsidy.clock import TrainingClock, system_clock
    from pos_subsidy.hub import config
    from pos_subsidy.hub.app import create_hub
    from pos_subsidy.rulebooks import packs_dir

    given = settings()
    training = _moment(given["training"])
    city = config.load(Path(given["data"]), packs=packs_dir(), database=given["database"])
    clock = TrainingClock(training) if training else system_clock
    app = create_hub(city, clock, training=training is not None, behind_proxy=given["behind_proxy"])
    settle_memory()
    return app


def settle_memory() -> None:
    """Leave what the program consists of out of every later search for garbage; search less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, _YOUNG_ROUNDS, _MIDDLE_ROUNDS)


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
