"""Claims after purchase: opened with a pre-check, completed with papers, submitted once."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pos_subsidy.domain import claims as rules_of_claims
from pos_subsidy.domain.attributes import read_attributes
from pos_subsidy.domain.claims import Given, Wanted
from pos_subsidy.domain.rules import ClaimTerms, Rule
from pos_subsidy.domain.subsidy import Assessment, Reason
from pos_subsidy.errors import Conflict, Invalid, Refused
from pos_subsidy.services import assessment, identifying, intake, standing
from pos_subsidy.services.assessment import Goods, PersonInput
from pos_subsidy.services.shop import By, Remember, Shop, forget
from pos_subsidy.store import claims, journal
from pos_subsidy.store.claims import Claim
from pos_subsidy.store.db import TillDatabase, read_transaction, write_transaction

__all__ = ["Claim", "Given", "Purchase", "Story", "by_link", "open_claim", "put_papers", "show", "submit"]

_MAX_NUMBER = 64


@dataclass(frozen=True, slots=True)
class Purchase:
    """What was bought, when, by whom."""

    category: str
    price_fen: int
    person: PersonInput
    attributes: Mapping[str, object] = field(default_factory=dict)
    sold_on: date | None = None
    order_no: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """A claim with what the rules say of it now, the papers it needs, and the link to its slip."""

    claim: Claim
    outcome: Assessment
    papers: tuple[Wanted, ...]
    terms: ClaimTerms
    link: str


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
        findings: list[Reason] = []
        rule = _rule(shop, purchase.category, sold_on, findings)
        if standing.is_suspended(db):
            findings.append(Reason("merchant_suspended", {}, ""))
        identity = intake.identify(purchase.person, today, findings)
        key = intake.key_of(identity, shop) or ""
        attributes = _hashed(purchase.attributes)
        goods = Goods(purchase.price_fen, purchase.category, attributes=attributes)
        outcome = _decide(db, shop, goods, key, sold_on, findings)
        if outcome.refusals or identity is None:
            raise Refused(outcome.refusals)
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
            "attributes": _plain(attributes),
            "order_no": purchase.order_no,
            "price_fen": purchase.price_fen,
            "subsidy_fen": outcome.subsidy_fen,
            "sold_on": sold_on.isoformat(),
            "link_hash": identifying.wallet_hash(_link(shop, claim_id)),
            "till": by.till,
            "cashier": by.cashier,
        }
        journal.append(db, "claim_opened", body, at=now, sign=shop.keyring.sign)
        story = _story(db, shop, claims.find(db, claim_id))
        remember(story)
    return story


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

    Raises:
        NotFound: ``claim_unknown``.
        Invalid: ``paper_unknown``; an attribute the category does not know.
        Conflict: ``claim_submitted``, the time for corrections is over;
            ``correction_too_large``, it would change what was submitted.
        Refused: what the papers show is against the rules.
    """
    with write_transaction(db):
        now = journal.settled_now(db, now)
        story = _story(db, shop, claims.find(db, claim_id))
        _must_be_changeable(shop, story, now)
        merged = {**read_attributes(story.claim.attributes), **_hashed(attributes)}
        changed = replace(story.claim, attributes=_plain(merged))
        known = [one.code for one in story.terms.papers]
        for paper in papers:
            if paper.code not in known:
                raise Invalid("paper_unknown", paper=paper.code[:40], known=", ".join(known))
        used = _things(story.terms, merged, _merged(story.claim.papers, papers))
        corrects = story.claim.status == "submitted"
        findings = _taken(db, used, but=claim_id) if corrects else []
        outcome = _assess(db, shop, changed, merged, findings)
        if outcome.refusals:
            raise Refused(outcome.refusals)
        rule = _rule_of(shop, story.claim)
        unit_class = rule.unit_class(shop.rulebook.categories[story.claim.category], merged)
        if corrects and (outcome.subsidy_fen, unit_class) != (
            story.claim.subsidy_fen,
            story.claim.unit_class,
        ):
            raise Conflict("correction_too_large", claim_id=claim_id)
        body = {
            "claim_id": claim_id,
            "redemption_id": claim_id,
            "things": [list(one) for one in used] if corrects else [],
            "papers": [
                {
                    "code": one.code,
                    "number": one.number[:_MAX_NUMBER],
                    "issued_on": one.issued_on.isoformat() if one.issued_on else None,
                    "amount_fen": one.amount_fen,
                }
                for one in papers
            ],
            "attributes": _plain(merged),
            "unit_class": unit_class,
            "subsidy_fen": outcome.subsidy_fen,
            "till": by.till,
            "cashier": by.cashier,
        }
        journal.append(db, "claim_papers", body, at=now, sign=shop.keyring.sign)
        story = _story(db, shop, claims.find(db, claim_id))
        remember(story)
    return story


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
        story = _story(db, shop, claims.find(db, claim_id))
        claim, today = story.claim, shop.today(now)
        if claim.status == "submitted":
            raise Conflict("claim_submitted", claim_id=claim_id, submitted_at=claim.submitted_at)
        attributes = read_attributes(claim.attributes)
        findings = rules_of_claims.against_submission(
            story.terms, story.papers, price_fen=claim.price_fen, on=today
        )
        findings += _unanswered(story, attributes)
        used = _things(story.terms, attributes, claim.papers)
        findings += _taken(db, used)
        if standing.is_suspended(db):
            findings.append(Reason("merchant_suspended", {}, ""))
        outcome = _assess(db, shop, claim, attributes, findings)
        if outcome.refusals:
            raise Refused(outcome.refusals)
        rule = _rule_of(shop, claim)
        body = {
            "claim_id": claim_id,
            "redemption_id": claim_id,
            "order_no": claim.order_no,
            "category": claim.category,
            "unit_class": rule.unit_class(shop.rulebook.categories[claim.category], attributes),
            "programme": claim.programme,
            "policy_version": outcome.policy_version,
            "clause": rule.source.cited,
            "person_key": claim.person_key,
            "commitment": claim.commitment,
            "attributes": claim.attributes,
            "things": [list(one) for one in used],
            "price_fen": claim.price_fen,
            "subsidy_fen": outcome.subsidy_fen,
            "sold_on": claim.sold_on,
            "business_date": today.isoformat(),
            "standing": standing.standing(db),
            "till": by.till,
            "cashier": by.cashier,
        }
        journal.append(db, "claim_submitted", body, at=now, sign=shop.keyring.sign)
        story = _story(db, shop, claims.find(db, claim_id))
        remember(story)
    return story


