"""``policy``: look at the rules."""

import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from pos_subsidy.cli import complain, print_json
from pos_subsidy.cli.assess import today
from pos_subsidy.domain.money import yuan
from pos_subsidy.domain.rules import Grant, Requirement, Rule, Rulebook
from pos_subsidy.errors import Conflict
from pos_subsidy.policy import load_rulebook
from pos_subsidy.policy.comparing import edits_in_force
from pos_subsidy.policy.confirming import FILE
from pos_subsidy.rulebooks import rulebook

_folder = click.Path(path_type=Path, exists=True, file_okay=False)


@click.group()
def policy() -> None:
    """The rules: dated, cited, read from packs."""


@policy.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True),
    help="The folder in use: refuse edits of rules in force.",
)
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="In force on this day; default today.")
def check(folder: Path, against: Path | None, on: datetime | None) -> None:
    """Read a folder of packs, or one pack among those that ship, strictly; say what is wrong, and where."""
    found = load_rulebook(folder)
    edits = edits_in_force(load_rulebook(against), found, on=on.date() if on else today()) if against else []
    for one in edits:
        days = f"{one.first_day} – {one.last_day}"
        click.echo(f"{one.category:26} {days}  {one.what}: {one.old} → {one.new}", err=True)
    if edits:
        complain(Conflict("rule_in_force_edited", count=len(edits)))
        sys.exit(1)
    click.echo(f"{len(found.programmes)} programmes, {len(found.rules)} rules: good")


@policy.command()
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Business date; default today.")
@click.option("--data", type=_folder, help="The shop or hub whose confirmed rules count.")
@click.option("--json", "as_json", is_flag=True)
def show(on: datetime | None, data: Path | None, as_json: bool) -> None:
    """Show the rules in force on a day, with source and confidence."""
    day = on.date() if on else today()
    rules = rulebook(data / FILE if data else None)
    found = [_rule(rule, rules) for rule in rules.rules_in_force(day)]
    if as_json:
        print_json({"on": day.isoformat(), "rules": found})
        return
    _print(day, found)


def _rule(rule: Rule, rules: Rulebook) -> dict[str, Any]:
    return {
        "programme": rule.programme.id,
        "policy_version": rule.policy_version,
        "name_zh": rule.programme.name_zh,
        "name_en": rule.programme.name_en,
        "first_day": rule.first_day.isoformat(),
        "last_day": rule.last_day.isoformat(),
        "status": rule.status,
        "categories": [
            {"code": one.code, "name_zh": one.name_zh, "name_en": one.name_en}
            for one in rules.categories_named(rule.categories)
        ],
        "grants": [_grant(grant) for grant in rule.grants],
        "requirements": [_requirement(one) for one in rule.requirements],
        "units_max": rule.units_max,
        "price_ceiling_fen": rule.price_ceiling_fen,
        "person_cap_fen": rule.person_cap_fen,
        "voucher_minutes": rule.terms.voucher_minutes,
        "hold_minutes": rule.terms.hold_minutes,
        "right_after_full_reversal": rule.terms.right_after_full_reversal,
        "source": rule.source.cited,
        "confidence": rule.source.confidence,
    }


def _grant(grant: Grant) -> dict[str, Any]:
    return {
        "when": dict(grant.when),
        "rates": {str(rating): str(rate) for rating, rate in sorted(grant.rates.items())},
        "rate_unrated": _text(grant.rate_unrated),
        "rate_otherwise": _text(grant.rate_otherwise),
        "rate": _text(grant.rate),
        "bands": [
            {"from_fen": band.from_fen, "below_fen": band.below_fen, "amount_fen": band.amount_fen}
            for band in grant.bands
        ],
        "cap_fen": grant.cap_fen,
    }


def _requirement(one: Requirement) -> dict[str, Any]:
    return {
        "attribute": one.attribute,
        one.kind: one.limit if isinstance(one.limit, bool | tuple) else str(one.limit),
        "when": dict(one.when),
        "decides": one.decides,
        "refusal": one.refusal,
        "source": one.source.cited,
    }


def _print(day: date, found: list[dict[str, Any]]) -> None:
    click.echo(f"{day}: {len(found)} 条规则 / rules in force")
    for rule in found:
        names = "、".join(one["name_zh"] for one in rule["categories"])
        click.echo(f"\n{rule['name_zh']} / {rule['name_en']}  ({rule['policy_version']}, {rule['status']})")
        click.echo(f"  {names}; 每人 {rule['units_max'] or '不限'} 件")
        for grant in rule["grants"]:
            click.echo(f"  {_in_words(grant)}")
        if rule["price_ceiling_fen"]:
            click.echo(f"  成交价不高于 {yuan(rule['price_ceiling_fen'])} 元")
        if rule["person_cap_fen"]:
            click.echo(f"  每人累计不超过 {yuan(rule['person_cap_fen'])} 元")
        click.echo(f"  {rule['source']}  [{rule['confidence']}]")


def _in_words(grant: dict[str, Any]) -> str:
    when = "、".join(grant["when"].values())
    parts = [f"{rating}级 {_percent(rate)}" for rating, rate in grant["rates"].items()]
    parts += [f"无等级 {_percent(grant['rate_unrated'])}"] if grant["rate_unrated"] else []
    parts += [f"其他 {_percent(grant['rate_otherwise'])}"] if grant["rate_otherwise"] else []
    parts += [_percent(grant["rate"])] if grant["rate"] else []
    parts += [f"{yuan(band['from_fen'])} 元起 {yuan(band['amount_fen'])} 元" for band in grant["bands"]]
    cap = f"; 上限 {yuan(grant['cap_fen'])} 元" if grant["cap_fen"] else ""
    return f"{when}: {', '.join(parts)}{cap}" if when else ", ".join(parts) + cap


def _percent(rate: str) -> str:
    return f"{float(rate) * 100:g}%"


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)
