"""What the API answers about evidence, as plain JSON."""

from typing import Any

from pos_subsidy.domain import explanation
from pos_subsidy.domain.decision import Reason
from pos_subsidy.domain.evidence import Part
from pos_subsidy.services.evidence import Story


def story(found: Story) -> dict[str, Any]:
    """The checklist, what is missing and by when, and what was replaced, by whom and when."""
    return {
        **summary(found),
        "items": [part(one) for one in found.checklist.parts],
        "replaced": [
            {
                "code": one.part,
                "given_at": one.given_at,
                "replaced_at": one.replaced_at,
                "till": one.till,
                "cashier": one.cashier,
                "content": dict(one.content),
            }
            for one in found.history
            if one.replaced_at is not None
        ],
    }


def summary(found: Story) -> dict[str, Any]:
    """Whether the evidence is complete, else what is missing and by when."""
    return {
        "redemption_id": found.sold.redemption_id,
        "complete": found.checklist.is_complete,
        "missing": [
            {"code": one.code, "state": one.state, "due_on": _day(one), "overdue": one.overdue}
            for one in found.checklist.missing
        ],
    }


def part(found: Part) -> dict[str, Any]:
    given = found.given
    return {
        "code": found.code,
        "state": found.state,
        "due_on": _day(found),
        "overdue": found.overdue,
        "reasons": [_reason(one) for one in found.reasons],
        "warnings": [_reason(one) for one in found.warnings],
        "clause": found.clause,
        "due_clause": found.due_clause,
        "given_at": given.given_at if given else None,
        "till": given.till if given else None,
        "cashier": given.cashier if given else None,
        "content": dict(given.content) if given else None,
    }


def _reason(found: Reason) -> dict[str, Any]:
    return {**explanation.reason_json(found), "params": dict(found.params)}


def _day(found: Part) -> str | None:
    return found.due_on.isoformat() if found.due_on else None
