"""Issue a voucher to a person, and void one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from pos_subsidy.domain import moments, subsidy
from pos_subsidy.domain import voucher as codes
from pos_subsidy.domain.product import Product
from pos_subsidy.domain.rules import Rule
from pos_subsidy.domain.subsidy import Assessment, Reason
from pos_subsidy.errors import Conflict, Refused
from pos_subsidy.services import approving, assessment, identifying, intake
from pos_subsidy.services.assessment import Goods, PersonInput, Usage
from pos_subsidy.services.shop import By, Remember, Shop, forget
from pos_subsidy.store import journal, vouchers
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
    attributes: Mapping[str, object] = field(default_factory=dict)
    kind: str = "screen"
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A fresh voucher, the link to its page, and what it is expected to give."""

    voucher: Voucher
    wallet_link: str
    quote: Assessment | None


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What a person may have of a class today; ``quote`` where goods and price are known."""

    rule: Rule
    usage: Usage
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
        identity = intake.identify(application.person, on, findings)
        goods = Goods(
            price_fen=application.price_fen or 0,
            category=application.category,
            gtin=application.gtin,
            energy_rating=application.energy_rating,
            attributes=application.attributes,
        )
        product = assessment.look_up(db, goods, on, findings)
        category = application.category or (product.category if product else None)
        if category is None:
            raise Refused(findings)
        key = intake.key_of(identity, shop)
        found = examine(db, shop, goods, product, category, key, findings, now=now)
        assert identity is not None and key is not None, "without a person there is a refusal"

        if application.replaces:
            _void(db, shop, application.replaces, reason="replaced", by=by, now=now)
        refuse_second(db, shop, found, key, category, goods.attributes, now=now)
        seen = by.till != codes.SELF_SERVICE
        card, commitment = intake.take_in(db, shop, identity, is_seen=seen, now=now)
        who = (card.person_key, commitment)
        issued = record(db, shop, application, found, category, who, by=by, now=now)
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
        NotAllowed: ``approval_required``.
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
    approval = approving.approval(shop, "void", by)
    body = {"voucher": code, "reason": reason, "by": by.cashier or by.till, **approval}
    journal.append(db, "voucher_voided", body, at=now, sign=shop.keyring.sign)
    return vouchers.find(db, code)


def examine(
    db: TillDatabase,
    shop: Shop,
    goods: Goods,
    product: Product | None,
    category: str,
    key: str | None,
    findings: list[Reason],
    *,
    now: datetime,
) -> Entitlement:
    """Return what today's policy gives this person: for a known price a quote, else the right alone.

    Raises:
        Refused: the policy says no, or ``findings`` do; every reason is named.
    """
    on, told = shop.today(now), goods.attributes
    usage = assessment.used_by(db, shop, key, category, on, told) if key else assessment.NOBODY
    rule = shop.rulebook.rule_in_force(category, on)
    if rule is not None and rule.terms.claimed == "afterwards":
        named = shop.rulebook.categories[category].named
        findings.append(Reason("claimed_afterwards", named, rule.source.cited))
    quote = None
    if goods.price_fen:
        quote = assessment.decide(shop, goods, product, on=on, at=now, usage=usage, findings=findings)
        refusals = list(quote.refusals)
    else:
        if product is not None and product.category != category:
            params = {"filed_category": product.category, "category": category, "gtin": product.gtin}
            findings.append(Reason("category_mismatch", params, ""))
        refusals = subsidy.preconditions(
            category,
            on=on,
            rulebook=shop.rulebook,
            units_used=usage.units or 0,
            granted_fen=usage.granted_fen,
            attributes=told,
            findings=findings,
        )
    if refusals:
        raise Refused(refusals)
    assert rule is not None, "without a rule there is a refusal"
    return Entitlement(rule, usage, quote)


def refuse_second(
    db: TillDatabase,
    shop: Shop,
    found: Entitlement,
    key: str,
    category: str,
    attributes: Mapping[str, object],
    *,
    now: datetime,
) -> None:
    """Refuse a voucher beyond the units a person has left.

    Raises:
        Conflict: ``voucher_exists``.
    """
    rule = found.rule
    units_max = rule.units_max_for(attributes)
    if units_max is None:
        return
    unit_class = rule.unit_class(shop.rulebook.categories[category], attributes)
    open_vouchers = vouchers.open_of(
        db, person_key=key, programme=rule.programme.id, unit_class=unit_class, now=now
    )
    if len(open_vouchers) >= units_max - (found.usage.units or 0):
        existing = open_vouchers[0]
        raise Conflict("voucher_exists", voucher=existing.code, valid_until=existing.valid_until)


def record(
    db: TillDatabase,
    shop: Shop,
    application: Application,
    found: Entitlement,
    category: str,
    who: tuple[str, str],
    *,
    by: By,
    now: datetime,
) -> Issued:
    """Write a fresh voucher into the journal; ``who`` is a person's key and her commitment."""
    person_key, commitment = who
    rule, quote = found.rule, found.quote
    code = identifying.voucher_code()
    link = identifying.wallet_link(code, secret=shop.secret)
    body = {
        "voucher": code,
        "category": category,
        "unit_class": rule.unit_class(shop.rulebook.categories[category], application.attributes),
        "programme": rule.programme.id,
        "policy_version": rule.policy_version,
        "person_key": person_key,
        "commitment": commitment,
        "voucher_kind": application.kind,
        "gtin": application.gtin,
        "price_fen": application.price_fen,
        "subsidy_fen": quote.subsidy_fen if quote else None,
        "valid_until": moments.text(_end(rule, application.kind, shop, now)),
        "wallet_hash": identifying.wallet_hash(link),
        "replaces": application.replaces,
        "till": by.till,
        "cashier": by.cashier,
    }
    journal.append(db, "voucher_issued", body, at=now, sign=shop.keyring.sign)
    return Issued(vouchers.find(db, code), link, quote)


def _end(rule: Rule, kind: str, shop: Shop, now: datetime) -> datetime:
    """Return when a voucher's time is over; whole seconds, as its token can say."""
    if kind == "paper":
        tomorrow = shop.today(now) + timedelta(days=1)
        return datetime.combine(tomorrow, time(), tzinfo=shop.zone)
    return (now + timedelta(minutes=rule.terms.voucher_minutes)).replace(microsecond=0)
