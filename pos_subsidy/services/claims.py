"""Claims after purchase: opened with a pre-check, completed with papers, submitted once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from pos_subsidy.domain import claims as rules_of_claims
from pos_subsidy.domain.attributes import read_kept
from pos_subsidy.domain.claims import Given
from pos_subsidy.domain.happened import impossible_days
from pos_subsidy.domain.rules import Rule
from pos_subsidy.domain.subsidy import Reason
from pos_subsidy.errors import Conflict, Invalid, Refused
from pos_subsidy.services import city_lists, claim_checks, identifying, intake, standing
from pos_subsidy.services.assessment import Goods, PersonInput
from pos_subsidy.services.claim_checks import Checked, Story
from pos_subsidy.services.shop import By, Remember, Shop, forget
from pos_subsidy.store import claims, journal
from pos_subsidy.store.claims import Claim
from pos_subsidy.store.db import TillDatabase, read_transaction, write_transaction

__all__ = [
    *("Claim", "Given", "Purchase", "Story"),
    *("by_link", "open_claim", "put_papers", "recent", "show", "submit", "submitted_on", "withdraw"),
]


@dataclass(frozen=True, slots=True)
class Purchase:
    """What was bought, when, by whom."""

    category: str
    price_fen: int
    person: PersonInput
    attributes: Mapping[str, object] = field(default_factory=dict)
    sold_on: date | None = None
    order_no: str = ""


def open_claim(
    db: TillDatabase,
    shop: Shop,
    purchase: Purchase,
    *,
    by: By,
    now: datetime,
    remember: Remember = forget,
) -> Story:
    """Pre-check a purchase and open a claim for it. Nothing is reserved yet.

    Raises:
        Invalid: ``sale_in_future``, or the purchase is malformed.
        Refused: the policy says no; every reason is named.
    """
    with write_transaction(db):
        now = journal.settled_now(db, now)
        today = shop.today(now)
        sold_on = purchase.sold_on or today
        if sold_on > today:
            raise Invalid("sale_in_future", day=sold_on.isoformat())
        findings = impossible_days(purchase.attributes, sold_on=sold_on, today=today)
        rule = _rule(shop, purchase.category, sold_on, findings)
        if standing.is_suspended(db):
            findings.append(Reason("merchant_suspended", {}, ""))
        findings += city_lists.seller_blocked(db, shop, today)
        identity = intake.identify(purchase.person, today, findings)
        key = intake.key_of(identity, shop) or ""
        attributes = claim_checks.hidden(purchase.attributes)
        goods = Goods(purchase.price_fen, purchase.category, attributes=attributes)
        outcome = claim_checks.decide_purchase(db, shop, goods, key, sold_on, findings)
        refusals = claim_checks.refusals(outcome)
        if refusals or identity is None:
            raise Refused(refusals)
        assert rule is not None, "without a rule it is refused"
        card, commitment = intake.take_in(db, shop, identity, now=now)
        claim_id = identifying.unguessable(f"C-{sold_on:%Y%m%d}", 8)
        body = {
            "claim_id": claim_id,
            "category": purchase.category,
            "unit_class": rule.unit_class(shop.rulebook.categories[purchase.category], attributes),
            "programme": rule.programme.id,
            "policy_version": outcome.policy_version,
            "clause": rule.source.cited,
            "person_key": card.person_key,
            "commitment": commitment,
            "attributes": claim_checks.plain(attributes),
            "order_no": purchase.order_no,
            "price_fen": purchase.price_fen,
            "subsidy_fen": outcome.subsidy_fen,
            "sold_on": sold_on.isoformat(),
            "link_hash": identifying.wallet_hash(claim_checks.link_of(shop, claim_id)),
            "till": by.till,
            "cashier": by.cashier,
        }
        return _booked(db, shop, claim_id, "claim_opened", body, now=now, remember=remember)


def put_papers(
    db: TillDatabase,
    shop: Shop,
    claim_id: str,
    papers: Sequence[Given],
    attributes: Mapping[str, object],
    *,
    by: By,
    now: datetime,
    remember: Remember = forget,
) -> Story:
    """Enter papers and what they show. A paper entered again replaces the one before.

    After the submission it is a correction: numbers and days may be mended while the city has
    not settled, never the sum; everything a submission must have is asked for again.

    Raises:
        NotFound: ``claim_unknown``.
        Invalid: ``paper_unknown``, ``invoice_number_invalid``; an attribute the category does not know.
        Conflict: ``claim_submitted``, the time for corrections is over;
            ``correction_too_large``, it would change what was submitted.
        Refused: what the papers show is against the rules.
    """
    with write_transaction(db):
        now = journal.settled_now(db, now)
        story = claim_checks.story(db, shop, claims.find(db, claim_id))
        _must_not_be_withdrawn(story.claim)
        known = [one.code for one in story.terms.papers]
        for paper in papers:
            if paper.code not in known:
                raise Invalid("paper_unknown", paper=paper.code[:40], known=", ".join(known))
        papers = [rules_of_claims.checked(paper) for paper in papers]
        merged = {**read_kept(story.claim.attributes), **claim_checks.hidden(attributes)}
        if story.claim.status == "submitted":
            kind, body = _correction(db, shop, story, papers, merged, by=by, now=now)
        else:
            kind, body = "claim_papers", _papers(db, shop, story, papers, merged, by=by, now=now)
        return _booked(db, shop, claim_id, kind, body, now=now, remember=remember)


def submit(
    db: TillDatabase, shop: Shop, claim_id: str, *, by: By, now: datetime, remember: Remember = forget
) -> Story:
    """Submit a claim: the redemption of what is claimed after purchase. Final, once.

    Raises:
        NotFound: ``claim_unknown``.
        Conflict: ``claim_submitted``, naming when.
        Refused: a paper or an answer is missing, the days are over, or car, old car, flat or
            invoice were claimed for before.
    """
    with write_transaction(db):
        now = journal.settled_now(db, now)
        claim, today = claims.find(db, claim_id), shop.today(now)
        _must_not_be_withdrawn(claim)
        if claim.status == "submitted":
            raise Conflict("claim_submitted", claim_id=claim_id, submitted_at=claim.submitted_at)
        attributes = read_kept(claim.attributes)
        found, refusals = claim_checks.check(db, shop, claim, attributes, claim.papers, on=today)
        if refusals:
            raise Refused(refusals)
        body = {
            **_submission(shop, claim, found, attributes, claim.papers, by=by),
            "business_date": today.isoformat(),
            "standing": standing.standing(db),
        }
        return _booked(db, shop, claim_id, "claim_submitted", body, now=now, remember=remember)


def withdraw(
    db: TillDatabase,
    shop: Shop,
    claim_id: str,
    *,
    reason: str,
    by: By,
    now: datetime,
    remember: Remember = forget,
) -> Story:
    """Take a claim back: the purchase was undone. What was paid is owed to the city.

    What becomes of the person's right and of cars and flats is the pack's to say, as after a
    full reversal.

    Raises:
        NotFound: ``claim_unknown``.
        Conflict: ``claim_withdrawn``, it was taken back before.
    """
    with write_transaction(db):
        now = journal.settled_now(db, now)
        claim = claims.find(db, claim_id)
        if claim.status == "withdrawn":
            raise Conflict("claim_withdrawn", claim_id=claim_id)
        terms = claim_checks.rule_of(shop, claim).terms
        submitted = claim.status == "submitted"
        body = {
            "claim_id": claim_id,
            "redemption_id": claim_id,
            "order_no": claim.order_no,
            "right": terms.right_after_full_reversal if submitted else "restored",
            "things": terms.serial_after_full_reversal if submitted else "free",
            "owed_fen": claim.subsidy_fen if claim.verdict == "settled" else 0,
            "reason": reason,
            "business_date": shop.today(now).isoformat(),
            "till": by.till,
            "cashier": by.cashier,
        }
        return _booked(db, shop, claim_id, "claim_withdrawn", body, now=now, remember=remember)


def show(db: TillDatabase, shop: Shop, claim_id: str) -> Story:
    """Return a claim with its papers, or raise NotFound."""
    with read_transaction(db):
        return claim_checks.story(db, shop, claims.find(db, claim_id))


def by_link(db: TillDatabase, shop: Shop, link: str) -> Story:
    """Return the claim behind a slip's link, or raise NotFound."""
    with read_transaction(db):
        return claim_checks.story(db, shop, claims.by_link(db, identifying.wallet_hash(link)))


