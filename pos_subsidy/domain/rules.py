"""Rules as data: programmes, their rules, and the categories they speak of.

No number of any policy stands here. ``pos_subsidy.policy`` reads them from dated, cited
packs and builds these records.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from math import ceil
from typing import Any

from pos_subsidy.domain.decision import Step
from pos_subsidy.errors import Invalid


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value stands. ``confidence`` is A, A-, B or S (the founding document)."""

    document: str
    clause: str = ""
    confidence: str = ""
    url: str = ""
    cited: str = field(init=False, compare=False)  # as people read it; never empty

    def __post_init__(self) -> None:
        object.__setattr__(self, "cited", f"{self.document} {self.clause}".strip())


# What is not found in any text is said to be so, everywhere a clause is shown.
PACK_DEFAULT = Source("pack default, no official text found")


@dataclass(frozen=True, slots=True)
class Category:
    """A class of goods. Categories of one ``unit_class`` share a person's units."""

    code: str
    name_zh: str
    name_en: str
    family: str
    unit_class: str
    imei: str  # required, optional or none
    attributes: frozenset[str] = frozenset()
    aliases: tuple[str, ...] = ()
    named: Mapping[str, str] = field(init=False, compare=False, repr=False)  # as the words name it

    def __post_init__(self) -> None:
        named = {"category": self.code, "category_zh": self.name_zh, "category_en": self.name_en}
        object.__setattr__(self, "named", named)

    @property
    def names(self) -> tuple[str, ...]:
        """Return everything a shop's file may call it."""
        return (self.code, self.name_zh, self.name_en, *self.aliases)


@dataclass(frozen=True, slots=True)
class SamePerson:
    """What two claimants may have in common that says they are one person: signals, for people."""

    signals: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper a claim needs where ``when`` holds: what it must show, and by which day."""

    code: str
    name_zh: str
    name_en: str
    shows_zh: str
    shows_en: str
    proves: tuple[str, ...]  # the attributes it shows
    wants: tuple[str, ...]  # those of them that are entered whatever the rule asks
    asks: tuple[str, ...]  # of number, amount, day: what is written down of the paper itself
    due: date | None
    source: Source
    when: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClaimTerms:
    """How a claim after purchase is made. Days are inclusive; None where no text names one.

    Each value of an attribute in ``once`` can be claimed for once, by anybody, for ever.
    """

    apply_first_day: date | None
    apply_last_day: date | None
    corrections_until: date | None
    once: tuple[str, ...]
    papers: tuple[Paper, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class EvidenceTerm:
    """One part of the evidence (凭证材料) that each redemption of a programme needs, and by when.

    The days count from the sale, or from the delivery; ``within_months`` is how long after the
    sale a delivery may be.
    """

    code: str  # invoice, box_photo, screen_photo, label_photo or delivery_note
    due_days: int
    counted_from: str  # sale or delivery
    source: Source
    due_source: Source
    within_months: int | None = None


@dataclass(frozen=True, slots=True)
class Programme:
    """A funded programme (补贴项目) and the days it is open, both inclusive."""

    id: str
    version: str
    fingerprint: str
    name_zh: str
    name_en: str
    level: str
    first_day: date
    last_day: date
    families: tuple[str, ...]
    source: Source
    last_settlement_on: date | None = None  # no claim is postponed beyond it
    leaves_open: tuple[str, ...] = ()  # families whose other classes are left to a lower level
    leaves_open_terms: tuple[str, ...] = ()  # terms that a lower level may fill
    same_person: SamePerson | None = None
    claim: ClaimTerms | None = None
    evidence: tuple[EvidenceTerm, ...] = ()

    @property
    def policy_version(self) -> str:
        """Return e.g. ``appliance-2026@1+3f2a9c01``; the tail names the very file."""
        return f"{self.id}@{self.version}+{self.fingerprint}"

    def is_open(self, on: date) -> bool:
        return self.first_day <= on <= self.last_day


@dataclass(frozen=True, slots=True)
class Terms:
    """How a right is handled. Each term may have a source of its own."""

    voucher_minutes: int
    hold_minutes: int
    right_after_full_reversal: str  # consumed or restored
    serial_after_full_reversal: str  # free or kept
    serial_at: str  # till, delivery or none
    claimed: str  # till or afterwards
    catalogue_required: bool
    rounding: str
    left_out: tuple[str, ...] = ()  # what the shop charges beside the price and no subsidy is paid on
    sources: Mapping[str, Source] = field(default_factory=dict)
    # The same for every item, so it is made once.
    left_out_step: Step | None = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        told = Step("left_out", {"left_out": self.left_out}, self.source("left_out").cited)
        object.__setattr__(self, "left_out_step", told if self.left_out else None)

    def source(self, name: str) -> Source:
        return self.sources.get(name, PACK_DEFAULT)


@dataclass(frozen=True, slots=True)
class Requirement:
    """What an attribute must say. ``limit`` is what ``kind`` compares with.

    kinds: ``is_true``; ``one_of`` (texts); ``starts_with`` (a text); ``from``, ``to`` and
    ``before`` (days); ``at_most`` (a number). It applies where ``when`` holds. One that
    decides must be answered; any other is proven by papers later.
    """

    attribute: str
    kind: str
    limit: Any
    refusal: str
    source: Source
    decides: bool = False
    when: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Band:
    """A fixed amount for prices from ``from_fen`` up to, not including, ``below_fen``."""

    from_fen: int
    below_fen: int | None
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Grant:
    """How a sum is reckoned where ``when`` holds: by rating, by one rate, or by bands of price."""

    when: Mapping[str, str]
    rates: Mapping[int, Decimal]  # by rating, 1 is best
    rate_unrated: Decimal | None  # for goods no rating system exists for
    rate_otherwise: Decimal | None  # for every rating not named, and for none
    rate: Decimal | None  # for every item, whatever its rating
    bands: tuple[Band, ...]
    cap_fen: int | None

    @property
    def by_rating(self) -> bool:
        return bool(self.rates)


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch of coupons (消费券批次): a face value off a minimum spend.

    ``number`` coupons exist; none is good before ``released_at`` nor after ``last_day``.
    ``stacks_with`` names the programmes whose subsidy the same piece may have as well.
    """

    id: str
    face_fen: int
    minimum_fen: int
    number: int
    released_at: datetime
    last_day: date
    per_person: int
    stacks_with: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Rule:
    """What a programme grants for some categories. Amounts are fen, rates fractions.

    ``units_per`` names an attribute each value of which has units of its own; with
    ``exclusive`` a unit used under one value of that attribute bars every other value.
    """

    programme: Programme
    categories: frozenset[str]
    status: str  # confirmed or provisional
    source: Source
    terms: Terms
    grants: tuple[Grant, ...]
    first_day: date
    last_day: date
    policy_version: str
    batches: tuple[Batch, ...] = ()
    units_per: str | None = None
    exclusive: str | None = None
    units_max: int | None = None
    price_ceiling_fen: int | None = None
    price_minimum_fen: int | None = None
    person_cap_fen: int | None = None
    requirements: tuple[Requirement, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)

    def source_of(self, name: str) -> Source:
        """Return the source of one of the rule's values, or of one of its refusals."""
        return self.sources.get(name, self.source)

    def told_by(self, unit_class: str) -> dict[str, object]:
        """Return the attribute that a name of counted units tells, the reverse of ``unit_class``."""
        _, sign, told = unit_class.partition(":")
        return {self.units_per: told} if self.units_per and sign else {}

    def units_max_for(self, attributes: Mapping[str, object]) -> int | None:
        """Return how many a person may have: the rule's number, or the coupon batch's own."""
        if not self.batches:
            return self.units_max
        told = attributes.get("coupon_batch")
        own = next((batch.per_person for batch in self.batches if batch.id == told), None)
        return own if own is not None else self.units_max

    def is_in_force(self, on: date) -> bool:
        return self.first_day <= on <= self.last_day

    def unit_class(self, category: Category, attributes: Mapping[str, object]) -> str:
        """Return under what name a person's units are counted."""
        told = attributes.get(self.units_per) if self.units_per else None
        return category.unit_class if told is None else f"{category.unit_class}:{told}"

    @property
    def by_rating(self) -> bool:
        """Say whether a rating may be asked for."""
        return any(grant.by_rating for grant in self.grants)

    def cap_price_fen(self, rating: int | None) -> int | None:
        """Return the lowest price at which the subsidy is at its cap, where one rate leads there."""
        grant = self.grants[0] if len(self.grants) == 1 else None
        if grant is None or grant.cap_fen is None:
            return None
        rate = grant.rates.get(rating) if rating is not None else grant.rate_unrated
        rate = rate or grant.rate_otherwise or grant.rate
        return ceil(grant.cap_fen / rate) if rate else None

    @property
    def choices(self) -> tuple[str, ...]:
        """Return the attributes that choose how the sum is reckoned."""
        return tuple(dict.fromkeys(name for grant in self.grants for name in grant.when))


