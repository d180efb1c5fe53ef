"""Builds the rulebook from a folder of packs, and refuses a pack that is not exactly right."""

import hashlib
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pos_subsidy.domain.rules import Category, Programme, Rule, Rulebook, Source, Terms
from pos_subsidy.errors import Invalid
from pos_subsidy.policy import reckoning
from pos_subsidy.policy.shape import Table

PACKS_DIR = Path(__file__).parent / "packs"
_CATEGORIES = "categories.toml"
_TERMS = (
    "voucher_minutes",
    "hold_minutes",
    "right_after_full_reversal",
    "serial_after_full_reversal",
    "serial_at",
    "claimed",
    "catalogue_required",
    "rounding",
)
_RULE = (
    *("categories", "status", "source", "units_max", "value_source", "grant", "requirement"),
    *("price_ceiling_yuan", "price_minimum_yuan", "person_cap_yuan"),
)
_VALUES = ("base", "rates", "cap", "units", "price_ceiling", "price_minimum", "person_cap")


def load_rulebook(directory: Path | None = None) -> Rulebook:
    """Return every rule of the packs in a folder (default: those that ship with the software).

    Raises:
        Invalid: ``policy_invalid`` with file, line, place, what was found and what is allowed.
    """
    directory = directory or PACKS_DIR
    categories = _categories(_read(directory / _CATEGORIES))
    programmes: list[Programme] = []
    rules: list[Rule] = []
    for path in sorted(directory.glob("*.toml")):
        if path.name == _CATEGORIES:
            continue
        pack = _read(path)
        programme, own = _pack(pack, path.read_bytes(), categories)
        if any(one.id == programme.id for one in programmes):
            raise pack.table("programme").wrong("id", programme.id, "an id no other pack has")
        _must_not_overlap(pack, rules, own)
        programmes.append(programme)
        rules.extend(own)
    return Rulebook(categories, tuple(rules), tuple(programmes))


