"""Looks through a day before the auditor does, and keeps what people say to what was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from pos_subsidy.domain import city_filing, lint, moments, person
from pos_subsidy.domain.city_filing import CityFiling
from pos_subsidy.domain.evidence import INVOICE, Given
from pos_subsidy.domain.lint_case import Claimant, Credit, Filing, Finding, LintDay, Sold
from pos_subsidy.domain.product import Product
from pos_subsidy.errors import Invalid, NotFound
from pos_subsidy.services.shop import By, Remember, Shop, forget
from pos_subsidy.store import catalogue, city_filings, evidence, journal, redemptions
from pos_subsidy.store import findings as kept
from pos_subsidy.store.db import TillDatabase, read_transaction, write_transaction
from pos_subsidy.store.findings import Explained, Filed
from pos_subsidy.store.redemptions import Redemption

REASON_MAX = 500


@dataclass(frozen=True, slots=True)
class Told:
    """A finding, and what somebody said to it."""

    finding: Finding
    explained: Explained | None

    @property
    def keeps_out(self) -> bool:
        """Say whether the sale waits for a word before it should go to the city."""
        return self.finding.stops and self.explained is None


def of_day(db: TillDatabase, shop: Shop, on: date) -> list[Told]:
    """Return what a day's sales show that an auditor would ask about, by sale."""
    controls = [one for one in shop.rulebook.controls if one.is_in_force(on)]
    with read_transaction(db):
        day = _day(db, shop, on, window=lint.window_days(controls))
        said = kept.explanations(db, [one.redemption_id for one in day.sales])
    found = lint.findings(day, controls)
    return [Told(one, said.get((one.redemption_id, one.finding_id))) for one in found]


def explain(
    db: TillDatabase,
    shop: Shop,
    on: date,
    redemption_id: str,
    finding_id: str,
    reason: str,
    *,
    by: By,
    now: datetime,
    remember: Remember = forget,
) -> Told:
    """Keep what somebody says to a finding. The newest word counts; all of them stay in the journal.

    Raises:
        NotFound: ``finding_unknown``, it is not, or no longer, among the day's.
        Invalid: ``finding_reason_required``.
    """
    said = reason.strip()
    if not said or len(said) > REASON_MAX:
        raise Invalid("finding_reason_required", most=REASON_MAX)
    with write_transaction(db):
        now = journal.settled_now(db, now)
        told = _one(of_day(db, shop, on), redemption_id, finding_id)
        if told.explained is None or told.explained.reason != said:
            finding = told.finding
            body = {
                "redemption_id": redemption_id,
                "order_no": finding.order_no,
                "finding_id": finding_id,
                "code": finding.code,
                "seen": dict(finding.seen),
                "reason": said,
                "till": by.till,
                "cashier": by.cashier,
            }
            entry = journal.append(db, "finding_explained", body, at=now, sign=shop.keyring.sign)
            told = replace(told, explained=Explained(said, entry.at, by.cashier))
        remember(told)
    return told


def _one(found: list[Told], redemption_id: str, finding_id: str) -> Told:
    for one in found:
        if (one.finding.redemption_id, one.finding.finding_id) == (redemption_id, finding_id):
            return one
    raise NotFound("finding_unknown")


def _day(db: TillDatabase, shop: Shop, on: date, *, window: int) -> LintDay:
    touched = redemptions.touched_on(db, on.isoformat())
    near = kept.near(db, (on - timedelta(window - 1)).isoformat(), on.isoformat())
    filings = kept.filings(db)
    gtins = {one.gtin for one in touched if one.gtin}
    city = {gtin: city_filings.history(db, gtin) for gtin in gtins}
    reader = _Reader(
        shop=shop,
        who=kept.claimants(db, {one.person_key for one in touched}),
        filed={gtin: catalogue.find(db, gtin) for gtin in gtins},
        filings=filings,
        city=city,
    )
    given = evidence.counting_of(db, [one.redemption_id for one in touched])
    sales = [reader.sold(one, tuple(given.get(one.redemption_id, ()))) for one in touched]
    own = {one.redemption_id: one for one in sales}
    numbers = [
        f"{part.content['code']}{part.content['number']}"
        for one in sales
        for part in one.given
        if part.part == INVOICE
    ]
    return LintDay(
        on=on,
        shop_region=shop.region,
        sales=sales,
        near=[own.get(one["redemption_id"]) or reader.before(one) for one in near],
        photos=kept.photos(db),
        invoices=kept.orders_with_invoices(db, numbers),
        filings={gtin: _prices(filings.get(gtin, ()), city.get(gtin, ())) for gtin in {*filings, *city}},
        staff=frozenset(person.name_hash(name, secret=shop.secret) for name in kept.staff_names(db)),
    )


