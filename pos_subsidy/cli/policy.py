"""``policy``: look at the rules."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from pos_subsidy.cli import print_json
from pos_subsidy.cli.assess import _today as today
from pos_subsidy.domain.money import yuan
from pos_subsidy.domain.rules import Rule, Rulebook
from pos_subsidy.policy import load_rulebook
from pos_subsidy.wiring import rulebook


@click.group()
def policy() -> None:
    """The rules: dated, cited, read from packs."""


@policy.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def check(folder: Path) -> None:
    """Read a folder of packs strictly; say what is wrong, and where."""
    found = load_rulebook(folder)
    click.echo(f"{len(found.programmes)} programmes, {len(found.rules)} rules: good")


@policy.command()
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Business date; default today.")
@click.option("--json", "as_json", is_flag=True)
def show(on: datetime | None, as_json: bool) -> None:
    """Show the rules in force on a day, with source and confidence."""
    day = on.date() if on else today()
    rules = rulebook()
    found = [_rule(rule, rules) for rule in rules.rules_in_force(day)]
    if as_json:
        print_json({"on": day.isoformat(), "rules": found})
        return
    _print(day, found)


def _rule(rule: Rule, rules: Rulebook) -> dict[str, Any]:
    return {
        "programme": rule.programme.id,
        "policy_version": rule.programme.policy_version,
        "name_zh": rule.programme.name_zh,
        "name_en": rule.programme.name_en,
        "first_day": rule.programme.first_day.isoformat(),
        "last_day": rule.programme.last_day.isoformat(),
        "status": rule.status,
        "categories": [
            {"code": one.code, "name_zh": one.name_zh, "name_en": one.name_en}
            for one in rules.categories_named(rule.categories)
        ],
        "rates": {str(rating): str(rate) for rating, rate in sorted(rule.rates.items())},
        "rate_unrated": str(rule.rate_unrated) if rule.rate_unrated is not None else None,
        "rate": str(rule.rate) if rule.rate is not None else None,
        "cap_fen": rule.cap_fen,
        "units_max": rule.units_max,
        "price_ceiling_fen": rule.price_ceiling_fen,
        "voucher_minutes": rule.terms.voucher_minutes,
        "hold_minutes": rule.terms.hold_minutes,
        "right_after_full_reversal": rule.terms.right_after_full_reversal,
        "source": rule.source.cited,
        "confidence": rule.source.confidence,
    }


def _print(day: date, found: list[dict[str, Any]]) -> None:
    click.echo(f"{day}: {len(found)} 条规则 / rules in force")
    for rule in found:
        names = "、".join(one["name_zh"] for one in rule["categories"])
        rates = [f"{rating}级 {_percent(rate)}" for rating, rate in rule["rates"].items()]
        rates += [f"无等级 {_percent(rule['rate_unrated'])}"] if rule["rate_unrated"] else []
        rates += [_percent(rule["rate"])] if rule["rate"] else []
        click.echo(f"\n{rule['name_zh']} / {rule['name_en']}  ({rule['policy_version']}, {rule['status']})")
        click.echo(f"  {names}")
        click.echo(
            f"  {', '.join(rates)}; 上限 {yuan(rule['cap_fen'])} 元; 每人 {rule['units_max'] or '不限'} 件"
        )
        if rule["price_ceiling_fen"]:
            click.echo(f"  成交价不高于 {yuan(rule['price_ceiling_fen'])} 元")
        click.echo(f"  {rule['source']}  [{rule['confidence']}]")


def _percent(rate: str) -> str:
    return f"{float(rate) * 100:g}%"
