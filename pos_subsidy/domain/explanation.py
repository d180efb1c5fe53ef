"""A decision in the form that API, pages and command line show."""

from typing import Any

from pos_subsidy.domain import words
from pos_subsidy.domain.lint_case import Finding
from pos_subsidy.domain.subsidy import Assessment, Reason, Step


def assessment_json(assessment: Assessment) -> dict[str, Any]:
    """Return the answer of ``POST /assessments``; amounts are fen."""
    return {
        "eligible": assessment.eligible,
        "price_fen": assessment.price_fen,
        "subsidy_fen": assessment.subsidy_fen,
        "payable_fen": assessment.payable_fen,
        "programme": assessment.programme,
        "policy_version": assessment.policy_version,
        "steps": [step_json(step) for step in assessment.steps],
        "refusals": [reason_json(reason) for reason in assessment.refusals],
        "warnings": [reason_json(reason) for reason in assessment.warnings],
    }


def step_json(step: Step) -> dict[str, str]:
    text_zh, text_en = words.step(step.code, step.params)
    return {"code": step.code, "text_zh": text_zh, "text_en": text_en, "clause": step.clause}


def reason_json(reason: Reason) -> dict[str, str]:
    """Return a reason in both languages; ``attribute`` or ``field`` names the one it speaks of."""
    spoken = words.say(reason.code, reason.params)
    named = {name: str(reason.params[name]) for name in ("attribute", "field") if name in reason.params}
    return {
        **named,
        "code": reason.code,
        "message_zh": spoken.detail_zh,
        "message_en": spoken.detail_en,
        "next_step_zh": spoken.next_step_zh,
        "next_step_en": spoken.next_step_en,
        "clause": reason.clause or "pack default, no official text found",
    }


def finding_json(found: Finding, *, reason: str | None) -> dict[str, object]:
    """Return a finding with its sentences, and what somebody said to it."""
    spoken, (why_zh, why_en) = words.say(found.code, found.seen), words.why(found.code)
    return {
        "finding_id": found.finding_id,
        "code": found.code,
        "redemption_id": found.redemption_id,
        "order_no": found.order_no,
        "stops": found.stops,
        "explained": reason,
        "seen": dict(found.seen),
        "message_zh": spoken.detail_zh,
        "message_en": spoken.detail_en,
        "why_zh": why_zh,
        "why_en": why_en,
        "next_step_zh": spoken.next_step_zh,
        "next_step_en": spoken.next_step_en,
        "clause": found.clause,
    }
