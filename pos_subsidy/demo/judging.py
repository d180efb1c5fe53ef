"""Compares what came of a day with what was expected of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from pos_subsidy.demo.playing import Outcome
from pos_subsidy.demo.settling import Evening

_BY_PAIRS = {"differences": "kind", "rejected_by_hub": "code"}


def summary(
    day: str, happenings: Sequence[Mapping[str, Any]], outcomes: Sequence[Outcome], evening: Evening
) -> dict[str, Any]:
    """Return the day as one object; amounts are fen."""
    sold = evening.redemptions
    return {
        "day": day,
        "redeemed": len(sold),
        "refused": _refused(happenings, outcomes),
        "mismatches": _mismatches(happenings, outcomes),
        "subsidy_fen": sum(one["subsidy_fen"] for one in sold),
        "net_subsidy_fen": sum(one["net_subsidy_fen"] for one in sold),
        "differences": [{"order_no": one["order_no"], "kind": one["kind"]} for one in evening.differences],
        "rejected_by_hub": [
            {"order_no": one["order_no"], "code": one["verdict_code"]}
            for one in sold
            if one["verdict"] == "rejected"
        ],
        "accepted_net_fen": sum(one["net_subsidy_fen"] for one in sold if one["verdict"] == "accepted"),
        "journal": {"rows": evening.journal_rows, "verified": evening.journal_verified},
        "sync": {"rows": evening.rows, "acknowledged": evening.acknowledged},
    }


def faults(found: Mapping[str, Any], expected: Mapping[str, Any]) -> list[str]:
    """Return what is not as it should be, in words; nothing if the day went right."""
    wrong = [f"mismatch: {one}" for one in found["mismatches"]]
    if not found["journal"]["verified"]:
        wrong.append("a journal is not whole, or does not rebuild its state")
    if found["sync"]["acknowledged"] != found["sync"]["rows"]:
        wrong.append(f"not everything is acknowledged: {found['sync']}")
    for key, value in expected.items():
        if _comparable(key, found.get(key)) != _comparable(key, value):
            wrong.append(f"{key} is {found.get(key)}, expected {value}")
    return wrong


def _refused(happenings: Sequence[Mapping[str, Any]], outcomes: Sequence[Outcome]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for happening, outcome in zip(happenings, outcomes, strict=True):
        if outcome.op == "sale" and outcome.codes:
            wanted = happening.get("expect", {}).get("refusal")
            code = wanted if wanted in outcome.codes else outcome.codes[0]
            counted[code] = counted.get(code, 0) + 1
    return counted


def _mismatches(happenings: Sequence[Mapping[str, Any]], outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    found = []
    for happening, outcome in zip(happenings, outcomes, strict=True):
        expect = happening.get("expect", {})
        if not _is_as_expected(expect, outcome):
            got: dict[str, Any] = (
                {"refusals": list(outcome.codes)}
                if outcome.codes
                else {"subsidy_fen": outcome.subsidy_fen, "payable_fen": outcome.payable_fen}
            )
            found.append(
                {"order_no": outcome.order_no, "op": outcome.op, "got": got, "expected": dict(expect)}
            )
    return found


def _is_as_expected(expect: Mapping[str, Any], outcome: Outcome) -> bool:
    if "refusal" in expect:
        return expect["refusal"] in outcome.codes
    if outcome.codes:
        return False
    return all(
        getattr(outcome, name) == expect[name] for name in ("subsidy_fen", "payable_fen") if name in expect
    )


def _comparable(key: str, value: Any) -> Any:
    if key in _BY_PAIRS and isinstance(value, list):
        return sorted((one["order_no"], one[_BY_PAIRS[key]]) for one in value)
    return value
