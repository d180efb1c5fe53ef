"""``hub review``: people look at batches before they are accepted."""

from pathlib import Path

import click

from pos_subsidy.cli import print_json
from pos_subsidy.cli.hub import city_of, data_option, database_option
from pos_subsidy.cli.hub_money import hub
from pos_subsidy.clock import system_clock
from pos_subsidy.hub import review as reviewing

_by = click.option("--by", required=True, metavar="NAME", help="The reviewer; it is kept.")


@hub.group()
def review() -> None:
    """Batches that wait for a reviewer."""


@review.command("list")
@data_option
@database_option
def listing(folder: Path, database: str | None) -> None:
    """Show as JSON the batches that wait, and what each reviewer did so far."""
    print_json(reviewing.overview(city_of(folder, database)))


@review.command()
@data_option
@database_option
@click.argument("outlet")
@click.argument("batch_id")
def show(folder: Path, database: str | None, outlet: str, batch_id: str) -> None:
    """Show as JSON a batch: counts, sums, and each claim with whether it must be looked at."""
    found = reviewing.batch(city_of(folder, database), outlet, batch_id)
    print_json(
        {
            "batch_id": found.batch_id,
            "counts": found.counts,
            "sums_fen": found.sums_fen,
            "needed": found.needed,
            "still_to_look_at": found.still_to_look_at,
            "approved_by": found.approved_by,
            "lines": [
                {
                    "redemption_id": one.claim["redemption_id"],
                    "order_no": one.claim["order_no"],
                    "verdict": one.claim["verdict"],
                    "net_subsidy_fen": one.claim["net_subsidy_fen"],
                    "in_sample": one.is_in_sample,
                    "looked_at": one.is_looked_at,
                }
                for one in found.lines
            ],
        }
    )


@review.command()
@data_option
@database_option
@click.argument("redemption_id")
@_by
def look(folder: Path, database: str | None, redemption_id: str, by: str) -> None:
    """Note that a claim was looked at."""
    reviewing.look(city_of(folder, database), redemption_id, by=by, now=system_clock())


@review.command()
@data_option
@database_option
@click.argument("redemption_id")
@click.argument("word", type=click.Choice(["accepted", "suspended", "rejected"]))
@click.option("--reason", type=click.Choice(reviewing.REASONS))
@click.option("--note", default="")
@_by
def decide(
    folder: Path,
    database: str | None,
    redemption_id: str,
    word: str,
    reason: str | None,
    note: str,
    by: str,
) -> None:
    """Accept, suspend or reject one claim."""
    city = city_of(folder, database)
    reviewing.decide(city, redemption_id, word, by=by, now=system_clock(), reason=reason, note=note)


@review.command()
@data_option
@database_option
@click.argument("redemption_id")
@_by
def postpone(folder: Path, database: str | None, redemption_id: str, by: str) -> None:
    """Carry a suspended claim into the next month's settlement."""
    click.echo(reviewing.postpone(city_of(folder, database), redemption_id, by=by, now=system_clock()))


@review.command()
@data_option
@database_option
@click.argument("outlet")
@click.argument("batch_id")
@_by
def approve(folder: Path, database: str | None, outlet: str, batch_id: str, by: str) -> None:
    """Accept every claim of a batch that waits, once enough was looked at."""
    done = reviewing.approve(city_of(folder, database), outlet, batch_id, by=by, now=system_clock())
    click.echo(f"{done} 笔通过 / accepted")
