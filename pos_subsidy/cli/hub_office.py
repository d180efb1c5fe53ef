"""``hub staff``: who may sign in to the city's pages."""

from pathlib import Path

import click

from pos_subsidy.cli import print_json
from pos_subsidy.cli.hub import city_of, data_option, database_option
from pos_subsidy.cli.hub_prepay import hub
from pos_subsidy.clock import system_clock
from pos_subsidy.hub import staff as people
from pos_subsidy.hub.office_log import CONSOLE

_password = click.option(
    "--password",
    prompt="密码 / password",
    hide_input=True,
    confirmation_prompt=True,
    envvar="POS_HUB_STAFF_PASSWORD",
    help="Asked for where it is not given; at least 10 characters.",
)


@hub.group()
def staff() -> None:
    """Accounts of the city's office."""


@staff.command()
@data_option
@database_option
@click.argument("username")
@click.option("--role", required=True, type=click.Choice(people.ROLES))
@click.option("--name", "display_name", required=True, help="As colleagues know her.")
@_password
def add(
    folder: Path, database: str | None, username: str, role: str, display_name: str, password: str
) -> None:
    """Make an account."""
    people.add(
        city_of(folder, database),
        username=username,
        display_name=display_name,
        role=role,
        password=password,
        by=CONSOLE,
        now=system_clock(),
    )
    click.echo(f"{username}: {role}")


@staff.command("list")
@data_option
@database_option
def listing(folder: Path, database: str | None) -> None:
    """Show the accounts as JSON."""
    found = people.listing(city_of(folder, database))
    shown = ("username", "display_name", "role", "active", "added_at")
    print_json([{name: getattr(one, name) for name in shown} for one in found])


@staff.command()
@data_option
@database_option
@click.argument("username")
@click.option("--role", type=click.Choice(people.ROLES), help="Another role.")
@click.option("--on/--off", "active", default=None, help="Let it sign in, or no longer.")
def change(folder: Path, database: str | None, username: str, role: str | None, active: bool | None) -> None:
    """Change an account's role, or switch it on or off; its sessions end."""
    if role is None and active is None:
        raise click.UsageError("give --role, --on or --off")
    city = city_of(folder, database)
    people.change(city, username, role=role, active=active, by=CONSOLE, now=system_clock())
    click.echo(f"{username}: changed")


@staff.command()
@data_option
@database_option
@click.argument("username")
@_password
def password(folder: Path, database: str | None, username: str, password: str) -> None:
    """Give an account another password; its sessions end, and it is no longer locked."""
    city = city_of(folder, database)
    people.change(city, username, password=password, by=CONSOLE, now=system_clock())
    click.echo(f"{username}: new password")