def recent(db: TillDatabase, *, limit: int = 50) -> list[Claim]:
    """Return the newest claims, newest first."""
    with read_transaction(db):
        return claims.recent(db, limit=limit)


def submitted_on(db: TillDatabase, shop: Shop, business_date: date) -> list[Story]:
    """Return the claims submitted on a day, in the journal's order."""
    with read_transaction(db):
        found = claims.submitted_on(db, business_date.isoformat())
        return [claim_checks.story(db, shop, one) for one in found]


def _papers(
    db: TillDatabase,
    shop: Shop,
    story: Story,
    papers: Sequence[Given],
    attributes: Mapping[str, object],
    *,
    by: By,
    now: datetime,
) -> dict[str, Any]:
    claim = story.claim
    sold_on = date.fromisoformat(claim.sold_on)
    findings = impossible_days(attributes, sold_on=sold_on, today=shop.today(now))
    outcome = claim_checks.decide(db, shop, claim, attributes, findings)
    if refusals := claim_checks.refusals(outcome):
        raise Refused(refusals)
    rule = claim_checks.rule_of(shop, claim)
    return {
        "claim_id": claim.claim_id,
        "papers": [claim_checks.paper_json(one) for one in papers],
        "attributes": claim_checks.plain(attributes),
        "unit_class": rule.unit_class(shop.rulebook.categories[claim.category], attributes),
        "subsidy_fen": outcome.subsidy_fen,
        "till": by.till,
        "cashier": by.cashier,
    }


