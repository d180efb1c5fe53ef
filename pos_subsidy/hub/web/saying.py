"""What the pages of the office's work can say: parts of evidence, parts of rules and their values."""

from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Flask

from pos_subsidy.hub.web.language import said, t
from pos_subsidy.hub.web.rendering import money, region_name


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        account=account_name,
        by_fours=by_fours,
        part=part_name,
        part_field=field_name,
        part_value=value,
        rule_part=rule_part,
        rule_value=rule_value,
    )


def by_fours(number: str) -> str:
    """Write an account's number as banks print it, so that two can be compared."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def part_name(part: str) -> str:
    """Return what a part of the evidence is called in the reader's language."""
    key = f"part.{part}"
    return t(key) if said(key) else part


def field_name(name: str) -> str:
    """Return what a field of a part is called in the reader's language."""
    key = f"part_field.{name}"
    return t(key) if said(key) else name


def value(told: Any, name: str) -> str:
    """Write what a part says of one thing."""
    if isinstance(told, bool):
        key = f"yes_no.{'true' if told else 'false'}"
        return t(key)
    if name.endswith("_fen") and isinstance(told, int):
        return money(told)
    if isinstance(told, list):
        return "、".join(_word(one) for one in told)[:400]
    return region_name(str(told)) if name == "region" else str(told)[:400]


def _word(told: Any) -> str:
    key = f"defect.{told}"
    return t(key) if said(key) else str(told)


def account_name(account: str) -> str:
    """Return what an account of the ledger is called, by what stands before its colon."""
    kind, _, whose = account.partition(":")
    key = f"account.{kind}"
    return t(key, name=whose) if said(key) else account


def rule_part(what: str) -> str:
    """Name what of a rule changes, e.g. ``rate 1`` or ``cap_fen``, in the reader's language."""
    spoken = []
    before = ""
    for word in what.split():
        key = f"rule.{word}"
        amount = before == "from" and word.isdigit()
        spoken.append(money(int(word)) if amount else t(key) if said(key) else word)
        before = word
    return " ".join(spoken)


def rule_value(written: str, what: str) -> str:
    """Write a value of a rule: amounts in yuan, rates in percent, a dash for none."""
    if written in ("None", "—", ""):
        return "—"
    if (what.endswith("_fen") or " from " in f" {what}") and written.isdigit():
        return money(int(written))
    if "rate" in what.split() or what.startswith("rate"):
        try:
            return f"{(Decimal(written) * 100).normalize():f}%"
        except InvalidOperation:
            return written
    return written
