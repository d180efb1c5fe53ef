"""``hub``: the city's program."""

from datetime import datetime
from pathlib import Path

import click

from pos_subsidy.cli import print_json
from pos_subsidy.cli.running import aware_moment, run
from pos_subsidy.clock import system_clock
from pos_subsidy.errors import NotAllowed
from pos_subsidy.hub import config, enrolment
from pos_subsidy.hub.store import claims, outlets
from pos_subsidy.hub.store.db import transaction
from pos_subsidy.rulebooks import packs_dir

_data = click.option(
    "--data",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("hub-data"),
    show_default=True,
    envvar="POS_HUB_DATA",
)


@click.group()
def hub() -> None:
    """The city's hub: enrols shops, answers holds, takes journals in, judges claims."""


@hub.command()
@_data
@click.option("--name", default="嘉兴市", show_default=True)
@click.option("--demo", is_flag=True, help="Demo shops may join without a code.")
def init(folder: Path, name: str, demo: bool) -> None:
    """Make a hub's folder: keys and an empty database."""
    config.init(folder, name=name, demo=demo)
    click.echo(f"{name} in {folder}")


@hub.command()
@_data
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8700, show_default=True, type=int)
@click.option("--training-clock", "training", type=aware_moment, help="Start at this moment; demo only.")
def serve(folder: Path, host: str, port: int, training: datetime | None) -> None:
    """Serve the hub."""
    city = config.load(folder, packs=packs_dir())
    if training is not None and not city.demo:
        raise NotAllowed("demo_only")
    run(
        "pos_subsidy.cli.workers:hub",
        host=host,
        port=port,
        data=str(folder),
        training=training.isoformat() if training else None,
    )


@hub.command()
@_data
def code(folder: Path) -> None:
    """Make a one-time code with which one shop may join."""
    click.echo(enrolment.new_code(config.load(folder, packs=packs_dir()), now=system_clock()))


@hub.command()
@_data
def status(folder: Path) -> None:
    """Show shops, rows and claims as JSON."""
    city = config.load(folder, packs=packs_dir())
    with transaction(city.engine) as db:
        print_json({"outlets": outlets.listing(db), "claims": claims.sums(db)})


@hub.command()
@_data
@click.argument("outlet")
def suspend(folder: Path, outlet: str) -> None:
    """Keep a shop from granting subsidies; its running holds may still be redeemed."""
    enrolment.set_standing(config.load(folder, packs=packs_dir()), outlet, suspended=True)
    click.echo(f"{outlet} is suspended")


@hub.command()
@_data
@click.argument("outlet")
def readmit(folder: Path, outlet: str) -> None:
    """Let a suspended or quarantined shop grant subsidies again."""
    enrolment.set_standing(config.load(folder, packs=packs_dir()), outlet, suspended=False)
    click.echo(f"{outlet} is active")