def _prices(own: Sequence[Filed], city: Sequence[CityFiling]) -> list[Filing]:
    """Return a product's filed prices in their order: the shop's own until the city's begin."""
    by_city = sorted(city, key=lambda one: (one.since, one.filing_no))
    by_shop = [Filing(date.fromisoformat(one.filed_on), one.price_fen) for one in own]
    first = by_city[0].since if by_city else date.max
    return [
        *(one for one in by_shop if one.filed_on < first),
        *(Filing(one.since, one.product.filed_price_fen) for one in by_city),
    ]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Makes of a redemption what the controls look at."""

    shop: Shop
    who: Mapping[str, Claimant]
    filed: Mapping[str, Product | None]
    filings: Mapping[str, list[Filed]]
    city: Mapping[str, list[CityFiling]]

    def sold(self, one: Redemption, given: tuple[Given, ...]) -> Sold:
        sold_on = date.fromisoformat(one.business_date)
        rule = self.shop.rulebook.rule_in_force(one.category, sold_on)
        category = self.shop.rulebook.categories.get(one.category)
        return Sold(
            redemption_id=one.redemption_id,
            order_no=one.order_no,
            who=self.who.get(one.person_key, Claimant(one.person_key)),
            cashier=one.cashier,
            category=one.category,
            sold_on=sold_on,
            held_at=self._local(one.held_at),
            redeemed_at=self._local(one.redeemed_at),
            price_fen=one.price_fen,
            net_price_fen=one.net_price_fen,
            subsidy_fen=one.subsidy_fen,
            gtin=one.gtin,
            filed=self._filed(one.gtin, one.held_at, sold_on),
            catalogue_required=rule is not None and rule.terms.catalogue_required,
            energy_rating=one.energy_rating,
            serial_no=one.serial_no,
            imeis=tuple(number for number in (one.imei1, one.imei2) if number),
            imei_required=category is not None and category.imei == "required",
            serial_at=rule.terms.serial_at if rule else "none",
            cap_price_fen=rule.cap_price_fen(one.energy_rating) if rule else None,
            ceiling_fen=rule.price_ceiling_fen if rule else None,
            payment_refs=tuple(
                paid.payment_ref for paid in one.payments if paid.payment_ref and paid.channel != "cash"
            ),
            credits=tuple(
                Credit(line.credit_note_no, self._local(line.at), line.kind == "full")
                for line in one.lines
                if line.kind in ("partial", "full")
            ),
            given=given,
        )

    def before(self, one: Mapping[str, Any]) -> Sold:
        """Return a sale that others are compared with: who, what, when and for how much."""
        redeemed_at = self._local(one["redeemed_at"])
        return Sold(
            redemption_id=one["redemption_id"],
            order_no=one["order_no"],
            who=Claimant(one["person_key"], one["phone_hash"] or "", one["name_hash"] or ""),
            cashier=one["cashier"],
            category=one["category"],
            sold_on=date.fromisoformat(one["business_date"]),
            held_at=self._local(one["held_at"]),
            redeemed_at=redeemed_at,
            price_fen=one["price_fen"],
            net_price_fen=one["price_fen"],
            subsidy_fen=one["subsidy_fen"],
            gtin=one["gtin"],
            serial_no=one["serial_no"],
            imeis=tuple(number for number in (one["imei1"], one["imei2"]) if number),
            credits=(Credit(None, redeemed_at, is_full=True),) if one["status"] == "reversed" else (),
        )

    def _local(self, written: str) -> datetime:
        return moments.moment(written).astimezone(self.shop.zone)

    def _filed(self, gtin: str | None, held_at: str, sold_on: date) -> Product | None:
        """Return the product as it was filed for the sale: by the city on its day, else when it began."""
        product = self.filed.get(gtin) if gtin else None
        then = [one for one in self.filings.get(gtin or "", ()) if one.filed_at <= held_at]
        own = replace(product, filed_price_fen=then[-1].price_fen) if product and then else product
        filing = city_filing.in_force(self.city.get(gtin or "", ()), sold_on)
        return own if filing is None else city_filing.completed(filing.product, own)
