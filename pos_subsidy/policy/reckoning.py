"""Reads how a rule reckons its sum, and what it requires."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pos_subsidy.domain.requirements import KINDS
from pos_subsidy.domain.rules import Band, Batch, Grant, Requirement, Source
from pos_subsidy.policy.shape import Table

_BATCH = (
    *("id", "face_yuan", "minimum_yuan", "number", "released_at", "last_day", "per_person"),
    *("stacks_with", "source"),
)
KEYS = ("rates", "rate_unrated", "rate_otherwise", "rate", "bands", "cap_yuan")


def grants(rule: Table, known: frozenset[str], status: str, batches: tuple[Batch, ...]) -> tuple[Grant, ...]:
    """Return a rule's ways to reckon: its own keys, or one for each [[rule.grant]].

    A provisional rule may have none, nobody knows its figures yet; one of coupons has batches.
    """
    if "grant" not in rule.values:
        if (status == "provisional" or batches) and not any(key in rule.values for key in KEYS):
            return ()
        return (_grant(rule, {}),)
    found = []
    for entry in rule.tables("grant"):
        entry.only((*KEYS, "when"))
        found.append(_grant(entry, _when(entry, known)))
    return tuple(found)


def _grant(entry: Table, when: Mapping[str, str]) -> Grant:
    rates, rate, bands = _rates(entry.table("rates")), entry.rate("rate"), _bands(entry)
    if sum((bool(rates), rate is not None, bool(bands))) != 1:
        raise entry.wrong("rates", "none, or several", "one of: rates by rating, one rate, bands of price")
    return Grant(
        when=when,
        rates=rates,
        rate_unrated=entry.rate("rate_unrated"),
        rate_otherwise=entry.rate("rate_otherwise"),
        rate=rate,
        bands=bands,
        cap_fen=entry.amount_fen("cap_yuan", required=not bands),
    )


def _rates(entry: Table) -> dict[int, Decimal]:
    rates = {}
    for written in entry.values:
        if written not in ("1", "2", "3", "4", "5"):
            raise entry.wrong(written, written, "a rating from 1 to 5")
        rate = entry.rate(written)
        assert rate is not None
        rates[int(written)] = rate
    return rates


def _bands(rule: Table) -> tuple[Band, ...]:
    found: list[Band] = []
    for entry in rule.tables("bands"):
        entry.only(("from_yuan", "below_yuan", "amount_yuan"))
        begin, end = entry.amount_fen("from_yuan", required=True), entry.amount_fen("below_yuan")
        amount = entry.amount_fen("amount_yuan", required=True)
        assert begin is not None and amount is not None
        if found and found[-1].below_fen != begin:
            raise entry.wrong("from_yuan", entry.values["from_yuan"], "where the band before ends")
        if end is not None and end <= begin:
            raise entry.wrong("below_yuan", entry.values["below_yuan"], "more than from_yuan")
        found.append(Band(begin, end, amount))
    return tuple(found)


def batches(rule: Table, sources: Mapping[str, Source]) -> tuple[Batch, ...]:
    """Return a rule's [[rule.batch]] tables: coupons, each a face value off a minimum spend."""
    found: list[Batch] = []
    for entry in rule.tables("batch"):
        entry.only(_BATCH)
        batch = Batch(
            id=entry.text_of("id"),
            face_fen=entry.amount_fen("face_yuan", required=True) or 0,
            minimum_fen=entry.amount_fen("minimum_yuan", required=True) or 0,
            number=entry.whole("number", least=1, required=True) or 0,
            released_at=_moment(entry, "released_at"),
            last_day=entry.required("last_day", date, "a day, e.g. 2025-05-31"),
            per_person=entry.whole("per_person", least=1, required=True) or 0,
            stacks_with=entry.texts("stacks_with"),
            source=sources[entry.one_of("source", sources)],
        )
        if batch.minimum_fen < batch.face_fen:
            raise entry.wrong("minimum_yuan", entry.values["minimum_yuan"], "the face value or more")
        if batch.last_day < batch.released_at.date():
            raise entry.wrong("last_day", batch.last_day, f"{batch.released_at.date()} or later")
        if batch.id in [one.id for one in found]:
            raise entry.wrong("id", batch.id, "an id no other batch has")
        found.append(batch)
    return tuple(found)


def _moment(entry: Table, key: str) -> datetime:
    found = entry.values.get(key)
    if not isinstance(found, datetime) or found.tzinfo is None:
        raise entry.wrong(key, found, "a moment with its zone, e.g. 2025-05-01T10:00:00+08:00")
    return found


def requirements(
    rule: Table, known: frozenset[str], sources: Mapping[str, Source]
) -> tuple[Requirement, ...]:
    """Return what a rule's [[rule.requirement]] tables ask of the attributes."""
    found = []
    for entry in rule.tables("requirement"):
        entry.only(("attribute", "refusal", "source", "decides", "when", *KINDS))
        kinds = [kind for kind in KINDS if kind in entry.values]
        if len(kinds) != 1:
            raise entry.wrong("attribute", ", ".join(kinds) or "nothing", f"one of {', '.join(KINDS)}")
        found.append(
            Requirement(
                attribute=entry.one_of("attribute", sorted(known)),
                kind=kinds[0],
                limit=_limit(entry, kinds[0]),
                refusal=entry.text_of("refusal"),
                source=sources[entry.one_of("source", sources)],
                decides=bool(entry.optional("decides", bool, "true | false", False)),
                when=_when(entry, known),
            )
        )
    return tuple(found)


def _limit(entry: Table, kind: str) -> Any:
    match kind:
        case "is_true":
            return entry.required(kind, bool, "true")
        case "one_of":
            return entry.texts(kind)
        case "starts_with":
            return entry.text_of(kind)
        case "at_most":
            return entry.required(kind, Decimal, "a number, e.g. 2.0")
        case _:
            return entry.required(kind, date, "a day, e.g. 2025-01-08")


def _when(entry: Table, known: frozenset[str]) -> dict[str, str]:
    when = entry.table("when")
    when.only(known)
    return {name: when.text_of(name) for name in when.values}
