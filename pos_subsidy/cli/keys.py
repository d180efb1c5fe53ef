"""``keys``: the shop's signing keys and the one that follows."""

import click

from pos_subsidy.city.client import HubClient
from pos_subsidy.city.line import Line
from pos_subsidy.cli import data_option, print_json
from pos_subsidy.clock import system_clock
from pos_subsidy.config import Folder
from pos_subsidy.domain import words
from pos_subsidy.errors import SubsidyError
from pos_subsidy.services import key_feed
from pos_subsidy.wiring import open_till_database, rulebook_of

_json = click.option("--json", "as_json", is_flag=True)


@click.group()
def keys() -> None:
    """The keys this shop signs with."""


@keys.command("list")
@data_option
@_json
def listing(folder: Folder, as_json: bool) -> None:
    """Show every key with its days; asks the city where there is one and it answers."""
    db, client = open_till_database(folder), client_of(folder)
    if client is not None:
        try:
            key_feed.fetch(db, Line(client, clock=system_clock), now=system_clock())
        except SubsidyError as error:
            click.echo(f"{error.code}: 以下是上次所知 / what was known before follows", err=True)
    shop = folder.shop(rulebook_of(folder), city=None)
    found = key_feed.overview(db, shop, now=system_clock())
    if as_json:
        print_json(found)
        return
    for one in found["keys"]:
        mark = "*" if one["signs"] else " "
        ends = one["revoked_at"] or one["not_after"] or "–"
        gone = "  已停用 / revoked" if one["revoked_at"] or one["revoked"] else ""
        click.echo(f"{mark} {one['kid']}  {one['not_before'] or '–'} .. {ends}{gone}")
    if found["warning"]:
        spoken = words.say(f"warn_{found['warning']}", {})
        click.echo(f"{spoken.detail_zh} {spoken.next_step_zh}", err=True)
        click.echo(f"{spoken.detail_en} {spoken.next_step_en}", err=True)


@keys.command()
@click.option("--overlap-days", default=30, show_default=True, type=click.IntRange(0, 180))
@click.option("--without-hub", is_flag=True, help="Tell nobody: for a PC that joins anew with a code.")
@data_option
@_json
def rotate(overlap_days: int, without_hub: bool, folder: Folder, as_json: bool) -> None:
    """Make a new key, signed by the old one; both are valid for the days of the overlap.

    A lost answer does no harm: the same new key is offered again. The running service signs with the
    old key until it is restarted, which the overlap allows for.
    """
    old, new, client = folder.keys().keyring, folder.next_keyring(), client_of(folder)
    if client is not None and not without_hub:
        feed = client.follow(new, overlap_days=overlap_days)
        key_feed.learn(open_till_database(folder), feed, now=system_clock())
    folder.use_next_keyring()
    if as_json:
        print_json({"old_kid": old.kid, "kid": new.kid, "overlap_days": overlap_days})
    else:
        click.echo(f"{old.kid} -> {new.kid}")
        click.echo("请重启服务 / restart the service so that it signs with the new key")


def client_of(folder: Folder) -> HubClient | None:
    """Return the client of the hub this shop is enrolled with, or None."""
    hub = folder.hub()
    if hub is None:
        return None
    keyring = folder.keys().keyring
    return HubClient(hub, outlet=folder.settings().outlet, keyring=keyring, clock=system_clock)
