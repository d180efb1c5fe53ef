"""Assess an item for a person: gathers what the till knows and asks the rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from pos_subsidy.domain import person as persons
from pos_subsidy.domain import subsidy
from pos_subsidy.domain.happened import impossible_days
from pos_subsidy.domain.identifiers import gtin as gtins
from pos_subsidy.domain.identifiers import person_id
from pos_subsidy.domain.product import Product
from pos_subsidy.domain.rules import Category, Rule
from pos_subsidy.domain.subsidy import Assessment, Item, Reason
from pos_subsidy.errors import Invalid
from pos_subsidy.services import city_lists
from pos_subsidy.services.shop import Shop
from pos_subsidy.store import claims, holds
from pos_subsidy.store.db import TillDatabase, read_transaction


@dataclass(frozen=True, slots=True)
class Goods:
    """What is to be sold, as the caller names it: by bar code, or by category alone."""

    price_fen: int
    category: str | None = None
    gtin: str | None = None
    energy_rating: int | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PersonInput:
    """A person as typed. Lives for one request only."""

    id_type: str
    id_number: str
    name: str = ""
    phone: str = ""

    def __repr__(self) -> str:
        return "PersonInput(…)"


@dataclass(frozen=True, slots=True)
class Usage:
    """What a person has had of a class; ``units`` is None where nobody is known.

    ``used_as`` is the scheme she had it under, ``coupons`` how many of the batch are gone.
    """

    units: int | None
    granted_fen: int
    used_as: str | None = None
    coupons: int | None = None


NOBODY = Usage(None, 0)


def assess(
    db: TillDatabase,
    shop: Shop,
    goods: Goods,
    *,
    sold_on: date | None,
    person: PersonInput | None,
    now: datetime,
) -> Assessment:
    """Return the amount with its steps, or every reason against. Writes nothing.

    Raises:
        Invalid: the request itself is malformed (``goods_unnamed``, ``price_invalid``, …).
    """
    on = sold_on or shop.today(now)
    with read_transaction(db):
        findings = impossible_days(goods.attributes, sold_on=on, today=shop.today(now))
        product = look_up(db, goods, on, findings)
        category = product.category if product else goods.category
        usage = NOBODY
        if person is not None:
            key = key_of(shop, person, on, findings)
            if key and category:
                usage = used_by(db, shop, key, category, on, goods.attributes)
        return decide(shop, goods, product, on=on, at=now, usage=usage, findings=findings)


def look_up(db: TillDatabase, goods: Goods, on: date, findings: list[Reason]) -> Product | None:
    """Return the goods' product as it is filed on a day, adding to ``findings`` what is wrong with it."""
    if goods.gtin is None:
        if goods.category is None:
            raise Invalid("goods_unnamed")
        return None
    try:
        number = gtins.validate(goods.gtin)
    except Invalid as error:
        findings.append(as_reason(error))
        return None
    product = city_lists.product_on(db, number, on, findings)
    if product is None:
        findings.append(Reason("not_in_catalogue", {"gtin": number}, ""))
    return product


def decide(
    shop: Shop,
    goods: Goods,
    product: Product | None,
    *,
    on: date,
    at: datetime | None,
    usage: Usage,
    findings: list[Reason],
) -> Assessment:
    """Ask the rules, with everything the till has found."""
    category = goods.category or (product.category if product else None)
    if category is None:
        # Nothing is known of the goods but that they are not filed; no rule can be asked.
        return subsidy.refuse(goods.price_fen, findings)
    if goods.gtin is not None and product is None:
        # Of goods that are not filed nothing but the person's right can be judged.
        refusals = subsidy.preconditions(
            category,
            on=on,
            rulebook=shop.rulebook,
            units_used=usage.units or 0,
            granted_fen=usage.granted_fen,
            attributes=goods.attributes,
            findings=findings,
        )
        return subsidy.refuse(goods.price_fen, refusals)
    item = Item(
        category=category,
        price_fen=goods.price_fen,
        energy_rating=goods.energy_rating,
        attributes=goods.attributes,
        filed=product,
    )
    return subsidy.assess(
        item,
        on=on,
        rulebook=shop.rulebook,
        at=at if at is not None and shop.today(at) == on else None,
        units_used=usage.units,
        granted_fen=usage.granted_fen,
        used_as=usage.used_as,
        coupons_used=usage.coupons,
        findings=findings,
    )


def used_by(
    db: TillDatabase,
    shop: Shop,
    person_key: str,
    category: str,
    on: date,
    attributes: Mapping[str, object],
) -> Usage:
    """Return what a person has used of a class in the programme of a day, at this shop."""
    rule = shop.rulebook.rule_in_force(category, on)
    if rule is None:
        return Usage(0, 0)
    return used_under(db, rule, shop.rulebook.categories[category], person_key, attributes)


def used_under(
    db: TillDatabase, rule: Rule, category: Category, person_key: str, attributes: Mapping[str, object]
) -> Usage:
    """Return what a person has used of a class under a rule, at this shop."""
    unit_class = rule.unit_class(category, attributes)
    programme = rule.programme.id
    who: dict[str, Any] = {"person_key": person_key, "programme": programme, "unit_class": unit_class}
    return Usage(
        units=holds.units_used(db, **who) + claims.units_used(db, **who),
        granted_fen=holds.granted_fen(db, **who) + claims.granted_fen(db, **who),
        used_as=claims.used_as(db, rule.exclusive, **who) if rule.exclusive else None,
        coupons=holds.units_of_class(db, programme, unit_class) if rule.batches else None,
    )


def as_reason(error: Invalid) -> Reason:
    """Turn a fault of a number into a refusal, so that it stands beside the others."""
    return Reason(error.code, dict(error.params), "")


def key_of(shop: Shop, person: PersonInput, on: date, findings: list[Reason]) -> str | None:
    """Return the shop's own key of a person, or None with what is wrong added to ``findings``."""
    try:
        checked = person_id.validate(person.id_type, person.id_number, today=on)
    except Invalid as error:
        findings.append(as_reason(error))
        return None
    return persons.person_key(checked.id_type, checked.number, secret=shop.secret)
