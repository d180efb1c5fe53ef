"""What a claim after purchase comes to, and what stands against it: gathered here, decided by the rules."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pos_subsidy.domain import claims as rules_of_claims
from pos_subsidy.domain.attributes import read_kept
from pos_subsidy.domain.claims import Given, Wanted
from pos_subsidy.domain.rules import ClaimTerms, Rule
from pos_subsidy.domain.subsidy import Assessment, Reason
from pos_subsidy.services import assessment, city_lists, standing
from pos_subsidy.services.assessment import Goods
from pos_subsidy.services.shop import Shop
from pos_subsidy.store import claims
from pos_subsidy.store.claims import Claim
from pos_subsidy.store.db import TillDatabase


@dataclass(frozen=True, slots=True)
class Story:
    """A claim with what the rules say of it now, the papers it needs, and the link to its slip."""

    claim: Claim
    outcome: Assessment
    papers: tuple[Wanted, ...]
    terms: ClaimTerms
    link: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A claim found good for submission: the sum, how its unit is counted, what it uses up."""

    outcome: Assessment
    unit_class: str
    things: tuple[tuple[str, str], ...]


def story(db: TillDatabase, shop: Shop, claim: Claim) -> Story:
    """Return a claim as it stands."""
    return _told(db, shop, claim, read_kept(claim.attributes), claim.papers)


def check(
    db: TillDatabase,
    shop: Shop,
    claim: Claim,
    attributes: Mapping[str, object],
    papers: Sequence[Given],
    *,
    on: date,
) -> tuple[Checked, list[Reason]]:
    """Return what a submission on a day would be, and every reason against it."""
    told = _told(db, shop, claim, attributes, papers)
    sold_on = date.fromisoformat(claim.sold_on)
    used = rules_of_claims.things(told.terms, attributes, papers)
    findings = rules_of_claims.against_submission(
        told.terms, told.papers, attributes, price_fen=claim.price_fen, sold_on=sold_on, on=on
    )
    clause = told.terms.source.cited
    findings += [
        rules_of_claims.unwritten(str(one.params["attribute"]), clause)
        for one in told.outcome.warnings
        if one.code == "to_be_proven"
    ]
    findings += _taken(db, used, but=claim.claim_id)
    if standing.is_suspended(db):
        findings.append(Reason("merchant_suspended", {}, ""))
    findings += city_lists.seller_blocked(db, shop, on)
    outcome = decide(db, shop, claim, attributes, findings)
    rule = rule_of(shop, claim)
    unit_class = rule.unit_class(shop.rulebook.categories[claim.category], attributes)
    return Checked(outcome, unit_class, tuple(used)), list(refusals(outcome))


def refusals(outcome: Assessment) -> tuple[Reason, ...]:
    """Return why nothing can be claimed; a sum that rounds down to nothing is a reason, too."""
    if outcome.refusals or outcome.subsidy_fen > 0:
        return outcome.refusals
    return (Reason("nothing_granted", {"price_fen": outcome.price_fen}, ""),)


def decide(
    db: TillDatabase,
    shop: Shop,
    claim: Claim,
    attributes: Mapping[str, object],
    findings: list[Reason],
) -> Assessment:
    """Ask the rules about a claim; a unit that it uses itself does not stand against it."""
    goods = Goods(claim.price_fen, claim.category, attributes=attributes)
    key = claim.person_key if claim.unit_state == "free" else ""
    return decide_purchase(db, shop, goods, key, date.fromisoformat(claim.sold_on), findings)


def decide_purchase(
    db: TillDatabase, shop: Shop, goods: Goods, key: str, on: date, findings: list[Reason]
) -> Assessment:
    """Ask the rules about a purchase of a person, of nobody where the key is empty."""
    usage = assessment.NOBODY
    if key and goods.category is not None and goods.category in shop.rulebook.categories:
        usage = assessment.used_by(db, shop, key, goods.category, on, goods.attributes)
    return assessment.decide(shop, goods, None, on=on, at=None, usage=usage, findings=findings)


def rule_of(shop: Shop, claim: Claim) -> Rule:
    """Return the rule of the day of the purchase."""
    rule = shop.rulebook.rule_in_force(claim.category, date.fromisoformat(claim.sold_on))
    assert rule is not None, "a claim exists only under a rule"
    return rule


def merged(before: Sequence[Given], papers: Sequence[Given]) -> list[Given]:
    """Return the papers as they stand once some were entered again."""
    return list({one.code: one for one in (*before, *papers)}.values())


def hidden(attributes: Mapping[str, object]) -> dict[str, object]:
    """Return attributes without a number that would tell where somebody lives."""
    found = dict(attributes)
    flat = found.get("flat_no")
    if isinstance(flat, str):
        found["flat_no"] = "SHA256:" + hashlib.sha256(flat.encode()).hexdigest().upper()
    return found


def plain(attributes: Mapping[str, object]) -> dict[str, Any]:
    """Return attributes as JSON values."""
    return {
        name: str(value) if isinstance(value, date | Decimal) else value for name, value in attributes.items()
    }


def paper_json(one: Given) -> dict[str, Any]:
    """Return a paper as the journal carries it."""
    return {
        "code": one.code,
        "number": one.number,
        "issued_on": one.issued_on.isoformat() if one.issued_on else None,
        "amount_fen": one.amount_fen,
    }


def link_of(shop: Shop, claim_id: str) -> str:
    """Return the unguessable part of the slip's address; the same for the same claim."""
    return hmac.new(shop.secret, b"claim\x1f" + claim_id.encode(), hashlib.sha256).hexdigest()[:40]


def _told(
    db: TillDatabase,
    shop: Shop,
    claim: Claim,
    attributes: Mapping[str, object],
    papers: Sequence[Given],
) -> Story:
    terms = rule_of(shop, claim).programme.claim
    assert terms is not None, "a claim exists only under terms of claim"
    outcome = decide(db, shop, claim, attributes, [])
    needed = {str(one.params["attribute"]) for one in outcome.warnings if one.code == "to_be_proven"}
    wanted = rules_of_claims.wanted(terms, attributes, papers, needed | set(terms.once))
    return Story(claim, outcome, tuple(wanted), terms, link_of(shop, claim.claim_id))


def _taken(db: TillDatabase, used: Sequence[tuple[str, str]], *, but: str) -> list[Reason]:
    found = []
    for space, number in used:
        claim_id = claims.taken(db, space, number)
        if claim_id is not None and claim_id != but:
            code = rules_of_claims.taken_code(space)
            found.append(Reason(code, {"number": number, "claim_id": claim_id}, ""))
    return found
