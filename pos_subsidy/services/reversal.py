"""Reverse a redemption, wholly or in part. Nothing is edited: a negative line is appended."""

from dataclasses import dataclass
from datetime import date, datetime

from pos_subsidy.domain import subsidy
from pos_subsidy.domain.rules import Rule
from pos_subsidy.domain.subsidy import Item
from pos_subsidy.errors import Conflict, Invalid, Refused
from pos_subsidy.services import approving, identifying
from pos_subsidy.services.shop import By, Remember, Shop, forget
from pos_subsidy.store import journal, redemptions
from pos_subsidy.store.db import TillDatabase, write_transaction
from pos_subsidy.store.redemptions import Line, Redemption


@dataclass(frozen=True, slots=True)
class Return:
    """What the customer gives back: everything, or a part of the price."""

    kind: str  # full or partial
    reason: str
    new_price_fen: int | None = None
    credit_note_no: str | None = None


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a reversal will do, shown before it is confirmed. Amounts are fen, none negative."""

    refund_fen: int  # to the consumer
    owed_fen: int  # to the city
    new_price_fen: int
    right: str  # consumed, restored or kept
    piece: str  # free or kept
    clause: str


@dataclass(frozen=True, slots=True)
class Reversal:
    """A booked reversal: the redemption as it stands now and the line that was added."""

    redemption: Redemption
    line: Line


def foresee(db: TillDatabase, shop: Shop, redemption_id: str, asked: Return) -> Consequence:
    """Return what a reversal would do. Writes nothing; raises what ``reverse`` raises."""
    return _consequence(shop, redemptions.find(db, redemption_id), asked)


def reverse(
    db: TillDatabase,
    shop: Shop,
    redemption_id: str,
    asked: Return,
    *,
    by: By,
    now: datetime,
    remember: Remember = forget,
) -> Reversal:
    """Book a reversal under the rules of the day of the sale.

    Raises:
        NotAllowed: ``approval_required``.
        NotFound: no such redemption.
        Conflict: ``already_reversed``, naming the first reversal.
        Invalid: ``new_price_invalid``, the new price is not below the one in force.
    """
    approval = approving.approval(shop, "reverse", by)
    with write_transaction(db):
        now = journal.settled_now(db, now)
        sold = redemptions.find(db, redemption_id)
        consequence = _consequence(shop, sold, asked)
        reversal_id = identifying.unguessable("V", 12)
        body = {
            "reversal_id": reversal_id,
            "redemption_id": redemption_id,
            "order_no": sold.order_no,
            "reversal_kind": asked.kind,
            "new_price_fen": consequence.new_price_fen,
            "price_fen": consequence.new_price_fen - sold.net_price_fen,
            "subsidy_fen": -consequence.owed_fen,
            "payable_fen": -consequence.refund_fen,
            "right": consequence.right,
            "piece": consequence.piece,
            "reason": asked.reason,
            "credit_note_no": asked.credit_note_no,
            "business_date": shop.today(now).isoformat(),
            "till": by.till,
            "cashier": by.cashier,
            **approval,
        }
        journal.append(db, "reversed", body, at=now, sign=shop.keyring.sign)
        after = redemptions.find(db, redemption_id)
        reversal = Reversal(after, after.lines[-1])
        remember(reversal)
    return reversal


def _consequence(shop: Shop, sold: Redemption, asked: Return) -> Consequence:
    if sold.status == "reversed":
        first = next(line for line in sold.lines if line.kind == "full")
        raise Conflict("already_reversed", reversal_id=first.line_id, reversed_at=first.at)
    rule = shop.rulebook.rule_in_force(sold.category, date.fromisoformat(sold.business_date))
    assert rule is not None, "a redemption exists only under a rule"
    if asked.kind == "full":
        return Consequence(
            refund_fen=sold.net_payable_fen,
            owed_fen=sold.net_subsidy_fen,
            new_price_fen=0,
            right=rule.terms.right_after_full_reversal,
            piece="free" if rule.terms.serial_after_full_reversal == "free" else "kept",
            clause=rule.source.cited,
        )
    new_price_fen = asked.new_price_fen
    if new_price_fen is None or not 0 < new_price_fen < sold.net_price_fen:
        raise Invalid("new_price_invalid", price_fen=sold.net_price_fen)
    new_subsidy_fen = min(_recompute(shop, sold, rule, new_price_fen), sold.net_subsidy_fen)
    owed_fen = sold.net_subsidy_fen - new_subsidy_fen
    return Consequence(
        refund_fen=sold.net_price_fen - new_price_fen - owed_fen,
        owed_fen=owed_fen,
        new_price_fen=new_price_fen,
        right="kept",
        piece="kept",
        clause=rule.source.cited,
    )


def _recompute(shop: Shop, sold: Redemption, rule: Rule, new_price_fen: int) -> int:
    # Ratings and classes were proven at the sale; only the price is new.
    unrated = rule.by_rating and sold.energy_rating is None
    item = Item(
        category=sold.category,
        price_fen=new_price_fen,
        energy_rating=sold.energy_rating,
        attributes={**({"has_rating_system": False} if unrated else {}), **rule.told_by(sold.unit_class)},
    )
    outcome = subsidy.assess(item, on=date.fromisoformat(sold.business_date), rulebook=shop.rulebook)
    if outcome.refusals:
        raise Refused(outcome.refusals)
    return outcome.subsidy_fen
