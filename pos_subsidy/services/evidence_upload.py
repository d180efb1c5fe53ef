"""Photos and papers go up to the city where it asks for them, each sealed to it, until they are there."""

import json
import logging
from collections.abc import Sequence

from pos_subsidy.errors import SubsidyError, Unavailable
from pos_subsidy.protocol import sealing
from pos_subsidy.services.shop import CityLine, Shop
from pos_subsidy.store import evidence, settings
from pos_subsidy.store.db import TillDatabase, read_transaction, write_transaction

log = logging.getLogger(__name__)
_WANTED = "evidence_wanted"


def learn(db: TillDatabase, wanted: Sequence[str]) -> None:
    """Remember which files the city asked for last, by their SHA-256."""
    with write_transaction(db):
        settings.put(db, _WANTED, json.dumps(list(wanted)))


def wanted(db: TillDatabase) -> list[str]:
    """Return the files the city asked for and has not taken yet."""
    return [str(one) for one in json.loads(settings.get(db, _WANTED) or "[]")]


def send(db: TillDatabase, shop: Shop, city: CityLine) -> int:
    """Send the city the files it asked for; return how many it took.

    Nothing goes up that is no evidence of this shop. A file the city does not take, or that cannot be
    read here, holds up no other; with a cut line the rest waits for the next exchange.
    """
    taken: set[str] = set()
    for sha256 in wanted(db):
        with read_transaction(db):
            is_ours = evidence.is_file(db, sha256)
        if not is_ours:
            log.warning("the city asks for %s, which is no evidence of this shop", sha256[:12])
            continue
        try:
            city.send_evidence_file(sha256, sealing.seal(shop.files.get(sha256), shop.seal_public))
        except Unavailable as error:
            log.warning("files of evidence wait for the next exchange: %s", error.code)
            break
        except SubsidyError as error:
            log.warning("file %s stays here: %s", sha256[:12], error.code)
            continue
        taken.add(sha256)
    if taken:
        learn(db, [one for one in wanted(db) if one not in taken])
    return len(taken)
