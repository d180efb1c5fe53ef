"""Reads how claims after purchase are made: days, papers, and what may be claimed for once."""

from collections.abc import Mapping
from datetime import date

from pos_subsidy.domain.rules import PACK_DEFAULT, ClaimTerms, Paper, Source
from pos_subsidy.policy.shape import Table

_DAYS = ("apply_first_day", "apply_last_day", "corrections_until")
_PAPER = ("code", "zh", "en", "shows_zh", "shows_en", "proves", "wants", "asks", "due", "source", "when")


def read(pack: Table, sources: Mapping[str, Source], known: frozenset[str]) -> ClaimTerms:
    """Return the [claim] table. ``known`` are the attributes of the programme's categories.

    Raises:
        Invalid: ``policy_invalid``.
    """
    entry = pack.table("claim")
    entry.only((*_DAYS, "once", "source", "paper"))
    first, last, corrections = (entry.optional(name, date, "a day, e.g. 2026-01-10") for name in _DAYS)
    if first and last and last < first:
        raise entry.wrong("apply_last_day", last, f"{first} or later")
    if corrections and last and corrections < last:
        raise entry.wrong("corrections_until", corrections, f"{last} or later")
    papers: list[Paper] = []
    entry.required("paper", list, "at least one [[claim.paper]]")
    for written in entry.tables("paper"):
        paper = _paper(written, sources, known, last)
        if paper.code in [one.code for one in papers if one.when == paper.when]:
            raise entry.wrong("paper", paper.code, "a code no other paper has")
        papers.append(paper)
    return ClaimTerms(
        apply_first_day=first,
        apply_last_day=last,
        corrections_until=corrections,
        once=entry.some_of("once", sorted(known)),
        papers=tuple(papers),
        source=sources[entry.one_of("source", sources)],
    )


def _paper(entry: Table, sources: Mapping[str, Source], known: frozenset[str], last: date | None) -> Paper:
    entry.only(_PAPER)
    when = entry.table("when")
    when.only(known)
    proves = entry.some_of("proves", sorted(known), default=[])
    return Paper(
        code=entry.text_of("code"),
        name_zh=entry.text_of("zh"),
        name_en=entry.text_of("en"),
        shows_zh=entry.text_of("shows_zh"),
        shows_en=entry.text_of("shows_en"),
        proves=proves,
        wants=entry.some_of("wants", proves, default=[]),
        asks=entry.some_of("asks", ("number", "amount", "day"), default=[]),
        due=entry.optional("due", date, "a day, e.g. 2026-01-10", last),
        source=sources[entry.one_of("source", sources)] if "source" in entry.values else PACK_DEFAULT,
        when={name: when.text_of(name) for name in when.values},
    )
