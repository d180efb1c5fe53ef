"""Reading holds, pieces and the units that people have used."""

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from pos_subsidy.domain import moments
from pos_subsidy.errors import NotFound
from pos_subsidy.store.db import row, rows, value


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold as it stands; moments are UTC text."""

    hold_id: str
    voucher: str
    category: str
    unit_class: str
    programme: str
    policy_version: str
    clause: str
    person_key: str
    gtin: str | None
    energy_rating: int | None
    serial_no: str | None
    imei1: str | None
    imei2: str | None
    price_fen: int
    subsidy_fen: int
    payable_fen: int
    order_no: str
    business_date: str
    status: str
    authorisation: str
    identity_checked: int
    held_at: str
    expires_at: str
    resolved_at: str | None
    resolution: str | None
    journal_seq: int
    till: str
    cashier: str
    steps: str  # JSON


@dataclass(frozen=True, slots=True)
class PieceUse:
    """One use of a serial number or IMEI, past or present."""

    space: str
    number: str
    state: str
    hold_id: str
    voucher: str
    redemption_id: str | None
    order_no: str
    category: str
    business_date: str
    held_at: str
    expires_at: str
    redeemed_at: str | None
    status: str | None
    till: str


_PIECE_USE = """
SELECT piece.space, piece.number, piece.state, piece.hold_id, hold.voucher, redemption.redemption_id,
       hold.order_no, hold.category, hold.business_date, hold.held_at, hold.expires_at,
       redemption.redeemed_at, redemption.status, hold.till
FROM piece JOIN hold USING (hold_id) LEFT JOIN redemption USING (hold_id)
"""


def find(db: Database, hold_id: str) -> Hold:
    """Return the hold.

    Raises:
        NotFound: ``hold_unknown``.
    """
    found = row(db, "SELECT * FROM hold WHERE hold_id = ?", [hold_id])
    if found is None:
        raise NotFound("hold_unknown")
    return Hold(**found)


def live_of_voucher(db: Database, code: str) -> Hold | None:
    found = row(db, "SELECT * FROM hold WHERE voucher = ? AND status = 'held'", [code])
    return Hold(**found) if found else None


def of_voucher(db: Database, code: str) -> list[Hold]:
    """Return every hold a voucher ever had, oldest first."""
    found = rows(db, "SELECT * FROM hold WHERE voucher = ? ORDER BY journal_seq", [code])
    return [Hold(**one) for one in found]


def open_holds(db: Database) -> list[Hold]:
    """Return every hold that waits for its payment, oldest first."""
    return [Hold(**one) for one in rows(db, "SELECT * FROM hold WHERE status = 'held' ORDER BY held_at")]


def due(db: Database, now: datetime, *, limit: int, after: tuple[str, str] = ("", "")) -> list[Hold]:
    """Return held holds whose time is over, after the (expires_at, hold_id) given."""
    found = rows(
        db,
        "SELECT * FROM hold WHERE status = 'held' AND expires_at <= ? AND (expires_at, hold_id) > (?, ?)"
        " ORDER BY expires_at, hold_id LIMIT ?",
        [moments.text(now), *after, limit],
    )
    return [Hold(**one) for one in found]


def units_used(db: Database, *, person_key: str, programme: str, unit_class: str) -> int:
    """Count the person's units of a class in a programme: redeemed here, or held just now."""
    who = [person_key, programme, unit_class]
    redeemed = value(
        db,
        "SELECT count(*) FROM redemption"
        " WHERE person_key = ? AND programme = ? AND unit_class = ? AND unit_state = 'used'",
        who,
    )
    held = value(
        db,
        "SELECT count(*) FROM hold"
        " WHERE person_key = ? AND programme = ? AND unit_class = ? AND status = 'held'",
        who,
    )
    return int(redeemed) + int(held)


def units_of_class(db: Database, programme: str, unit_class: str) -> int:
    """Count everybody's units of a class at this shop: redeemed, or held just now."""
    found = value(
        db,
        "SELECT count(*) FROM hold WHERE programme = ? AND unit_class = ? AND status IN ('held', 'redeemed')",
        [programme, unit_class],
    )
    return int(found)


def unit_taken_since(db: Database, hold: Hold) -> bool:
    """Say whether the person took another unit of the class after this hold."""
    taken = value(
        db,
        "SELECT count(*) FROM hold WHERE person_key = ? AND programme = ? AND unit_class = ?"
        " AND status IN ('held', 'redeemed') AND journal_seq > ?",
        [hold.person_key, hold.programme, hold.unit_class, hold.journal_seq],
    )
    return bool(taken)


def granted_fen(db: Database, *, person_key: str, programme: str, unit_class: str) -> int:
    """Sum what the person was granted in a class of a programme, net of reversals, holds included."""
    who = [person_key, programme, unit_class]
    redeemed = value(
        db,
        "SELECT coalesce(sum(line.subsidy_fen), 0)"
        " FROM redemption_line line JOIN redemption USING (redemption_id)"
        " WHERE person_key = ? AND programme = ? AND unit_class = ? AND unit_state = 'used'",
        who,
    )
    held = value(
        db,
        "SELECT coalesce(sum(subsidy_fen), 0) FROM hold"
        " WHERE person_key = ? AND programme = ? AND unit_class = ? AND status = 'held'",
        who,
    )
    return int(redeemed) + int(held)


def live_piece(db: Database, space: str, number: str) -> PieceUse | None:
    """Return who holds or used a piece now, or None."""
    found = row(
        db,
        _PIECE_USE + "WHERE piece.space = ? AND piece.number = ? AND piece.state IN ('held', 'used')",
        [space, number],
    )
    return PieceUse(**found) if found else None


def piece_history(db: Database, number: str) -> list[PieceUse]:
    """Return every use of a serial number or IMEI, oldest first."""
    found = rows(db, _PIECE_USE + "WHERE piece.number = ? ORDER BY hold.held_at", [number])
    return [PieceUse(**one) for one in found]


def offline_since(db: Database, *, after_seq: int) -> tuple[int, int]:
    """Return how many sales and how much subsidy (fen) were taken offline after a journal entry."""
    found = db.execute(
        "SELECT count(*), coalesce(sum(subsidy_fen), 0) FROM hold"
        " WHERE authorisation = 'offline' AND status IN ('held', 'redeemed') AND journal_seq > ?",
        [after_seq],
    ).fetchone()
    return int(found[0]), int(found[1])


def lookalikes(db: Database, folded: str) -> list[str]:
    """Return known numbers that read ``folded`` once O is 0 and I is 1."""
    found = rows(
        db,
        "SELECT DISTINCT number FROM piece WHERE replace(replace(number, 'O', '0'), 'I', '1') = ?",
        [folded],
    )
    return [one["number"] for one in found]


def of_order(db: Database, order_no: str) -> list[Hold]:
    """Return an order's holds that wait for money or were redeemed, oldest first."""
    found = rows(
        db,
        "SELECT * FROM hold WHERE status = 'held' AND order_no = :no"
        " UNION SELECT hold.* FROM redemption JOIN hold USING (hold_id) WHERE redemption.order_no = :no"
        " ORDER BY journal_seq",
        {"no": order_no},
    )
    return [Hold(**one) for one in found]
