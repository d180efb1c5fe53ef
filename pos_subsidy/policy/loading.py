"""Builds the rulebook from a folder of packs, and refuses a pack that is not exactly right."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from pos_subsidy.domain.rules import Category, Control, Rulebook, Source
from pos_subsidy.policy import controls, layers, programmes
from pos_subsidy.policy.layers import Filling, Pack
from pos_subsidy.policy.pack_files import (
    CATEGORIES,
    PACKS_DIR,
    PackText,
    gives_way,
    identity_of,
    parsed,
    paths,
    read,
)
from pos_subsidy.policy.shape import Table


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
    categories = _categories(read(directory / CATEGORIES))
    files = [read(path) for path in paths(directory)]
    if alone:
        own = read(alone)
        files = [one for one in files if identity_of(one) != identity_of(own)] + [own]
    for other in others:
        newer = parsed(other.name, other.text)
        files = [one for one in files if not gives_way(one, newer)] + [newer]
    packs: list[Pack] = []
    fillings: list[Filling] = []
    for pack in files:
        fingerprint = hashlib.sha256(pack.text.encode()).hexdigest()[:8]
        sources = _sources(pack)
        if "filling" in pack.values:
            fillings.append(layers.read_filling(pack, fingerprint, sources))
        else:
            packs.append(programmes.read(pack, fingerprint, sources, categories))
    layers.must_agree(packs, categories)
    rules = layers.fill(packs, fillings)
    granting = tuple(pack.programme for pack in packs)
    looked_for = _controls(directory / controls.FILE, controls.read)
    signals = _controls(directory / controls.SIGNALS_FILE, controls.read_signals)
    return Rulebook(categories, tuple(rules), granting, looked_for, signals)


def _controls(
    path: Path, understood: Callable[[Table, dict[str, Source]], tuple[Control, ...]]
) -> tuple[Control, ...]:
    if not path.exists():
        return ()
    file = read(path)
    return understood(file, _sources(file))


def _sources(pack: Table) -> dict[str, Source]:
    return {name: _source(pack.table("source").table(name)) for name in pack.table("source").values}


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


def _source(entry: Table) -> Source:
    entry.only(("document", "clause", "confidence", "url"))
    return Source(
        document=entry.text_of("document"),
        clause=entry.text_of("clause"),
        confidence=entry.one_of("confidence", ("A", "A-", "B", "S")),
        url=str(entry.optional("url", str, "an address", "")),
    )
