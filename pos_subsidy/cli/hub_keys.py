"""``hub keys`` and ``hub till``: every key with its days; a lost till is cut off."""

from datetime import datetime
from pathlib import Path

import click

from pos_subsidy.cli import print_json
from pos_subsidy.cli.hub import by_option, city_of, data_option, database_option, hub
from pos_subsidy.cli.running import aware_moment
from pos_subsidy.clock import system_clock
from pos_subsidy.hub import enrolment
from pos_subsidy.hub import keys as keeping

_why = click.option("--reason", required=True, help="Why; it is kept.")
_since = click.option("--since", type=aware_moment, help="When it was lost; now, if not given.")
_json = click.option("--json", "as_json", is_flag=True)
_STATES = {
    "valid": "有效 / valid",
    "revoked": "已停用 / cut off",
    "expired": "已过期 / expired",
    "not_yet_valid": "未生效 / not valid yet",
}


@hub.group()
def keys() -> None:
    """The shops' keys."""


@keys.command("list")
@data_option
@database_option
@click.option("--outlet", help="One shop's keys only.")
@_json
def listing(folder: Path, database: str | None, outlet: str | None, as_json: bool) -> None:
    """Show every key: id, shop, its days, what it is worth now and what became of it."""
    found = keeping.listing(city_of(folder, database), outlet=outlet, now=system_clock())
    if as_json:
        print_json({"keys": found})
        return
    for one in found:
        ends = one["revoked_at"] or one["not_after"] or "–"
        click.echo(f"{one['outlet']}  {one['kid']}  {one['not_before']} .. {ends}  {_STATES[one['state']]}")


@keys.command()
@data_option
@database_option
@click.argument("outlet")
@click.argument("kid")
@_since
@_why
@by_option
@_json
def revoke(
    folder: Path,
    database: str | None,
    outlet: str,
    kid: str,
    since: datetime | None,
    reason: str,
    by: str,
    as_json: bool,
) -> None:
    """Stop one key of a shop; its others go on."""
    _stop(folder, database, outlet, kid, since, reason, by, as_json)


@hub.command()
@data_option
@database_option
@click.argument("code")
@by_option
def revoke_code(folder: Path, database: str | None, code: str, by: str) -> None:
    """Make a one-time code worthless that no shop has used yet."""
    enrolment.revoke_code(city_of(folder, database), code, by=by)
    click.echo("登记码已作废 / the code is worth nothing now")


@hub.group()
def till() -> None:
    """The shops' till services."""


@till.command("cut-off")
@data_option
@database_option
@click.argument("outlet")
@_since
@_why
@by_option
@_json
def cut_off(
    folder: Path,
    database: str | None,
    outlet: str,
    since: datetime | None,
    reason: str,
    by: str,
    as_json: bool,
) -> None:
    """Stop a lost till at once: every key of the shop, for calls and for batches still to come.

    What it signed before stays valid. What it signs afterwards is stored and rejected. A till that
    takes over joins with `hub code` and fresh keys (`pos-subsidy keys rotate --without-hub`).
    """
    _stop(folder, database, outlet, None, since, reason, by, as_json)


def _stop(
    folder: Path,
    database: str | None,
    outlet: str,
    kid: str | None,
    since: datetime | None,
    reason: str,
    by: str,
    as_json: bool,
) -> None:
    now = system_clock()
    city = city_of(folder, database)
    done = keeping.cut_off(city, outlet, kid=kid, since=since or now, by=by, why=reason, now=now)
    if as_json:
        print_json({"kids": done.kids, "since": done.since, "to_look_at": done.to_look_at})
        return
    click.echo(f"{outlet}: {', '.join(done.kids)} 自 / since {done.since} 停用 / cut off")
    if done.to_look_at:
        click.echo("已收到，请核实 / taken in already; look at them:")
    for one in done.to_look_at:
        click.echo(f"  {one['redemption_id']}  {one['at']}  {one['verdict']}")