def _correction(
    db: TillDatabase,
    shop: Shop,
    story: Story,
    papers: Sequence[Given],
    attributes: Mapping[str, object],
    *,
    by: By,
    now: datetime,
) -> tuple[str, dict[str, Any]]:
    claim, until = story.claim, story.terms.corrections_until
    over = until is not None and shop.today(now) > until
    if over or until is None or claim.verdict not in (None, "suspended", "rejected"):
        raise Conflict("claim_submitted", claim_id=claim.claim_id, submitted_at=claim.submitted_at)
    assert claim.business_date is not None, "it was submitted on a day"
    all_papers = claim_checks.merged(claim.papers, papers)
    submitted_on = date.fromisoformat(claim.business_date)
    found, refusals = claim_checks.check(db, shop, claim, attributes, all_papers, on=submitted_on)
    changed = (found.outcome.subsidy_fen, found.unit_class) != (claim.subsidy_fen, claim.unit_class)
    if refusals:
        raise Refused(refusals)
    if changed:
        raise Conflict("correction_too_large", claim_id=claim.claim_id)
    body = _submission(shop, claim, found, attributes, all_papers, by=by)
    return "claim_corrected", {**body, "business_date": claim.business_date}


def _submission(
    shop: Shop,
    claim: Claim,
    found: Checked,
    attributes: Mapping[str, object],
    papers: Sequence[Given],
    *,
    by: By,
) -> dict[str, Any]:
    """Return everything the city needs to judge a claim by its row alone."""
    return {
        "claim_id": claim.claim_id,
        "redemption_id": claim.claim_id,
        "order_no": claim.order_no,
        "category": claim.category,
        "unit_class": found.unit_class,
        "programme": claim.programme,
        "policy_version": found.outcome.policy_version,
        "clause": claim_checks.rule_of(shop, claim).source.cited,
        "person_key": claim.person_key,
        "commitment": claim.commitment,
        "attributes": claim_checks.plain(attributes),
        "papers": [claim_checks.paper_json(one) for one in papers],
        "things": [list(one) for one in found.things],
        "price_fen": claim.price_fen,
        "subsidy_fen": found.outcome.subsidy_fen,
        "sold_on": claim.sold_on,
        "till": by.till,
        "cashier": by.cashier,
    }


def _booked(
    db: TillDatabase,
    shop: Shop,
    claim_id: str,
    kind: str,
    body: dict[str, Any],
    *,
    now: datetime,
    remember: Remember,
) -> Story:
    journal.append(db, kind, body, at=now, sign=shop.keyring.sign)
    story = claim_checks.story(db, shop, claims.find(db, claim_id))
    remember(story)
    return story


def _must_not_be_withdrawn(claim: Claim) -> None:
    if claim.status == "withdrawn":
        raise Conflict("claim_withdrawn", claim_id=claim.claim_id)


def _rule(shop: Shop, category: str, on: date, findings: list[Reason]) -> Rule | None:
    rule = shop.rulebook.rule_in_force(category, on)
    if rule is not None and rule.terms.claimed != "afterwards":
        named = shop.rulebook.category(category).named
        findings.append(Reason("claimed_at_till", named, rule.source.cited))
    return rule
