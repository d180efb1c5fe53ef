"""Reads what evidence each redemption of a programme needs, and by when."""

from collections.abc import Mapping

from pos_subsidy.domain.rules import PACK_DEFAULT, EvidenceTerm, Source
from pos_subsidy.policy.shape import Table

CODES = ("invoice", "box_photo", "screen_photo", "label_photo", "delivery_note")
_KEYS = ("code", "due_days", "counted_from", "within_months", "source", "due_source")


def read(pack: Table, sources: Mapping[str, Source]) -> tuple[EvidenceTerm, ...]:
    """Return the [[evidence]] tables of a pack; none where it has none.

    Raises:
        Invalid: ``policy_invalid``.
    """
    found: list[EvidenceTerm] = []
    for entry in pack.tables("evidence"):
        if pack.table("terms").values.get("claimed") == "afterwards":
            raise entry.wrong("code", "evidence", "nothing: what is claimed afterwards has papers in [claim]")
        term = _term(entry, sources)
        if term.code in [one.code for one in found]:
            raise entry.wrong("code", term.code, "a code no other evidence has")
        found.append(term)
    if any(one.counted_from == "delivery" for one in found) and "delivery_note" not in [
        one.code for one in found
    ]:
        raise pack.wrong("evidence", "counted from a delivery", "a delivery_note beside it")
    return tuple(found)


def _term(entry: Table, sources: Mapping[str, Source]) -> EvidenceTerm:
    entry.only(_KEYS)
    code = entry.one_of("code", CODES)
    is_note = code == "delivery_note"
    if not is_note and "within_months" in entry.values:
        raise entry.wrong("within_months", entry.values["within_months"], "nothing, but for a delivery_note")
    counted = "counted_from" in entry.values
    due_days = entry.whole("due_days", least=0, required=True)
    assert due_days is not None
    return EvidenceTerm(
        code=code,
        due_days=due_days,
        counted_from=entry.one_of("counted_from", ("sale", "delivery")) if counted else "sale",
        source=_cited(entry, "source", sources),
        due_source=_cited(entry, "due_source", sources),
        within_months=entry.whole("within_months", least=1, required=is_note),
    )


def _cited(entry: Table, key: str, sources: Mapping[str, Source]) -> Source:
    return sources[entry.one_of(key, sources)] if key in entry.values else PACK_DEFAULT
