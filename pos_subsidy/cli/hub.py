"""``hub``: the city's program."""

import json
import secrets
from datetime import datetime
from pathlib import Path

import click

from pos_subsidy.cli import print_json
from pos_subsidy.cli.running import aware_moment, run
from pos_subsidy.clock import system_clock
from pos_subsidy.errors import Invalid, NotAllowed
from pos_subsidy.hub import config, enrolment, offline_limits, staff
from pos_subsidy.hub.city import City
from pos_subsidy.hub.office_log import at_console
from pos_subsidy.hub.store import claims, outlets
from pos_subsidy.hub.store import db as store
from pos_subsidy.rulebooks import packs_dir

data_option = click.option(
    "--data",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("hub-data"),
    show_default=True,
    envvar="POS_HUB_DATA",
)

database_option = click.option(
    "--database",
    metavar="URL",
    envvar="POS_HUB_DATABASE",
    help="postgresql://user:password@host/name. Without it: what init was given, else a SQLite file.",
)

by_option = click.option("--by", required=True, metavar="NAME", help="Who does this; it is kept.")

_decider_option = click.option("--by", metavar="NAME", help="Who decides it; it is kept.")
_reason_option = click.option("--why", metavar="TEXT", default="", help="Why; it is kept.")

DEMO_ACCOUNTS = "demo.json"


@click.group()
def hub() -> None:
    """The city's hub: enrols shops, answers holds, takes journals in, judges claims."""


@hub.command()
@data_option
@database_option
@click.option("--name", default="嘉兴市", show_default=True)
@click.option("--demo", is_flag=True, help="Demo shops may join without a code.")
@click.option("--review", is_flag=True, help="People look at batches before claims are accepted.")
def init(folder: Path, database: str | None, name: str, demo: bool, review: bool) -> None:
    """Make a hub's folder: keys and an empty database; with --demo, an account for every role of the
    office (demo.json)."""
    config.init(folder, name=name, demo=demo, database=database, review=review)
    if demo:
        password = secrets.token_urlsafe(9)
        staff.add_demo_accounts(city_of(folder, database), password, now=system_clock())
        told = {name: {"username": name, "password": password} for name in staff.DEMO}
        (folder / DEMO_ACCOUNTS).write_text(json.dumps(told, indent=1), "utf-8")
    click.echo(f"{name} in {folder}")


@hub.command()
@data_option
@database_option
@click.option("--json", "as_json", is_flag=True)
def upgrade(folder: Path, database: str | None, as_json: bool) -> None:
    """Bring the database to this program's schema; needed on PostgreSQL after a new release."""
    done = config.upgrade(folder, database=database)
    if as_json:
        print_json({"steps": done})
    else:
        click.echo("\n".join(done) if done else "已是最新 / nothing to do")


@hub.command()
@data_option
@database_option
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8700, show_default=True, type=int)
@click.option("--training-clock", "training", type=aware_moment, help="Start at this moment; demo only.")
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Each answers by itself; about one a core. With a training clock there is one.",
)
@click.option("--behind-proxy", is_flag=True, help="A proxy in front ends TLS and tells callers' addresses.")
def serve(
    folder: Path,
    database: str | None,
    host: str,
    port: int,
    training: datetime | None,
    processes: int,
    behind_proxy: bool,
) -> None:
    """Serve the hub: tills' calls and the office's pages. Several may share one folder's keys and one
    PostgreSQL."""
    city = city_of(folder, database)
    if training is not None and not city.demo:
        raise NotAllowed("demo_only")
    run(
        "pos_subsidy.cli.workers:hub",
        host=host,
        port=port,
        processes=1 if training else processes,
        data=str(folder),
        database=database,
        training=training.isoformat() if training else None,
        behind_proxy=behind_proxy,
    )


@hub.command()
@data_option
@database_option
def code(folder: Path, database: str | None) -> None:
    """Make a one-time code with which one shop may join."""
    click.echo(enrolment.new_code(city_of(folder, database), now=system_clock()))


@hub.command()
@data_option
@database_option
def status(folder: Path, database: str | None) -> None:
    """Show shops, rows and claims as JSON."""
    engine = city_of(folder, database).engine
    print_json(store.run(engine, lambda db: {"outlets": outlets.listing(db), "claims": claims.sums(db)}))


@hub.command()
@data_option
@database_option
@click.argument("outlet")
@_decider_option
@_reason_option
def suspend(folder: Path, database: str | None, outlet: str, by: str | None, why: str) -> None:
    """Keep a shop from granting subsidies; its running holds may still be redeemed."""
    city, told_by = city_of(folder, database), at_console(by)
    held = enrolment.set_standing(
        city, outlet, suspended=True, now=system_clock(), by=told_by, why=why.strip()
    )
    click.echo(f"{outlet} is suspended; {held} 笔锁定仍可核销 / running holds may still be redeemed")


@hub.command()
@data_option
@database_option
@click.argument("outlet")
@_decider_option
@_reason_option
def readmit(folder: Path, database: str | None, outlet: str, by: str | None, why: str) -> None:
    """Let a suspended or quarantined shop grant subsidies again."""
    city, told_by = city_of(folder, database), at_console(by)
    enrolment.set_standing(city, outlet, suspended=False, now=system_clock(), by=told_by, why=why.strip())
    click.echo(f"{outlet} is active")


@hub.command("offline-caps")
@data_option
@database_option
@click.option("--sales", type=int, help="Sales of a shop between two deliveries.")
@click.option("--yuan", metavar="AMOUNT", help="Their subsidy in all, in yuan.")
@click.option("--none", "lifted", is_flag=True, help="The city sets none.")
@click.option("--by", metavar="NAME", help="Who decides it; it is kept. Needed for a change.")
@click.option("--why", metavar="TEXT", help="Why, or by which paper; it is kept. Needed for a change.")
def offline_caps(
    folder: Path,
    database: str | None,
    sales: int | None,
    yuan: str | None,
    lifted: bool,
    by: str | None,
    why: str | None,
) -> None:
    """Decide how much a shop may sell while the city does not answer; what is beyond waits for people.

    Without options it shows the caps. A service that runs goes by what it began with until it is
    started again.
    """
    if lifted or sales is not None or yuan is not None:
        if lifted and (sales is not None or yuan is not None):
            raise Invalid("caps_invalid")
        caps = None if lifted else offline_limits.read(sales, yuan)
        city, told_by = city_of(folder, database), at_console(by or "")
        offline_limits.decide(city, folder, caps, by=told_by, why=why or "", now=system_clock())
        click.echo("重启 hub serve 后生效 / in force once hub serve is started again", err=True)
    kept = config.offline_caps(folder)
    print_json({"sales": kept.sales, "subsidy_fen": kept.subsidy_fen} if kept else None)


def city_of(folder: Path, database: str | None) -> City:
    """Return the hub of a folder, on the database asked for or its own."""
    city = config.load(folder, packs=packs_dir(), database=database)
    click.get_current_context().call_on_close(city.engine.dispose)
    return city
