"""``hub forks`` and ``hub parked``: what people of the city have to look at."""

from pathlib import Path

import click

from pos_subsidy.cli import print_json
from pos_subsidy.cli.hub import city_of, data_option, database_option, hub
from pos_subsidy.clock import system_clock
from pos_subsidy.hub import troubles

_outlet = click.option("--outlet", help="One shop only.")
_json = click.option("--json", "as_json", is_flag=True)


@hub.command()
@data_option
@database_option
@_outlet
@_json
def forks(folder: Path, database: str | None, outlet: str | None, as_json: bool) -> None:
    """Show journals that forked, both sides of each."""
    found = troubles.forks(city_of(folder, database), outlet=outlet)
    if as_json:
        print_json({"forks": found})
        return
    for one in found:
        click.echo(f"{one['outlet']}  第 {one['seq']} 条 / row {one['seq']}, {one['seen_at']}")
        for name, side, signed in zip(
            ("先收到 / first", "后出示 / later"), (one["stored"], one["shown"]), one["signed"], strict=True
        ):
            mark = "签名有效 / signed" if signed else "签名无效 / not signed"
            told = f"{side['at']} {side['kind']} {side['hash'][:16]} {mark}" if side else "–"
            click.echo(f"  {name}: {told}")
        click.echo(f"  不同 / differs: {', '.join(one['differs']) or '–'}")


@hub.group()
def parked() -> None:
    """Rows that are stored but could not be carried out."""


@parked.command("list")
@data_option
@database_option
@_outlet
@_json
def listing(folder: Path, database: str | None, outlet: str | None, as_json: bool) -> None:
    """Show every row that was put aside, and why."""
    found = troubles.parked(city_of(folder, database), outlet=outlet)
    if as_json:
        print_json({"parked": found})
        return
    for one in found:
        click.echo(f"{one['outlet']}  {one['seq']}  {one['kind']}: {one['why']}")


@parked.command()
@data_option
@database_option
@click.argument("outlet")
@click.argument("seq", type=int)
def retry(folder: Path, database: str | None, outlet: str, seq: int) -> None:
    """Carry a row out after what stood in its way was mended."""
    troubles.try_again(city_of(folder, database), outlet, seq, now=system_clock())
    click.echo(f"{outlet} {seq} 已处理 / carried out")
