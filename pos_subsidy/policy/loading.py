"""Builds the rulebook from a folder of packs, and refuses a pack that is not exactly right."""

import hashlib
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pos_subsidy.domain.rules import (
    Category,
    ClaimTerms,
    Control,
    Programme,
    Rule,
    Rulebook,
    SamePerson,
    Source,
    Terms,
)
from pos_subsidy.errors import Invalid
from pos_subsidy.policy import claims, controls, evidence, layers, reckoning, terms
from pos_subsidy.policy.layers import Filling, Pack
from pos_subsidy.policy.shape import Table

PACKS_DIR = Path(__file__).parent / "packs"
SAME_PERSON = ("id_number", "registered_phone", "bank_phone", "card", "device", "account")
_CATEGORIES = "categories.toml"
# What lies in the folder beside the packs.
_APART = (_CATEGORIES, controls.FILE, controls.SIGNALS_FILE)
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


@dataclass(frozen=True, slots=True)
class PackText:
    """A pack that lies in no folder: the name it is complained about by, and what stands in it."""

    name: str
    text: str


def load_rulebook(directory: Path | None = None, *, others: Sequence[PackText] = ()) -> Rulebook:
    """Return every rule of the packs in a folder (default: those that ship with the software).

    A single pack in place of a folder is read among those that ship: it takes the place of the
    one with its id and version, or joins them. Each of ``others`` takes the place of those with
    its id that speak of its days.

    Raises:
        Invalid: ``policy_invalid`` with file, line, place, what was found and what is allowed.
    """
    directory = directory or PACKS_DIR
    alone = directory if directory.is_file() else None
    directory = PACKS_DIR if alone else directory
    categories = _categories(_read(directory / _CATEGORIES))
    files = [_read(path) for path in sorted(directory.glob("*.toml")) if path.name not in _APART]
    if alone:
        own = _read(alone)
        files = [one for one in files if _identity(one) != _identity(own)] + [own]
    for other in others:
        newer = _parsed(other.name, other.text)
        files = [one for one in files if not _gives_way(one, newer)] + [newer]
    packs: list[Pack] = []
    fillings: list[Filling] = []
    for pack in files:
        fingerprint = hashlib.sha256(pack.text.encode()).hexdigest()[:8]
        sources = _sources(pack)
        if "filling" in pack.values:
            fillings.append(layers.read_filling(pack, fingerprint, sources))
        else:
            packs.append(_pack(pack, fingerprint, sources, categories))
    layers.must_agree(packs, categories)
    rules = layers.fill(packs, fillings)
    programmes = tuple(pack.programme for pack in packs)
    looked_for = _controls(directory / controls.FILE, controls.read)
    signals = _controls(directory / controls.SIGNALS_FILE, controls.read_signals)
    return Rulebook(categories, tuple(rules), programmes, looked_for, signals)


def identity(pack: PackText) -> tuple[str, int]:
    """Return a pack's id and version; raises Invalid like ``load_rulebook``."""
    file = _parsed(pack.name, pack.text)
    head = file.table("filling" if "filling" in file.values else "programme")
    return head.text_of("id"), head.whole("version", least=1, required=True) or 1


def known_versions(directory: Path | None, programme: str) -> list[int]:
    """Return the versions of a programme among the packs of a folder (default: those that ship)."""
    paths = sorted((directory or PACKS_DIR).glob("*.toml"))
    told = [_identity(_read(path)) for path in paths if path.name not in _APART]
    return [version for own, version in told if own == programme and isinstance(version, int)]


def _controls(
    path: Path, read: Callable[[Table, dict[str, Source]], tuple[Control, ...]]
) -> tuple[Control, ...]:
    if not path.exists():
        return ()
    file = _read(path)
    return read(file, _sources(file))


def _sources(pack: Table) -> dict[str, Source]:
    return {name: _source(pack.table("source").table(name)) for name in pack.table("source").values}


def _read(path: Path) -> Table:
    try:
        # The bytes as they lie there: line ends count for the fingerprint.
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _no_toml(path.name, 1, str(error)) from None
    return _parsed(path.name, text)


def _parsed(name: str, text: str) -> Table:
    try:
        return Table(tomllib.loads(text, parse_float=Decimal), name, "", text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise _no_toml(name, int(line[1]) if line else 1, str(error)) from None


def _no_toml(name: str, line: int, found: str) -> Invalid:
    return Invalid(
        "policy_invalid", file=name, line=line, where="", found=found, allowed="a TOML file in UTF-8"
    )


def _gives_way(pack: Table, newer: Table) -> bool:
    own, other = _head(pack), _head(newer)
    if own.get("id") != other.get("id") or ("filling" in pack.values) != ("filling" in newer.values):
        return False
    if own.get("version") == other.get("version"):
        return True
    ends = [(one.get("first_day", date.min), one.get("last_day", date.max)) for one in (own, other)]
    if not all(isinstance(day, date) for pair in ends for day in pair):
        return False  # its own reading says what is wrong with it
    return bool(ends[0][0] <= ends[1][1] and ends[1][0] <= ends[0][1])


def _head(pack: Table) -> dict[str, Any]:
    name = "filling" if "filling" in pack.values else "programme"
    found = pack.values.get(name)
    return found if isinstance(found, dict) else {}


def _identity(pack: Table) -> tuple[object, object]:
    head = _head(pack)
    return head.get("id"), head.get("version")


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


def _pack(pack: Table, fingerprint: str, sources: dict[str, Source], categories: dict[str, Category]) -> Pack:
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


def _source(entry: Table) -> Source:
    entry.only(("document", "clause", "confidence", "url"))
    return Source(
        document=entry.text_of("document"),
        clause=entry.text_of("clause"),
        confidence=entry.one_of("confidence", ("A", "A-", "B", "S")),
        url=str(entry.optional("url", str, "an address", "")),
    )


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
    return SamePerson(entry.some_of("signals", SAME_PERSON), sources[entry.one_of("source", sources)])


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
