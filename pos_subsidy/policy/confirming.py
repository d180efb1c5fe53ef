"""Confirmations: an operator turns a provisional rule on, with a source.

A pack in force is never edited. What was confirmed stands in a file beside it, appended to
and dated; the loader puts the two together.
"""

import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from pos_subsidy.domain.rules import Rule, Rulebook, Source
from pos_subsidy.errors import Conflict, Invalid
from pos_subsidy.policy.shape import Table

FILE = "confirmations.toml"
_HEAD = "# Provisional rules that were confirmed, and by what.\n"


def apply(rulebook: Rulebook, path: Path | None) -> Rulebook:
    """Return the rulebook with every confirmation of a file carried out.

    What needs none any more changes nothing: a newer pack may bring the class confirmed, or
    not know it at all. ``without_effect`` names those.

    Raises:
        Invalid: ``policy_invalid``, the file says something impossible.
    """
    for entry in _written(path):
        rulebook, _left = _carry_out(rulebook, entry)
    return rulebook


def without_effect(rulebook: Rulebook, path: Path | None) -> list[str]:
    """Return the classes that a file confirms and the packs do not know, as ``programme category``."""
    found = []
    for entry in _written(path):
        rulebook, left = _carry_out(rulebook, entry)
        found += [f"{entry.values['programme']} {category}" for category in sorted(left)]
    return found


def _written(path: Path | None) -> Iterator[Table]:
    if path is None or not path.exists():
        return iter(())
    text = path.read_text("utf-8")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(
            "policy_invalid", file=path.name, line=1, where="", found=str(error), allowed="a TOML file"
        ) from None
    return Table(values, path.name, "", text).tables("confirmation")


def confirm(
    path: Path, rulebook: Rulebook, *, programme: str, categories: Sequence[str], source: Source, on: date
) -> Rulebook:
    """Append a confirmation to a file and return the rulebook it makes.

    Raises:
        Invalid: the source is incomplete, or there is no such rule.
        Conflict: ``already_confirmed``.
    """
    lines = [
        "[[confirmation]]",
        f"programme = {_quoted(programme)}",
        f"categories = [{', '.join(_quoted(one) for one in categories)}]",
        f"document = {_quoted(source.document)}",
        f"clause = {_quoted(source.clause)}",
        f"confidence = {_quoted(source.confidence)}",
        *([f"url = {_quoted(source.url)}"] if source.url else []),
        f"confirmed_on = {on.isoformat()}",
    ]
    entry = tomllib.loads("\n".join(lines))["confirmation"][0]
    asked = Table(entry, "policy confirm", "confirmation", "\n".join(lines))
    _must_be_possible(rulebook, asked)
    confirmed, _left = _carry_out(rulebook, asked)
    before = path.read_text("utf-8") if path.exists() else _HEAD
    beside = path.with_suffix(".new")
    beside.write_text(before + "\n" + "\n".join(lines) + "\n", "utf-8")
    beside.replace(path)
    return confirmed


def _must_be_possible(rulebook: Rulebook, asked: Table) -> None:
    programme = asked.one_of("programme", [one.id for one in rulebook.programmes])
    wanted = frozenset(asked.texts("categories"))
    rules = [one for one in rulebook.rules if one.programme.id == programme and one.categories & wanted]
    known = frozenset[str]().union(*(one.categories for one in rules))
    if missing := wanted - known:
        raise asked.wrong("categories", min(missing), f"provisional classes of {programme}")
    for rule in rules:
        chosen = sorted(rule.categories & wanted)
        if rule.status == "confirmed":
            raise Conflict("already_confirmed", programme=programme, categories=", ".join(chosen))
        if not rule.grants and not rule.batches:
            raise asked.wrong("categories", chosen[0], "a rule whose figures are known")


def _carry_out(rulebook: Rulebook, entry: Table) -> tuple[Rulebook, frozenset[str]]:
    """Return the rulebook with one confirmation, and the classes that no rule is there for."""
    entry.only(("programme", "categories", "document", "clause", "confidence", "url", "confirmed_on"))
    programme = entry.text_of("programme")
    categories = frozenset(entry.texts("categories"))
    entry.required("confirmed_on", date, "a day")
    source = Source(
        document=entry.text_of("document"),
        clause=entry.text_of("clause"),
        confidence=entry.one_of("confidence", ("A", "A-", "B", "S")),
        url=str(entry.optional("url", str, "an address", "")),
    )
    rules: list[Rule] = []
    left = categories
    for rule in rulebook.rules:
        chosen = rule.categories & categories if rule.programme.id == programme else frozenset()
        left -= chosen
        has_figures = bool(rule.grants or rule.batches)
        if not chosen or rule.status == "confirmed" or not has_figures:
            rules.append(rule)
            continue
        rules.append(replace(rule, categories=chosen, status="confirmed", source=source))
        if rest := rule.categories - chosen:
            rules.append(replace(rule, categories=rest))
    return replace(rulebook, rules=tuple(rules)), left


def _quoted(text: str) -> Any:
    return json.dumps(text, ensure_ascii=False)