def show(db: TillDatabase, shop: Shop, claim_id: str) -> Story:
    """Return a claim with its papers, or raise NotFound."""
    with read_transaction(db):
        return _story(db, shop, claims.find(db, claim_id))


def by_link(db: TillDatabase, shop: Shop, link: str) -> Story:
    """Return the claim behind a slip's link, or raise NotFound."""
    with read_transaction(db):
        return _story(db, shop, claims.by_link(db, identifying.wallet_hash(link)))


def recent(db: TillDatabase, *, limit: int = 50) -> list[Claim]:
    """Return the newest claims, newest first."""
    with read_transaction(db):
        return claims.recent(db, limit=limit)


def _story(db: TillDatabase, shop: Shop, claim: Claim) -> Story:
    rule = _rule_of(shop, claim)
    terms = rule.programme.claim
    assert terms is not None, "a claim exists only under terms of claim"
    attributes = read_attributes(claim.attributes)
    outcome = _assess(db, shop, claim, attributes, [])
    needed = {str(one.params["attribute"]) for one in outcome.warnings if one.code == "to_be_proven"}
    papers = rules_of_claims.wanted(terms, attributes, claim.papers, needed | set(terms.once))
    return Story(claim, outcome, tuple(papers), terms, _link(shop, claim.claim_id))


def _rule(shop: Shop, category: str, on: date, findings: list[Reason]) -> Rule | None:
    rule = shop.rulebook.rule_in_force(category, on)
    if rule is not None and rule.terms.claimed != "afterwards":
        known = shop.rulebook.category(category)
        findings.append(Reason("claimed_at_till", known.named, rule.source.cited))
    return rule


