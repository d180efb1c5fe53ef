"""One pack that grants: its programme, and every rule of it."""

from datetime import date, timedelta
from typing import Any

from pos_subsidy.domain.rules import Category, ClaimTerms, Programme, Rule, SamePerson, Source, Terms
from pos_subsidy.policy import claims, evidence, layers, reckoning, terms
from pos_subsidy.policy.layers import Pack
from pos_subsidy.policy.shape import Table

_SAME_PERSON = ("id_number", "registered_phone", "bank_phone", "card", "device", "account")
_PROGRAMME = (
    *("id", "version", "zh", "en", "level", "families", "source"),
    *("first_day", "last_day", "last_settlement_days"),
)
_RULE = (
    *("categories", "status", "source", "units_max", "units_per", "exclusive", "value_source"),
    *("first_day", "last_day", "price_ceiling_yuan", "price_minimum_yuan", "person_cap_yuan"),
    *("grant", "batch", "requirement"),
)
_VALUES = ("base", "rates", "cap", "units", "price_ceiling", "price_minimum", "person_cap")


def read(pack: Table, fingerprint: str, sources: dict[str, Source], categories: dict[str, Category]) -> Pack:
    """Return a pack; raises Invalid (``policy_invalid``) where anything in it is not exactly right."""
    pack.only(
        (
            "programme",
            "scope",
            "same_person",
            "claim",
            "evidence",
            "source",
            "terms",
            "term_source",
            "refusal_source",
            "rule",
        )
    )
    programme = _programme(pack, fingerprint, sources, categories)
    how = Terms(**terms.read(pack, sources, terms.NAMES))
    refusals = _cited_by(pack.table("refusal_source"), sources)
    written: Any = pack.values.get("rule")
    if not isinstance(written, list) or not written:
        raise pack.wrong("rule", written, "at least one [[rule]]")
    rules = [_rule(entry, programme, how, sources, refusals, categories) for entry in pack.tables("rule")]
    return Pack(pack, programme, tuple(rules))


def _programme(
    pack: Table, fingerprint: str, sources: dict[str, Source], categories: dict[str, Category]
) -> Programme:
    entry, scope = pack.table("programme"), pack.table("scope")
    entry.only(_PROGRAMME)
    scope.only(("leaves_open", "leaves_open_terms"))
    first, last = entry.days()
    families = entry.some_of("families", sorted({one.family for one in categories.values()}))
    if not families:
        raise entry.wrong("families", "none", "at least one")
    return Programme(
        id=entry.text_of("id"),
        version=str(entry.whole("version", least=1, required=True)),
        fingerprint=fingerprint,
        name_zh=entry.text_of("zh"),
        name_en=entry.text_of("en"),
        level=entry.one_of("level", layers.LEVELS),
        first_day=first,
        last_day=last,
        last_settlement_on=_last_settlement(entry, last),
        families=families,
        source=sources[entry.one_of("source", sources)],
        leaves_open=scope.some_of("leaves_open", families),
        leaves_open_terms=scope.some_of("leaves_open_terms", terms.FILLABLE),
        claim=_claim(pack, sources, families, categories),
        evidence=evidence.read(pack, sources),
        same_person=_same_person(pack, sources) if "same_person" in pack.values else None,
    )


def _last_settlement(entry: Table, last_day: date) -> date | None:
    days = entry.whole("last_settlement_days", least=0)
    if days is None or last_day > date.max - timedelta(days):
        return None
    return last_day + timedelta(days)


def _claim(
    pack: Table, sources: dict[str, Source], families: tuple[str, ...], categories: dict[str, Category]
) -> ClaimTerms | None:
    afterwards = pack.table("terms").values.get("claimed") == "afterwards"
    if afterwards != ("claim" in pack.values):
        found = "nothing" if afterwards else "a table"
        raise pack.wrong("claim", found, "[claim] with its papers, exactly where claimed = afterwards")
    if not afterwards:
        return None
    known = frozenset[str]().union(*(one.attributes for one in categories.values() if one.family in families))
    return claims.read(pack, sources, known)


def _same_person(pack: Table, sources: dict[str, Source]) -> SamePerson:
    entry = pack.table("same_person")
    entry.only(("signals", "source"))
    return SamePerson(entry.some_of("signals", _SAME_PERSON), sources[entry.one_of("source", sources)])


def _rule(
    entry: Table,
    programme: Programme,
    how: Terms,
    sources: dict[str, Source],
    refusals: dict[str, Source],
    categories: dict[str, Category],
) -> Rule:
    entry.only((*_RULE, *reckoning.KEYS))
    codes = entry.texts("categories")
    for code in codes:
        if code not in categories or categories[code].family not in programme.families:
            raise entry.wrong("categories", code, f"categories of {', '.join(programme.families)}")
    known = frozenset.intersection(*(categories[code].attributes for code in codes))
    status = entry.one_of("status", ("confirmed", "provisional"))
    first, last = entry.days(within=(programme.first_day, programme.last_day))
    batches = reckoning.batches(entry, sources)
    for name in ("units_per", "exclusive"):
        if name in entry.values:
            entry.one_of(name, sorted(known))
    cited = entry.table("value_source")
    cited.only(_VALUES)
    return Rule(
        programme=programme,
        categories=frozenset(codes),
        status=status,
        source=sources[entry.one_of("source", sources)],
        terms=how,
        grants=reckoning.grants(entry, known, status, batches),
        first_day=first,
        last_day=last,
        policy_version=programme.policy_version,
        batches=batches,
        units_per=entry.optional("units_per", str, "an attribute"),
        exclusive=entry.optional("exclusive", str, "an attribute"),
        units_max=entry.whole("units_max", least=1),
        price_ceiling_fen=entry.amount_fen("price_ceiling_yuan"),
        price_minimum_fen=entry.amount_fen("price_minimum_yuan"),
        person_cap_fen=entry.amount_fen("person_cap_yuan"),
        requirements=reckoning.requirements(entry, known, sources),
        sources={**refusals, **_cited_by(cited, sources)},
    )


def _cited_by(entry: Table, sources: dict[str, Source]) -> dict[str, Source]:
    return {name: sources[entry.one_of(name, sources)] for name in entry.values}
