"""Hold a voucher, the person's unit and the piece while the customer pays; let go again."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from pos_subsidy.domain import explanation, moments
from pos_subsidy.domain.identifiers import imei as imeis
from pos_subsidy.domain.identifiers import serial_no as serial_nos
from pos_subsidy.domain.product import Product
from pos_subsidy.domain.reasons import cited
from pos_subsidy.domain.rules import Rule
from pos_subsidy.domain.subsidy import Assessment, Reason
from pos_subsidy.errors import Conflict, Invalid, Refused, Unavailable
from pos_subsidy.services import assessment, city_budget, city_lists, identifying, offline, scanning, standing
from pos_subsidy.services.assessment import Goods
from pos_subsidy.services.shop import By, Remember, Shop, forget
from pos_subsidy.store import holds, journal, persons, redemptions, vouchers
from pos_subsidy.store.db import TillDatabase, read_transaction, write_transaction
from pos_subsidy.store.holds import Hold
from pos_subsidy.store.state import pieces_of
from pos_subsidy.store.vouchers import Voucher


@dataclass(frozen=True, slots=True)
class Sale:
    """What is about to be paid for with a voucher."""

    voucher: str
    goods: Goods
    order_no: str
    serial_no: str | None = None
    imei1: str | None = None
    imei2: str | None = None
    identity_checked: bool = False


@dataclass(frozen=True, slots=True)
class _Decision:
    """Everything a hold needs, found good."""

    voucher: Voucher
    product: Product | None
    category: str
    rule: Rule
    assessment: Assessment
    pieces: Mapping[str, str | None]


def hold(
    db: TillDatabase, shop: Shop, sale: Sale, *, by: By, now: datetime, remember: Remember = forget
) -> Hold:
    """Freeze voucher, unit and piece, and say what to charge.

    With a line to the city the hold is confirmed there before money moves; without an
    answer in time it is taken offline, within the caps.

    Raises:
        Invalid, NotFound: the voucher cannot be read or is unknown.
        Conflict: voucher or piece is not free, or ``offline_cap_reached``.
        Refused: the policy says no; every reason is named.
    """
    voucher = scanning.voucher_of_scan(db, shop, sale.voucher, by=by, now=now)
    hold_id = identifying.unguessable("H")
    authorisation = "local"
    if shop.city is not None:
        # Asked outside the write transaction: the city may take 800 ms, other tills must not wait.
        with read_transaction(db):
            first_look = _decide(db, shop, sale, voucher.code, now=now)
        authorisation = _authorise(db, shop, sale, first_look, hold_id, now=now)
    try:
        with write_transaction(db):
            now = journal.settled_now(db, now)
            decision = _decide(db, shop, sale, voucher.code, now=now)
            if authorisation == "offline":
                offline.must_be_within_caps(db, shop, adding_fen=decision.assessment.subsidy_fen)
            taken = _take(
                db, shop, sale, decision, hold_id=hold_id, authorisation=authorisation, by=by, now=now
            )
            remember(taken)
    except BaseException:
        if authorisation == "online" and shop.city is not None:
            shop.city.cancel_later(hold_id)
        raise
    return taken


def release(
    db: TillDatabase,
    shop: Shop,
    hold_id: str,
    *,
    reason: str,
    by: By,
    now: datetime,
    remember: Remember = forget,
) -> Hold:
    """Let go of a hold because the payment failed. Releasing twice changes nothing more.

    Raises:
        Conflict: ``hold_redeemed`` with when and by whom, or ``hold_expired``.
    """
    with write_transaction(db):
        now = journal.settled_now(db, now)
        found = holds.find(db, hold_id)
        if found.status == "redeemed":
            raise redeemed_already(db, found)
        if found.status == "held":
            end(db, shop, found, kind="hold_released", reason=reason, now=now)
            found = holds.find(db, hold_id)
        remember(found)
    if found.authorisation == "online" and shop.city is not None:
        shop.city.cancel_later(hold_id)
    return found


def end(db: TillDatabase, shop: Shop, found: Hold, *, kind: str, reason: str, now: datetime) -> None:
    """Record the end of a hold; its voucher is free again, or expired if its time is over."""
    voucher = vouchers.find(db, found.voucher)
    over = moments.text(now) >= voucher.valid_until
    body = {
        "hold_id": found.hold_id,
        "voucher": found.voucher,
        "voucher_status": "expired" if over else "issued",
        "reason": reason,
    }
    journal.append(db, kind, body, at=now, sign=shop.keyring.sign)


def redeemed_already(db: TillDatabase, found: Hold) -> Conflict:
    """Return the conflict that says how this hold was resolved."""
    redemption = redemptions.of_hold(db, found.hold_id)
    assert redemption is not None
    return Conflict(
        "hold_redeemed",
        redemption_id=redemption.redemption_id,
        redeemed_at=redemption.redeemed_at,
        till=redemption.till,
        cashier=redemption.cashier,
    )


def _decide(db: TillDatabase, shop: Shop, sale: Sale, code: str, *, now: datetime) -> _Decision:
    voucher = vouchers.find(db, code)
    scanning.must_be_issued(db, voucher, now=now)
    if voucher.wants_identity and not sale.identity_checked:
        raise Invalid("identity_check_required")
    on = shop.today(now)
    findings: list[Reason] = []
    product = assessment.look_up(db, sale.goods, on, findings)
    category = product.category if product else (sale.goods.category or voucher.category)
    rule = shop.rulebook.rule_in_force(category, on)
    if category != voucher.category:
        findings.append(
            Reason("category_mismatch", {"voucher_category": voucher.category, "category": category}, "")
        )
    if product is None and sale.goods.gtin is None and rule is not None and rule.terms.catalogue_required:
        findings.append(Reason("not_in_catalogue", {"gtin": ""}, ""))
    if rule is not None and rule.terms.claimed == "afterwards":
        findings.append(Reason("claimed_afterwards", named(shop, category), rule.source.cited))
    if standing.is_suspended(db):
        findings.append(Reason("merchant_suspended", {}, ""))
    findings += city_lists.seller_blocked(db, shop, on)
    pieces = piece_numbers(
        db,
        shop,
        sale.serial_no,
        sale.imei1,
        sale.imei2,
        category,
        findings,
        on=on,
        required=rule is None or rule.terms.serial_at == "till",
        order_no=sale.order_no,
    )
    told = sale.goods.attributes
    usage = assessment.used_by(db, shop, voucher.person_key, category, on, told)
    if rule is not None and category == voucher.category:
        _must_count_alike(shop, rule, voucher, told, findings)
    outcome = assessment.decide(
        shop,
        Goods(
            price_fen=sale.goods.price_fen,
            category=category,
            gtin=sale.goods.gtin,
            energy_rating=sale.goods.energy_rating,
            attributes=sale.goods.attributes,
        ),
        product,
        on=on,
        at=now,
        usage=usage,
        findings=findings,
    )
    if outcome.refusals:
        raise Refused(outcome.refusals)
    assert rule is not None
    if outcome.subsidy_fen == 0:
        raise Refused([Reason("nothing_granted", {"price_fen": sale.goods.price_fen}, "")])
    return _Decision(voucher, product, category, rule, outcome, pieces)


def _must_count_alike(
    shop: Shop, rule: Rule, voucher: Voucher, attributes: Mapping[str, object], findings: list[Reason]
) -> None:
    """Find a sale whose units are counted under another name than the voucher's: another batch."""
    counted = rule.unit_class(shop.rulebook.categories[voucher.category], attributes)
    if counted != voucher.unit_class:
        params = {"voucher_category": voucher.unit_class, "category": counted}
        findings.append(Reason("category_mismatch", params, ""))


