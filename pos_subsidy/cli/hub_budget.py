"""``hub pool``: the city's budget, opened, filled and moved by decisions that are kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from pos_subsidy.cli import print_json
from pos_subsidy.cli.hub import city_of, data_option, database_option, hub
from pos_subsidy.clock import system_clock
from pos_subsidy.domain.money import yuan
from pos_subsidy.hub import pools as budgets
from pos_subsidy.hub.deciding import Because, amount_fen

_json = click.option("--json", "as_json", is_flag=True)
_amount = click.option("--yuan", "amount", required=True, metavar="AMOUNT", help="In yuan.")


def because_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--by``, ``--why`` and ``--clause``: what every decision says of itself."""
    for option in (
        click.option("--clause", required=True, help="The paper or clause it rests on; it is kept."),
        click.option("--why", required=True, help="Why; it is kept."),
        click.option("--by", required=True, metavar="NAME", help="Who decides; it is kept."),
    ):
        command = option(command)
    return command


@hub.group()
def pool() -> None:
    """Pools of the budget, by programme, region and period."""


@pool.command("open")
@data_option
@database_option
@click.option("--programme", required=True, metavar="ID")
@click.option("--region", required=True, metavar="CODE", help="E.g. 330402; 330400 is the whole city.")
@click.option("--period", required=True, help="all, 2026, 2026-11 or 2026-W47.")
@_amount
@click.option("--warn-at", type=int, metavar="PERCENT", help="Tell the shops once so much is gone.")
@because_options
@_json
def open_pool(
    folder: Path,
    database: str | None,
    programme: str,
    region: str,
    period: str,
    amount: str,
    warn_at: int | None,
    by: str,
    why: str,
    clause: str,
    as_json: bool,
) -> None:
    """Open a pool with its first money. It meters sales from now on."""
    done = budgets.open_pool(
        city_of(folder, database),
        programme=programme,
        region=region,
        period=period,
        fen=amount_fen(amount),
        warn_percent=warn_at,
        because=Because(by, why, clause),
        now=system_clock(),
    )
    _print(done, as_json)


@pool.command()
@data_option
@database_option
@click.argument("pool_id")
@_amount
@because_options
@_json
def grant(
    folder: Path,
    database: str | None,
    pool_id: str,
    amount: str,
    by: str,
    why: str,
    clause: str,
    as_json: bool,
) -> None:
    """Put more money into a pool."""
    city = city_of(folder, database)
    because = Because(by, why, clause)
    _print(budgets.grant(city, pool_id, fen=amount_fen(amount), because=because, now=system_clock()), as_json)


@pool.command()
@data_option
@database_option
@click.argument("source")
@click.argument("target")
@_amount
@because_options
@_json
def move(
    folder: Path,
    database: str | None,
    source: str,
    target: str,
    amount: str,
    by: str,
    why: str,
    clause: str,
    as_json: bool,
) -> None:
    """Move what is left of one pool into another."""
    done = budgets.move(
        city_of(folder, database),
        source,
        target,
        fen=amount_fen(amount),
        because=Because(by, why, clause),
        now=system_clock(),
    )
    if as_json:
        print_json(done)
        return
    for one in done.values():
        click.echo(_line(one))


@pool.command()
@data_option
@database_option
@click.argument("pool_id")
@click.option("--at", "percent", type=int, metavar="PERCENT", help="Left out: not before it is spent.")
@because_options
@_json
def warn(
    folder: Path,
    database: str | None,
    pool_id: str,
    percent: int | None,
    by: str,
    why: str,
    clause: str,
    as_json: bool,
) -> None:
    """Decide from which share gone the shops are told."""
    city = city_of(folder, database)
    because = Because(by, why, clause)
    _print(budgets.warn(city, pool_id, percent=percent, because=because, now=system_clock()), as_json)


@pool.command("list")
@data_option
@database_option
@click.option("--programme", metavar="ID")
@_json
def listing(folder: Path, database: str | None, programme: str | None, as_json: bool) -> None:
    """Show every pool: what was put in, what is left, held and used."""
    found = budgets.listing(city_of(folder, database), programme=programme)
    if as_json:
        print_json({"pools": found})
        return
    for one in found:
        click.echo(_line(one))


@pool.command()
@data_option
@database_option
@click.argument("pool_id")
@_json
def show(folder: Path, database: str | None, pool_id: str, as_json: bool) -> None:
    """Show a pool and every decision that filled or moved it."""
    _print(budgets.show(city_of(folder, database), pool_id), as_json)


def _print(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    click.echo(_line(found))
    for one in found["decisions"]:
        ends = f"{one['from_pool']} -> {one['to_pool']}" if one["from_pool"] else one["to_pool"]
        said = f"{one['by']}: {one['why']} ({one['clause']})"
        click.echo(f"  {one['decision_no']}  {one['at']}  {one['what']}  {_told(one)}  {ends}  {said}")


def _told(one: dict[str, Any]) -> str:
    if one["what"] != "warned":
        return yuan(one["fen"])
    return "—" if one["warn_percent"] is None else f"{one['warn_percent']} %"


def _line(one: dict[str, Any]) -> str:
    put_in = one["granted_fen"] + one["moved_in_fen"] - one["moved_out_fen"]
    parts = " + ".join(
        f"{name} {yuan(one[key])}"
        for name, key in (
            ("剩余 / left", "left_fen"),
            ("锁定 / held", "held_fen"),
            ("已用 / used", "used_fen"),
        )
    )
    return f"{one['pool_id']}  {yuan(put_in)} = {parts}"
