"""``hub signals``: patterns that people should look at. They are never a verdict."""

import csv
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import click

from pos_subsidy.cli import print_json
from pos_subsidy.cli.hub import city_of, data_option, database_option
from pos_subsidy.cli.hub_appeals import hub
from pos_subsidy.clock import system_clock
from pos_subsidy.domain.money import fen, yuan
from pos_subsidy.domain.signal_case import Filed
from pos_subsidy.hub import signals as looking

__all__ = ["hub", "signals"]


@hub.command()
@data_option
@database_option
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help=f"Default: {looking.DAYS} days ago.")
@click.option(
    *("--filings", "path"),
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="CSV of filed prices that the city's catalogue has not: gtin, since (YYYY-MM-DD), price (yuan).",
)
@click.option("--json", "as_json", is_flag=True)
def signals(
    folder: Path, database: str | None, since: datetime | None, path: Path | None, as_json: bool
) -> None:
    """Show patterns of fraud with the figures that make them, the strangest first. None is a verdict."""
    filings = _filings(path) if path else None
    city = city_of(folder, database)
    found = looking.look(city, now=system_clock(), since=since.date() if since else None, filings=filings)
    told = [looking.as_json(one) for one in found]
    if as_json:
        print_json({"signals": told, "note": "线索不是审核结果 / a signal is no verdict"})
        return
    for one in told:
        click.echo(
            f"{one['weight'] / 1000:.1f}×  {one['outlet'] or '—'}  {one['title_zh']} / {one['title_en']}"
        )
        click.echo(f"  {one['message_zh']} {one['next_step_zh']}")
        click.echo(f"  {one['message_en']} {one['next_step_en']}")
        sales = ", ".join(one["redemption_ids"][:5])
        click.echo(f"  {yuan(one['at_stake_fen'])} 元 / yuan; {sales}; {one['clause']}")
    click.echo(f"{len(told)} 条线索，都不是审核结果 / signals, none is a verdict")


def _filings(path: Path) -> dict[str, list[Filed]]:
    found: dict[str, list[Filed]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, line in enumerate(csv.DictReader(file), start=2):
            try:
                filed = Filed(date.fromisoformat(line["since"]), fen(Decimal(line["price"])))
                found.setdefault(line["gtin"].strip(), []).append(filed)
            except (KeyError, ValueError, TypeError, InvalidOperation):
                raise click.ClickException(
                    f"{path.name}, line {number}: gtin, since (YYYY-MM-DD) and price (yuan) are wanted"
                ) from None
    return found