def named(shop: Shop, category: str) -> dict[str, str]:
    """Return a category's code and names, as sentences want them."""
    known = shop.rulebook.category(category)
    return {"category": category, "category_zh": known.name_zh, "category_en": known.name_en}


def piece_numbers(
    db: TillDatabase,
    shop: Shop,
    serial_no: str | None,
    imei1: str | None,
    imei2: str | None,
    category: str,
    findings: list[Reason],
    *,
    on: date,
    required: bool = True,
    but_hold: str | None = None,
    order_no: str | None = None,
) -> dict[str, str | None]:
    """Return the normalised numbers of a piece, adding what is wrong with them to ``findings``.

    ``on`` is the day by which the city's blocklist is asked; ``but_hold`` names the hold whose own
    use of the piece does not count.

    Raises:
        Conflict: ``serial_held``, the piece waits for another customer's payment;
            ``not_stackable``, another voucher of this very order is on it.
    """
    known = shop.rulebook.categories.get(category)
    found: dict[str, str | None] = {
        "serial_no": _number(serial_no, serial_nos.validate, findings),
        "imei1": _number(imei1, imeis.validate, findings),
        "imei2": _number(imei2, imeis.validate, findings),
    }
    if required and not serial_no:
        findings.append(Reason("serial_required", {}, ""))
    if required and not imei1 and known is not None and known.imei == "required":
        findings.append(Reason("imei_required", {}, ""))
    for space, number in pieces_of(found):
        use = holds.live_piece(db, space, number)
        if use is not None and use.hold_id != but_hold:
            _refuse_piece(use, findings, order_no)
    findings += city_lists.blocked(db, pieces_of(found), on)
    return found


