"""Exchange the piece inside one redemption, and bind the piece at delivery."""

from dataclasses import dataclass
from datetime import datetime

from pos_subsidy.domain.subsidy import Reason
from pos_subsidy.errors import Conflict, Invalid, Refused
from pos_subsidy.services import approving, identifying
from pos_subsidy.services import holds as hold_service
from pos_subsidy.services.shop import By, Remember, Shop, forget
from pos_subsidy.store import journal, redemptions
from pos_subsidy.store.db import TillDatabase, write_transaction
from pos_subsidy.store.redemptions import Redemption


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece as scanned."""

    serial_no: str | None
    imei1: str | None = None
    imei2: str | None = None


def exchange(
    db: TillDatabase,
    shop: Shop,
    redemption_id: str,
    piece: Piece,
    *,
    reason: str,
    by: By,
    now: datetime,
    remember: Remember = forget,
) -> Redemption:
    """Swap the piece; the subsidy stays, both pieces keep their history.

    Raises:
        NotAllowed: ``approval_required``.
        NotFound: no such redemption.
        Conflict: ``already_reversed``, or the new piece is held.
        Refused: the new piece's numbers are wrong, missing or used.
    """
    approval = approving.approval(shop, "exchange", by)
    with write_transaction(db):
        now = journal.settled_now(db, now)
        sold = redemptions.find(db, redemption_id)
        if sold.status == "reversed":
            first = next(line for line in sold.lines if line.kind == "full")
            raise Conflict("already_reversed", reversal_id=first.line_id, reversed_at=first.at)
        old = {"serial_no": sold.serial_no, "imei1": sold.imei1, "imei2": sold.imei2}
        new = _checked(db, shop, sold, piece, now=now)
        if new["serial_no"] == old["serial_no"]:
            raise Invalid("exchange_same_piece")
        body = {
            "exchange_id": identifying.unguessable("X", 12),
            "redemption_id": redemption_id,
            "order_no": sold.order_no,
            "old": old,
            "new": new,
            "reason": reason,
            "business_date": shop.today(now).isoformat(),
            "till": by.till,
            "cashier": by.cashier,
            **approval,
        }
        journal.append(db, "exchanged", body, at=now, sign=shop.keyring.sign)
        after = redemptions.find(db, redemption_id)
        remember(after)
    return after


def bind_serial(
    db: TillDatabase,
    shop: Shop,
    redemption_id: str,
    piece: Piece,
    *,
    by: By,
    now: datetime,
    remember: Remember = forget,
) -> Redemption:
    """Bind the piece that was handed over, once.

    Raises:
        Conflict: ``serial_already_bound``.
        Refused: the numbers are wrong, missing or used.
    """
    with write_transaction(db):
        now = journal.settled_now(db, now)
        sold = redemptions.find(db, redemption_id)
        if sold.serial_no is not None:
            raise Conflict("serial_already_bound", serial_no=sold.serial_no)
        numbers = _checked(db, shop, sold, piece, now=now)
        body = {"redemption_id": redemption_id, "order_no": sold.order_no, **numbers}
        journal.append(db, "serial_bound", body, at=now, sign=shop.keyring.sign)
        after = redemptions.find(db, redemption_id)
        remember(after)
    return after


def _checked(
    db: TillDatabase, shop: Shop, sold: Redemption, piece: Piece, *, now: datetime
) -> dict[str, str | None]:
    findings: list[Reason] = []
    numbers = hold_service.piece_numbers(
        db,
        shop,
        piece.serial_no,
        piece.imei1,
        piece.imei2,
        sold.category,
        findings,
        on=shop.today(now),
        but_hold=sold.hold_id,
    )
    # An exchange of a tablet or watch may keep its record without an IMEI, as the sale did.
    missing = any(one.code == "imei_required" for one in findings)
    if not piece.imei1 and sold.imei1 and not missing:
        findings.append(Reason("imei_required", {}, ""))
    if findings:
        raise Refused(findings)
    return numbers
