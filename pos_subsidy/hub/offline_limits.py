"""How much a shop may sell while the city does not answer: decided by somebody, for a reason that is kept."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from pos_subsidy.domain import money
from pos_subsidy.domain.amounts import amount_fen
from pos_subsidy.errors import Invalid
from pos_subsidy.hub import config, office_log
from pos_subsidy.hub.city import City, OfflineCaps
from pos_subsidy.hub.office_log import By, must_be_named
from pos_subsidy.hub.store.db import run


def read(sales: int | None, yuan: str | None) -> OfflineCaps:
    """Return caps as somebody typed them, the amount in yuan.

    Raises:
        Invalid: ``caps_invalid``, one is missing, below zero, or no amount.
    """
    try:
        subsidy_fen = amount_fen(yuan)
    except ValueError:
        raise Invalid("caps_invalid") from None
    if sales is None or min(sales, subsidy_fen) < 0:
        raise Invalid("caps_invalid")
    return OfflineCaps(sales, subsidy_fen)


def decide(city: City, folder: Path, caps: OfflineCaps | None, *, by: By, why: str, now: datetime) -> None:
    """Set or lift the caps of a hub's folder; a service that runs goes by the old ones until it starts again.

    Raises:
        Invalid: ``reviewer_required``, nobody decides it; ``office_reason_required``.
    """
    must_be_named(by.username)
    why = office_log.reason(why)
    told = f"{caps.sales} 笔 / ¥{money.yuan(caps.subsidy_fen)}" if caps else "–"

    def decided(db: Connection) -> None:
        office_log.note(db, by, "offline_caps", about=told, now=now, note=why)
        # Last: if it fails, nothing is in the log either.
        config.set_offline_caps(folder, caps)

    run(city.engine, decided)
