"""Issue a voucher to a person, and void one."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from pos_subsidy.domain import moments, subsidy
from pos_subsidy.domain import person as persons
from pos_subsidy.domain.person import Identity
from pos_subsidy.domain.rules import Rule
from pos_subsidy.domain.subsidy import Assessment, Reason
from pos_subsidy.errors import Conflict, Invalid, Refused
from pos_subsidy.protocol import sealing
from pos_subsidy.services import assessment, identifying
from pos_subsidy.services.assessment import Goods, PersonInput
from pos_subsidy.services.shop import By, Remember, Shop, forget
from pos_subsidy.store import journal, vouchers
from pos_subsidy.store import persons as person_store
from pos_subsidy.store.db import TillDatabase, write_transaction
from pos_subsidy.store.vouchers import Voucher


@dataclass(frozen=True, slots=True)
class Application:
    """What a person asks for: a category, perhaps a certain item at a certain price."""

    category: str | None
    person: PersonInput
    gtin: str | None = None
    price_fen: int | None = None
    energy_rating: int | None = None
    kind: str = "screen"
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A fresh voucher, the link to its page, and what it is expected to give."""

    voucher: Voucher
    wallet_link: str
    quote: Assessment | None


def issue(
    db: TillDatabase,
    shop: Shop,
    application: Application,
    *,
    by: By,
    now: datetime,
    remember: Remember = forget,
) -> Issued:
    """Issue a voucher that is good for one deduction at this outlet.

    The person's units are checked, none is reserved. ``replaces`` voids an open voucher in
    the same act.

    Raises:
        Refused: the policy says no; every reason is named.
        Conflict: ``voucher_exists``, she holds as many open vouchers as she has units left.
    """
    with write_transaction(db):
        now = journal.settled_now(db, now)
        on = shop.today(now)
        findings: list[Reason] = []
        identity = _identify(application.person, on, findings)
        goods = Goods(
            price_fen=application.price_fen or 0,
            category=application.category,
            gtin=application.gtin,
            energy_rating=application.energy_rating,
        )
        product = assessment.look_up(db, goods, findings)
        category = application.category or (product.category if product else None)
        if category is None:
            raise Refused(findings)
        key = _key(identity, shop)
        units_used, granted_fen = assessment.used_by(db, shop, key, category, on) if key else (0, 0)

        quote = None
        if application.price_fen is not None:
            quote = assessment.decide(
                shop,
                goods,
                product,
                on=on,
                units_used=units_used if key else None,
                granted_fen=granted_fen,
                findings=findings,
            )
            refusals = list(quote.refusals)
        else:
            if product is not None and product.category != category:
                params = {"filed_category": product.category, "category": category, "gtin": product.gtin}
                findings.append(Reason("category_mismatch", params, ""))
            refusals = subsidy.preconditions(
                category,
                on=on,
                rulebook=shop.rulebook,
                units_used=units_used,
                granted_fen=granted_fen,
                findings=findings,
            )
        if refusals or identity is None or key is None:
            raise Refused(refusals)
        rule = shop.rulebook.rule_in_force(category, on)
        assert rule is not None

        if application.replaces:
            _void(db, shop, application.replaces, reason="replaced", by=by, now=now)
        _refuse_second(db, shop, rule, key, category, units_used, now)
        voucher = _record(db, shop, application, rule, category, identity, quote, by=by, now=now)
        issued = Issued(voucher, identifying.wallet_link(voucher.code, secret=shop.secret), quote)
        remember(issued)
    return issued


def void(
    db: TillDatabase,
    shop: Shop,
    code: str,
    *,
    reason: str,
    by: By,
    now: datetime,
    remember: Remember = forget,
) -> Voucher:
    """Void an issued voucher.

    Raises:
        Conflict: it is held, spent, voided already or over.
    """
    with write_transaction(db):
        voucher = _void(db, shop, code, reason=reason, by=by, now=journal.settled_now(db, now))
        remember(voucher)
    return voucher


def _void(db: TillDatabase, shop: Shop, code: str, *, reason: str, by: By, now: datetime) -> Voucher:
    voucher = vouchers.find(db, code)
    if voucher.status != "issued":
        raise Conflict("voucher_not_voidable", code_shown=voucher.code, status=voucher.status)
    body = {"voucher": code, "reason": reason, "by": by.cashier or by.till}
    journal.append(db, "voucher_voided", body, at=now, sign=shop.keyring.sign)
    return vouchers.find(db, code)


def _key(identity: Identity | None, shop: Shop) -> str | None:
    if identity is None:
        return None
    return persons.person_key(identity.id_type, identity.id_number, secret=shop.secret)


def _identify(person: PersonInput, on: date, findings: list[Reason]) -> Identity | None:
    try:
        return persons.identify(
            id_type=person.id_type, id_number=person.id_number, name=person.name, phone=person.phone, today=on
        )
    except Invalid as error:
        findings.append(assessment.as_reason(error))
        return None


def _refuse_second(
    db: TillDatabase, shop: Shop, rule: Rule, key: str, category: str, units_used: int, now: datetime
) -> None:
    if rule.units_max is None:
        return
    unit_class = shop.rulebook.categories[category].unit_class
    open_vouchers = vouchers.open_of(
        db, person_key=key, programme=rule.programme.id, unit_class=unit_class, now=now
    )
    if len(open_vouchers) >= rule.units_max - units_used:
        existing = open_vouchers[0]
        raise Conflict("voucher_exists", voucher=existing.code, valid_until=existing.valid_until)


def _record(
    db: TillDatabase,
    shop: Shop,
    application: Application,
    rule: Rule,
    category: str,
    identity: Identity,
    quote: Assessment | None,
    *,
    by: By,
    now: datetime,
) -> Voucher:
    card = persons.card(identity, secret=shop.secret)
    salt = secrets.token_bytes(32)
    commitment = persons.commitment(identity, salt)
    person_store.remember(db, card, now=now)
    person_store.keep_sealed(
        db,
        commitment=commitment,
        person_key=card.person_key,
        sealed=sealing.seal(persons.disclosure(identity, salt), shop.seal_public),
        seal_kid=sealing.seal_kid(shop.seal_public),
        now=now,
    )
    code = identifying.voucher_code()
    body = {
        "voucher": code,
        "category": category,
        "unit_class": shop.rulebook.categories[category].unit_class,
        "programme": rule.programme.id,
        "policy_version": rule.policy_version,
        "person_key": card.person_key,
        "commitment": commitment,
        "voucher_kind": application.kind,
        "gtin": application.gtin,
        "price_fen": application.price_fen,
        "subsidy_fen": quote.subsidy_fen if quote else None,
        "valid_until": moments.text(_end(rule, application.kind, shop, now)),
        "wallet_hash": identifying.wallet_hash(identifying.wallet_link(code, secret=shop.secret)),
        "replaces": application.replaces,
        "till": by.till,
        "cashier": by.cashier,
    }
    journal.append(db, "voucher_issued", body, at=now, sign=shop.keyring.sign)
    return vouchers.find(db, code)


def _end(rule: Rule, kind: str, shop: Shop, now: datetime) -> datetime:
    """Return when a voucher's time is over; whole seconds, as its token can say."""
    if kind == "paper":
        tomorrow = shop.today(now) + timedelta(days=1)
        return datetime.combine(tomorrow, time(), tzinfo=shop.zone)
    return (now + timedelta(minutes=rule.terms.voucher_minutes)).replace(microsecond=0)