def _rule_of(shop: Shop, claim: Claim) -> Rule:
    rule = shop.rulebook.rule_in_force(claim.category, date.fromisoformat(claim.sold_on))
    assert rule is not None, "a claim exists only under a rule"
    return rule


def _assess(
    db: TillDatabase,
    shop: Shop,
    claim: Claim,
    attributes: Mapping[str, object],
    findings: list[Reason],
) -> Assessment:
    goods = Goods(claim.price_fen, claim.category, attributes=attributes)
    # A submitted claim's own unit must not stand against it.
    key = claim.person_key if claim.status == "open" else ""
    return _decide(db, shop, goods, key, date.fromisoformat(claim.sold_on), findings)


def _decide(
    db: TillDatabase, shop: Shop, goods: Goods, key: str, on: date, findings: list[Reason]
) -> Assessment:
    usage = assessment.NOBODY
    if key and goods.category is not None and goods.category in shop.rulebook.categories:
        usage = assessment.used_by(db, shop, key, goods.category, on, goods.attributes)
    return assessment.decide(shop, goods, None, on=on, at=None, usage=usage, findings=findings)


def _unanswered(story: Story, attributes: Mapping[str, object]) -> list[Reason]:
    """Return what must be answered before the submission, beside what the rules ask themselves."""
    asked = [str(one.params["attribute"]) for one in story.outcome.warnings if one.code == "to_be_proven"]
    missing = [name for name in dict.fromkeys([*story.terms.once, *asked]) if name not in attributes]
    clause = story.terms.source.cited
    return [Reason("attribute_required", {"attribute": name, "limit": ""}, clause) for name in missing]


def _merged(before: Sequence[Given], papers: Sequence[Given]) -> list[Given]:
    """Return the papers as they stand once some were entered again."""
    return list({one.code: one for one in (*before, *papers)}.values())


def _things(
    terms: ClaimTerms, attributes: Mapping[str, object], papers: Sequence[Given]
) -> list[tuple[str, str]]:
    invoices = [one.number for one in papers if one.code == "invoice" and one.number]
    found = rules_of_claims.things(terms, attributes)
    return [*found, *(("invoice", number) for number in invoices)]


def _taken(db: TillDatabase, used: Sequence[tuple[str, str]], *, but: str = "") -> list[Reason]:
    found = []
    for space, number in used:
        claim_id = claims.taken(db, space, number)
        if claim_id is not None and claim_id != but:
            code = "invoice_used" if space == "invoice" else rules_of_claims.taken_code(space)
            found.append(Reason(code, {"number": number, "claim_id": claim_id}, ""))
    return found


def _must_be_changeable(shop: Shop, story: Story, now: datetime) -> None:
    if story.claim.status == "open":
        return
    until = story.terms.corrections_until
    judged = story.claim.verdict not in (None, "suspended")
    if judged or until is None or shop.today(now) > until:
        raise Conflict(
            "claim_submitted", claim_id=story.claim.claim_id, submitted_at=story.claim.submitted_at
        )


def _hashed(attributes: Mapping[str, object]) -> dict[str, object]:
    """Return attributes without a number that would tell where somebody lives."""
    found = dict(attributes)
    flat = found.get("flat_no")
    if isinstance(flat, str) and not flat.startswith("SHA256:"):
        found["flat_no"] = "SHA256:" + hashlib.sha256(flat.encode()).hexdigest().upper()
    return found


def _plain(attributes: Mapping[str, object]) -> dict[str, Any]:
    """Return attributes as JSON values."""
    return {
        name: str(value) if isinstance(value, date | Decimal) else value for name, value in attributes.items()
    }


def _link(shop: Shop, claim_id: str) -> str:
    """Return the unguessable part of the slip's address; the same for the same claim."""
    return hmac.new(shop.secret, b"claim\x1f" + claim_id.encode(), hashlib.sha256).hexdigest()[:40]
