"""How much a shop may sell while the city does not answer: decided by somebody, for a reason that is kept."""

from datetime import datetime
from pathlib import Path

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
        caps = OfflineCaps(int(sales or 0), amount_fen(yuan or ""))
    except ValueError:
        raise Invalid("caps_invalid") from None
    if sales is None or min(caps.sales, caps.subsidy_fen) < 0:
        raise Invalid("caps_invalid")
    return caps


def decide(city: City, folder: Path, caps: OfflineCaps | None, *, by: By, why: str, now: datetime) -> None:
    """Set or lift the caps of a hub's folder; a service that runs goes by the old ones until it starts again.

    Raises:
        Invalid: ``reviewer_required``, nobody decides it; ``office_reason_required``.
    """
    must_be_named(by.username)
    if not why.strip():
        raise Invalid("office_reason_required")
    told = f"{caps.sales} / {money.yuan(caps.subsidy_fen)}" if caps else "–"
    # The log first: a decision that could not be kept is not made.
    run(
        city.engine,
        lambda db: office_log.note(db, by, "offline_caps", about=told, now=now, note=why.strip()),
    )
    config.set_offline_caps(folder, caps)