def _read(path: Path) -> Table:
    try:
        text = path.read_text("utf-8")
        return Table(tomllib.loads(text, parse_float=Decimal), path.name, "", text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(
            "policy_invalid",
            file=path.name,
            line=1,
            where="",
            found=str(error),
            allowed="a TOML file in UTF-8",
        ) from None


def _categories(file: Table) -> dict[str, Category]:
    file.only(("family", "category"))
    attributes = {}
    for name in file.table("family").values:
        family = file.table("family").table(name)
        family.only(("attributes",))
        attributes[name] = frozenset(family.texts("attributes"))
    categories = {}
    for code in file.table("category").values:
        entry = file.table("category").table(code)
        entry.only(("family", "zh", "en", "names", "unit_class", "imei"))
        family_name = entry.one_of("family", attributes)
        categories[code] = Category(
            code=code,
            name_zh=entry.text_of("zh"),
            name_en=entry.text_of("en"),
            family=family_name,
            unit_class=entry.text_of("unit_class", code),
            imei=entry.one_of("imei", ("required", "optional", "none")) if "imei" in entry.values else "none",
            attributes=attributes[family_name],
            aliases=entry.texts("names", []),
        )
    return categories


def _pack(pack: Table, content: bytes, categories: dict[str, Category]) -> tuple[Programme, list[Rule]]:
    pack.only(("programme", "source", "terms", "term_source", "refusal_source", "rule"))
    sources = {name: _source(pack.table("source").table(name)) for name in pack.table("source").values}
    programme = _programme(pack.table("programme"), content, sources, categories)
    terms = _terms(pack, sources)
    refusals = _cited_by(pack.table("refusal_source"), sources)
    rules = []
    written: Any = pack.values.get("rule")
    if not isinstance(written, list) or not written:
        raise pack.wrong("rule", written, "at least one [[rule]]")
    for position, values in enumerate(written, start=1):
        entry = Table(values, pack.file, f"rule {position}", pack.text)
        rules.append(_rule(entry, programme, terms, sources, refusals, categories))
    for position, rule in enumerate(rules):
        _must_not_overlap(pack, rules[:position], [rule])
    return programme, rules


def _source(entry: Table) -> Source:
    entry.only(("document", "clause", "confidence", "url"))
    return Source(
        document=entry.text_of("document"),
        clause=entry.text_of("clause"),
        confidence=entry.one_of("confidence", ("A", "A-", "B", "S")),
        url=str(entry.optional("url", str, "an address", "")),
    )


def _programme(
    entry: Table, content: bytes, sources: dict[str, Source], categories: dict[str, Category]
) -> Programme:
    entry.only(("id", "version", "zh", "en", "level", "families", "first_day", "last_day", "source"))
    first: date = entry.required("first_day", date, "a day, e.g. 2026-01-01")
    last: date = entry.required("last_day", date, "a day, e.g. 2026-12-31")
    if last < first:
        raise entry.wrong("last_day", last, f"{first} or later")
    families = entry.texts("families")
    known = {category.family for category in categories.values()}
    if not families or not known.issuperset(families):
        raise entry.wrong("families", families, ", ".join(sorted(known)))
    return Programme(
        id=entry.text_of("id"),
        version=str(entry.whole("version", least=1, required=True)),
        fingerprint=hashlib.sha256(content).hexdigest()[:8],
        name_zh=entry.text_of("zh"),
        name_en=entry.text_of("en"),
        level=entry.one_of("level", ("nation", "province", "city", "county")),
        first_day=first,
        last_day=last,
        families=families,
        source=sources[entry.one_of("source", sources)],
    )


def _terms(pack: Table, sources: dict[str, Source]) -> Terms:
    entry = pack.table("terms")
    entry.only(_TERMS)
    cited = pack.table("term_source")
    cited.only(_TERMS)
    return Terms(
        voucher_minutes=entry.whole("voucher_minutes", least=1, required=True) or 0,
        hold_minutes=entry.whole("hold_minutes", least=1, required=True) or 0,
        right_after_full_reversal=entry.one_of("right_after_full_reversal", ("consumed", "restored")),
        serial_after_full_reversal=entry.one_of("serial_after_full_reversal", ("free", "kept")),
        serial_at=entry.one_of("serial_at", ("till", "delivery", "none")),
        claimed=entry.one_of("claimed", ("till", "afterwards")),
        catalogue_required=entry.required("catalogue_required", bool, "true | false"),
        rounding=entry.one_of("rounding", ("down_to_fen",)),
        sources=_cited_by(cited, sources),
    )


def _rule(
    entry: Table,
    programme: Programme,
    terms: Terms,
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
    cited = entry.table("value_source")
    cited.only(_VALUES)
    return Rule(
        programme=programme,
        categories=frozenset(codes),
        status=status,
        source=sources[entry.one_of("source", sources)],
        terms=terms,
        grants=reckoning.grants(entry, known, status),
        units_max=entry.whole("units_max", least=1),
        price_ceiling_fen=entry.amount_fen("price_ceiling_yuan"),
        price_minimum_fen=entry.amount_fen("price_minimum_yuan"),
        person_cap_fen=entry.amount_fen("person_cap_yuan"),
        requirements=reckoning.requirements(entry, known, sources),
        sources={**refusals, **_cited_by(cited, sources)},
    )


def _cited_by(entry: Table, sources: dict[str, Source]) -> dict[str, Source]:
    return {name: sources[entry.one_of(name, sources)] for name in entry.values}


def _must_not_overlap(pack: Table, rules: list[Rule], own: list[Rule]) -> None:
    for rule in own:
        for other in rules:
            shared = rule.categories & other.categories
            days = (rule.programme.first_day <= other.programme.last_day) and (
                other.programme.first_day <= rule.programme.last_day
            )
            if shared and days:
                found = f"{sorted(shared)[0]} also in {other.programme.id}"
                raise pack.wrong("rule", found, "one rule for a category on a day")
