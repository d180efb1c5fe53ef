"""A shop's appeal against the city's verdict: when there may be one, and where it stands.

It stands where what happened since puts it: nothing is marked, so nothing can be marked wrongly.
"""

from datetime import date

from pos_subsidy.domain.decision import Reason

OPEN, GRANTED, REFUSED, OVERTAKEN = "open", "granted", "refused", "overtaken"
APPEALABLE = ("rejected", "suspended")
# Why an appeal is granted or refused; the sentences stand in domain/words_appeals.py.
REASONS = {
    GRANTED: (
        *("appeal_proof_convinces", "appeal_city_erred", "appeal_defect_mended"),
        *("appeal_first_claim_fell", "appeal_rule_met"),
    ),
    REFUSED: (
        *("appeal_proof_lacking", "appeal_proof_contradicts", "appeal_rule_stands"),
        *("appeal_first_claim_stands", "appeal_files_unreadable"),
    ),
}
# A person reads it; these keep a batch of rows a batch of rows.
WORDS_MAX, FILES_MAX, NAME_MAX, NOTE_MAX = 2_000, 10, 80, 1_000


def against(
    verdict: str | None, *, is_undone: bool, last_day: date | None, clause: str, today: date
) -> Reason | None:
    """Return why a verdict cannot be appealed, or None if it can.

    ``is_undone``: the sale was reversed in full, or its claim withdrawn. ``last_day`` is the
    programme's last settlement; nothing is paid after it.
    """
    if verdict == "clawed_back":
        return Reason("appeal_clawed_back", {}, clause)
    if verdict not in APPEALABLE:
        return Reason("appeal_needless", {"verdict": verdict or "none"}, clause)
    if is_undone:
        return Reason("appeal_undone", {}, clause)
    if last_day is not None and today > last_day:
        return Reason("appeal_too_late", {"last_day": last_day.isoformat()}, clause)
    return None


def standing(outcome: str | None, verdict: str | None, *, is_undone: bool) -> str:
    """Return where an appeal stands: decided as it was, open, or overtaken by what happened since."""
    if outcome is not None:
        return outcome
    return OPEN if verdict in APPEALABLE and not is_undone else OVERTAKEN
