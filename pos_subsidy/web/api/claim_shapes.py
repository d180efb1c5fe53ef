"""What the API answers about claims, as plain JSON."""

import json
from typing import Any

from pos_subsidy.context import till
from pos_subsidy.domain import explanation
from pos_subsidy.domain.claims import Wanted
from pos_subsidy.services.claims import Story


def claim(story: Story) -> dict[str, Any]:
    """A claim as it stands. ``redemption_id`` is there once it is submitted."""
    found, terms = story.claim, story.terms
    return {
        "claim_id": found.claim_id,
        "status": found.status,
        "redemption_id": found.claim_id if found.submitted_at else None,
        "category": found.category,
        "programme": found.programme,
        "policy_version": found.policy_version,
        "clause": found.clause,
        "order_no": found.order_no,
        "price_fen": found.price_fen,
        "subsidy_fen": found.subsidy_fen,
        "payable_fen": found.price_fen,
        "attributes": found.attributes,
        "sold_on": found.sold_on,
        "opened_at": found.opened_at,
        "submitted_at": found.submitted_at,
        "business_date": found.business_date,
        "apply_first_day": terms.apply_first_day.isoformat() if terms.apply_first_day else None,
        "apply_last_day": terms.apply_last_day.isoformat() if terms.apply_last_day else None,
        "corrections_until": terms.corrections_until.isoformat() if terms.corrections_until else None,
        "papers": [paper(one) for one in story.papers],
        "complete": all(one.is_complete for one in story.papers),
        "assessment": explanation.assessment_json(story.outcome),
        "slip": {"url": slip_url(story), "qr": f"/api/v1/claims/{found.claim_id}/slip.svg"},
        "verdict": found.verdict,
        "verdict_code": found.verdict_code,
        "verdict_context": json.loads(found.verdict_params) if found.verdict_params else None,
        "till": found.till,
        "cashier": found.cashier,
    }


def paper(one: Wanted) -> dict[str, Any]:
    """A paper: what it must show, by when, and whether it is complete."""
    wanted, given = one.paper, one.given
    return {
        "code": wanted.code,
        "name_zh": wanted.name_zh,
        "name_en": wanted.name_en,
        "shows_zh": wanted.shows_zh,
        "shows_en": wanted.shows_en,
        "due": wanted.due.isoformat() if wanted.due else None,
        "status": "complete" if one.is_complete else ("incomplete" if given else "missing"),
        "missing": list(one.missing),
        "number": given.number if given else None,
        "issued_on": given.issued_on.isoformat() if given and given.issued_on else None,
        "amount_fen": given.amount_fen if given else None,
        "clause": wanted.source.cited,
    }


def slip_url(story: Story) -> str:
    return f"{till().public_url}/claim/{story.link}"
