"""Exchange with the city again and again, while somebody watches."""

from collections.abc import Callable
from datetime import datetime

from pos_subsidy.errors import SubsidyError
from pos_subsidy.services import city_sync
from pos_subsidy.services.city_sync import Progress, Synced, unwatched
from pos_subsidy.services.shop import Shop
from pos_subsidy.store.db import TillDatabase

PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 30.0, 600.0
# Nothing that waiting mends.
_FINAL = frozenset({"no_hub", "chain_forked", "key_revoked"})


def watch(
    db: TillDatabase,
    shop: Shop,
    *,
    clock: Callable[[], datetime],
    wait: Callable[[float], bool],
    said: Callable[[Synced | SubsidyError], None],
    progress: Progress = unwatched,
) -> None:
    """Sync until ``wait(seconds)`` returns True; tell ``said`` what each round did.

    A city that does not answer is asked less and less often.

    Raises:
        SubsidyError: what no waiting mends.
    """
    pause = PAUSE_SECONDS
    while True:
        try:
            said(city_sync.sync(db, shop, now=clock(), progress=progress))
            pause = PAUSE_SECONDS
        except SubsidyError as error:
            if error.code in _FINAL:
                raise
            said(error)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        if wait(pause):
            return
