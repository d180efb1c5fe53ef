"""``assess``: what would an item get? Needs no database."""

import re
import sys
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from pos_subsidy.cli import complain, print_json
from pos_subsidy.clock import system_clock
from pos_subsidy.domain import explanation, ratings, subsidy
from pos_subsidy.domain.attributes import read_attributes
from pos_subsidy.domain.happened import impossible_days
from pos_subsidy.domain.money import fen, yuan
from pos_subsidy.domain.subsidy import Item
from pos_subsidy.errors import Invalid
from pos_subsidy.policy.confirming import FILE as CONFIRMATIONS
from pos_subsidy.rulebooks import rulebook

_PRICE = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,8})?")


@click.command()
@click.option("--category", required=True)
@click.option("--price", required=True, help="Final price in yuan.")
@click.option("--energy-rating", help="1 (best) to 5; 一级 or 1级 is understood.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Business date; default today.")
@click.option("--units-used", type=click.IntRange(min=0), help="Units the person has used of this class.")
@click.option(
    "--granted-fen", type=click.IntRange(min=0), default=0, help="What the person was granted so far, in fen."
)
@click.option("--used-as", help="The scheme she had it under, where only one of several is granted.")
@click.option("--coupons-used", type=int, help="Coupons of the batch that are gone.")
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The shop whose confirmed rules count; without it, the packs alone.",
)
@click.option("--attr", "attributes", multiple=True, metavar="NAME=VALUE")
@click.option("--json", "as_json", is_flag=True)
def assess(
    category: str,
    price: str,
    energy_rating: str | None,
    on: datetime | None,
    units_used: int | None,
    granted_fen: int,
    used_as: str | None,
    coupons_used: int | None,
    data: Path | None,
    attributes: tuple[str, ...],
    as_json: bool,
) -> None:
    """Say what an item would get, with every step, or every reason against."""
    try:
        given = read_attributes(_pairs(attributes))
        sold_on = on.date() if on else today()
        outcome = subsidy.assess(
            Item(category, _fen(price), _rating(energy_rating), given),
            on=sold_on,
            rulebook=rulebook(data / CONFIRMATIONS if data else None),
            units_used=units_used,
            granted_fen=granted_fen,
            used_as=used_as,
            coupons_used=coupons_used,
            findings=impossible_days(given, sold_on=sold_on, today=max(today(), sold_on)),
        )
    except Invalid as error:
        complain(error)
        sys.exit(2)
    found = explanation.assessment_json(outcome)
    if as_json:
        print_json(found)
    else:
        _show(found)


def _pairs(written: tuple[str, ...]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for one in written:
        name, sign, value = one.partition("=")
        if not sign or name in pairs:
            raise Invalid("attribute_invalid", attribute=name[:40], allowed="NAME=VALUE")
        pairs[name] = value
    return pairs


def _rating(written: str | None) -> int | None:
    return None if written is None else ratings.read(written)


def _fen(price: str) -> int:
    try:
        # Decimal alone would take 1_000 and 1e3 as well.
        return fen(Decimal(price if _PRICE.fullmatch(price) else "NaN"))
    except (InvalidOperation, ValueError):
        raise Invalid("price_invalid") from None


def today() -> date:
    return system_clock().astimezone(ZoneInfo("Asia/Shanghai")).date()


def _show(found: dict[str, Any]) -> None:
    for step in found["steps"]:
        click.echo(f"  {step['text_zh']}\n    {step['text_en']}  [{step['clause']}]")
    for reason in found["refusals"] + found["warnings"]:
        click.echo(f"  {reason['code']}: {reason['message_zh']} {reason['next_step_zh']}")
        click.echo(f"    {reason['message_en']} {reason['next_step_en']}  [{reason['clause']}]")
    click.echo(f"{yuan(found['subsidy_fen'])} 元 / yuan" if found["eligible"] else "不补贴 / not eligible")