@dataclass(frozen=True, slots=True)
class Control:
    """What is looked for in a day before the auditor looks, and from where on it is worth a word.

    It warns, or it stops: then somebody has to explain what was found.
    """

    code: str
    stops: bool
    first_day: date
    last_day: date
    limits: Mapping[str, int]
    source: Source

    def is_in_force(self, on: date) -> bool:
        return self.first_day <= on <= self.last_day


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Every rule and category of all packs."""

    categories: Mapping[str, Category]
    rules: tuple[Rule, ...]
    programmes: tuple[Programme, ...]
    controls: tuple[Control, ...] = ()
    signals: tuple[Control, ...] = ()
    _by_category: dict[str, list[Rule]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for rule in self.rules:
            for code in rule.categories:
                self._by_category.setdefault(code, []).append(rule)

    def category(self, code: str) -> Category:
        """Return the category.

        Raises:
            Invalid: ``category_unknown``.
        """
        if code not in self.categories:
            raise Invalid("category_unknown", category=code[:40], known=", ".join(sorted(self.categories)))
        return self.categories[code]

    def rule_in_force(self, category: str, on: date) -> Rule | None:
        """Return the one rule for a category on a business date, or None."""
        for rule in self._by_category.get(category, ()):
            if rule.is_in_force(on):
                return rule
        return None

    def rules_in_force(self, on: date) -> list[Rule]:
        return [rule for rule in self.rules if rule.is_in_force(on)]

    def programme_for(self, family: str, on: date) -> Programme | None:
        """Return the programme that is open for a family of goods, though it may not name the class."""
        return next((one for one in self.programmes if family in one.families and one.is_open(on)), None)

    def categories_open(self, family: str, on: date) -> list[Category]:
        """Return the classes of a family that are granted something on a day."""
        found = [
            code
            for rule in self.rules_in_force(on)
            if rule.status == "confirmed" and family in rule.programme.families
            for code in rule.categories
        ]
        return [one for code, one in self.categories.items() if code in found and one.family == family]

    def categories_named(self, names: Iterable[str]) -> list[Category]:
        return [self.categories[name] for name in sorted(names)]
