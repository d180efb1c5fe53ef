"""What a person may still have: which classes are used, left, over."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pos_subsidy.domain.rules import Category, Rule
from pos_subsidy.domain.subsidy import Reason
from pos_subsidy.errors import Refused
from pos_subsidy.services import assessment
from pos_subsidy.services.assessment import PersonInput
from pos_subsidy.services.shop import Shop
from pos_subsidy.store import vouchers
from pos_subsidy.store.db import TillDatabase, read_transaction

_SHOWN_AFTER = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Right:
    """A person's right under one rule, for classes that share their units. Amounts are fen.

    ``state`` is open, used, expired or provisional; ``used_as`` and ``told`` say for which
    scheme it was used, or speaks, where a rule counts by scheme.
    """

    categories: tuple[Category, ...]
    programme: str
    name_zh: str
    name_en: str
    first_day: date
    last_day: date
    state: str
    units_used: int
    units_max: int | None
    granted_fen: int
    person_cap_fen: int | None
    open_vouchers: tuple[str, ...]
    told: str | None
    clause: str

    @property
    def units_left(self) -> int | None:
        return None if self.units_max is None else max(self.units_max - self.units_used, 0)

    @property
    def left_fen(self) -> int | None:
        return None if self.person_cap_fen is None else max(self.person_cap_fen - self.granted_fen, 0)


def of_person(
    db: TillDatabase, shop: Shop, person: PersonInput, *, on: date | None, now: datetime
) -> list[Right]:
    """Return a person's rights as this shop knows them. Writes nothing.

    Raises:
        Refused: ``person_invalid``.
    """
    findings: list[Reason] = []
    key = assessment.key_of(shop, person, shop.today(now), findings)
    if key is None:
        raise Refused(findings)
    return rights_of(db, shop, key, on=on or shop.today(now), now=now)


def rights_of(db: TillDatabase, shop: Shop, person_key: str, *, on: date, now: datetime) -> list[Right]:
    """Return the rights of a known person under the rules of a day and of the year before it."""
    with read_transaction(db):
        found = [
            right
            for rule in shop.rulebook.rules
            if rule.first_day <= on and on - _SHOWN_AFTER <= rule.last_day
            for right in _of_rule(db, shop, rule, person_key, on=on, now=now)
        ]
        found = _newest(found)
    shown = [one for one in found if one.state != "expired" or one.units_used]
    return sorted(shown, key=lambda one: (one.last_day < on, one.programme))


def _newest(found: list[Right]) -> list[Right]:
    """Return one right for each name of units: a rule may have parts with days of their own."""
    newest: dict[object, Right] = {}
    for right in sorted(found, key=lambda one: one.last_day):
        newest[right.programme, right.categories[0].unit_class, right.told] = right
    return list(newest.values())


def _of_rule(
    db: TillDatabase, shop: Shop, rule: Rule, person_key: str, *, on: date, now: datetime
) -> Iterator[Right]:
    shared: dict[str, list[Category]] = {}
    for category in shop.rulebook.categories_named(rule.categories):
        shared.setdefault(category.unit_class, []).append(category)
    for classes in shared.values():
        for told in _told(rule):
            yield _right(db, shop, rule, person_key, classes, told, on=on, now=now)


def _told(rule: Rule) -> list[str | None]:
    """Return the values by which a rule counts units apart, or none."""
    if rule.units_per is None:
        return [None]
    if rule.batches:
        return [batch.id for batch in rule.batches]
    return list(dict.fromkeys(grant.when.get(rule.units_per) for grant in rule.grants))


def _right(
    db: TillDatabase,
    shop: Shop,
    rule: Rule,
    person_key: str,
    classes: list[Category],
    told: str | None,
    *,
    on: date,
    now: datetime,
) -> Right:
    attributes: dict[str, object] = {rule.units_per: told} if rule.units_per and told else {}
    usage = assessment.used_under(db, rule, classes[0], person_key, attributes)
    units, units_max = usage.units or 0, rule.units_max_for(attributes)
    unit_class = rule.unit_class(classes[0], attributes)
    pending = vouchers.open_of(
        db, person_key=person_key, programme=rule.programme.id, unit_class=unit_class, now=now
    )
    exhausted = (units_max is not None and units >= units_max) or (
        rule.person_cap_fen is not None and usage.granted_fen >= rule.person_cap_fen
    )
    state = "used" if exhausted else "provisional" if rule.status == "provisional" else "open"
    return Right(
        categories=tuple(classes),
        programme=rule.programme.id,
        name_zh=rule.programme.name_zh,
        name_en=rule.programme.name_en,
        first_day=rule.first_day,
        last_day=rule.last_day,
        state="expired" if rule.last_day < on else state,
        units_used=units,
        units_max=units_max,
        granted_fen=usage.granted_fen,
        person_cap_fen=rule.person_cap_fen,
        open_vouchers=tuple(one.code for one in pending),
        told=told,
        clause=rule.source_of("units").cited,
    )
