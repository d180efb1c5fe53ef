"""Confirmations: an operator turns a provisional rule on, with a source.

A pack in force is never edited. What was confirmed stands in a file beside it, appended to
and dated; the loader puts the two together.
"""

import json
import tomllib
from collections.abc import Sequence
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

    Raises:
        Invalid: ``policy_invalid``, the file says something impossible.
    """
    if path is None or not path.exists():
        return rulebook
    text = path.read_text("utf-8")
    try:
        written = tomllib.loads(text).get("confirmation", [])
    except tomllib.TOMLDecodeError as error:
        raise Invalid(
            "policy_invalid", file=path.name, line=1, where="", found=str(error), allowed="a TOML file"
        ) from None
    for position, values in enumerate(written, start=1):
        entry = Table(values, path.name, f"confirmation {position}", text)
        rulebook = _carry_out(rulebook, entry)
    return rulebook


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
    confirmed = _carry_out(rulebook, Table(entry, path.name, "confirmation", "\n".join(lines)))
    before = path.read_text("utf-8") if path.exists() else _HEAD
    beside = path.with_suffix(".new")
    beside.write_text(before + "\n" + "\n".join(lines) + "\n", "utf-8")
    beside.replace(path)
    return confirmed


def _carry_out(rulebook: Rulebook, entry: Table) -> Rulebook:
    entry.only(("programme", "categories", "document", "clause", "confidence", "url", "confirmed_on"))
    programme = entry.one_of("programme", [one.id for one in rulebook.programmes])
    categories = frozenset(entry.texts("categories"))
    entry.required("confirmed_on", date, "a day")
    source = Source(
        document=entry.text_of("document"),
        clause=entry.text_of("clause"),
        confidence=entry.one_of("confidence", ("A", "A-", "B", "S")),
        url=str(entry.optional("url", str, "an address", "")),
    )
    rules: list[Rule] = []
    found: frozenset[str] = frozenset()
    for rule in rulebook.rules:
        chosen = rule.categories & categories if rule.programme.id == programme else frozenset()
        if not chosen:
            rules.append(rule)
            continue
        if rule.status == "confirmed":
            raise Conflict("already_confirmed", programme=programme, categories=", ".join(sorted(chosen)))
        if not rule.grants:
            raise entry.wrong("categories", sorted(chosen)[0], "a rule whose figures are known")
        found |= chosen
        rules.append(replace(rule, categories=chosen, status="confirmed", source=source))
        if rest := rule.categories - chosen:
            rules.append(replace(rule, categories=rest))
    if missing := categories - found:
        raise entry.wrong("categories", sorted(missing)[0], f"provisional classes of {programme}")
    return replace(rulebook, rules=tuple(rules))


def _quoted(text: str) -> Any:
    return json.dumps(text, ensure_ascii=False)