def _refuse_piece(use: holds.PieceUse, findings: list[Reason], order_no: str | None) -> None:
    if use.state == "held" and use.order_no == order_no:
        raise Conflict("not_stackable", number=use.number, voucher=use.voucher, order_no=use.order_no)
    if use.state == "held":
        raise Conflict(
            "serial_held", number=use.number, expires_at=use.expires_at, till=use.till, order_no=use.order_no
        )
    code = "serial_used" if use.space == "serial" else "imei_used"
    params = {"number": use.number, "redemption_id": use.redemption_id, "redeemed_at": use.redeemed_at}
    findings.append(Reason(code, {**params, "till": use.till}, ""))


def _number(typed: str | None, validate: Any, findings: list[Reason]) -> str | None:
    if not typed:
        return None
    try:
        return validate(typed)
    except Invalid as error:
        findings.append(assessment.as_reason(error))
        return None


def _authorise(
    db: TillDatabase, shop: Shop, sale: Sale, decision: _Decision, hold_id: str, *, now: datetime
) -> str:
    """Ask the city and return online; without an answer, offline if the caps allow."""
    assert shop.city is not None
    programme = decision.rule.programme.id
    voucher, expires = decision.voucher, now + timedelta(minutes=decision.rule.terms.hold_minutes)
    sealed = persons.sealed(db, voucher.commitment)
    request = {
        "hold_id": hold_id,
        "category": decision.category,
        "unit_class": voucher.unit_class,
        "programme": programme,
        "business_date": shop.today(now).isoformat(),
        "price_fen": sale.goods.price_fen,
        "subsidy_fen": decision.assessment.subsidy_fen,
        "gtin": decision.product.gtin if decision.product else None,
        **decision.pieces,
        "expires_at": moments.text(expires),
        "commitment": voucher.commitment,
        "sealed": base64.b64encode(sealed).decode() if sealed else None,
    }
    try:
        refusals = shop.city.hold(request)
    except Unavailable:
        # The answer may have been lost on its way back: free what may be held there.
        shop.city.cancel_later(hold_id)
        if known := city_budget.spent(db, programme, on=shop.today(now)):
            # The night would refuse it, and the shop would have given the money.
            raise Refused([Reason("budget_exhausted", known, "")]) from None
        offline.must_be_within_caps(db, shop, adding_fen=decision.assessment.subsidy_fen)
        return "offline"
    if (told := shop.city.budget(programme)) is not None:
        city_budget.learn(db, told, programme=programme)
    if refusals:
        raise Refused(cited(refusals, decision.rule))
    return "online"


def _take(
    db: TillDatabase,
    shop: Shop,
    sale: Sale,
    decision: _Decision,
    *,
    hold_id: str,
    authorisation: str,
    by: By,
    now: datetime,
) -> Hold:
    outcome, voucher = decision.assessment, decision.voucher
    body = {
        "hold_id": hold_id,
        "voucher": voucher.code,
        "category": decision.category,
        "unit_class": voucher.unit_class,
        "programme": decision.rule.programme.id,
        "policy_version": outcome.policy_version,
        "clause": decision.rule.source.cited,
        "person_key": voucher.person_key,
        "gtin": decision.product.gtin if decision.product else None,
        "energy_rating": decision.product.energy_rating if decision.product else sale.goods.energy_rating,
        **decision.pieces,
        "price_fen": sale.goods.price_fen,
        "subsidy_fen": outcome.subsidy_fen,
        "payable_fen": outcome.payable_fen,
        "order_no": sale.order_no,
        "business_date": shop.today(now).isoformat(),
        "expires_at": moments.text(now + timedelta(minutes=decision.rule.terms.hold_minutes)),
        "authorisation": authorisation,
        "identity_checked": sale.identity_checked,
        "steps": [explanation.step_json(step) for step in outcome.steps],
        "till": by.till,
        "cashier": by.cashier,
    }
    journal.append(db, "hold_taken", body, at=now, sign=shop.keyring.sign)
    return holds.find(db, hold_id)
