"""``hub catalogue``: the city's filed products, with every price and status since its day."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import click

from pos_subsidy.cli import print_json
from pos_subsidy.cli.hub import by_option, city_of, data_option, database_option, hub
from pos_subsidy.clock import system_clock
from pos_subsidy.domain import words
from pos_subsidy.domain.city_filing import IN_FORCE, WITHDRAWN
from pos_subsidy.domain.money import fen, yuan
from pos_subsidy.hub import catalogue as filing
from pos_subsidy.hub.office_log import By
from pos_subsidy.protocol.catalogue_file import Problem

_why = click.option("--why", required=True, help="Why, or the document it rests on; it is kept.")
_since = click.option(
    *("--from", "since"),
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="The first business date it decides. What is filed already changes from tomorrow at the earliest.",
)


@hub.group()
def catalogue() -> None:
    """The city's filed products, fed down to every shop."""


@catalogue.command()
@data_option
@database_option
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_since
@_why
@by_option
@click.option("--encoding", help="If the file says nothing or says wrong: utf-8, gb18030.")
@click.option("--accept-good-rows", is_flag=True, help="Load the good rows of a file with bad ones.")
@click.option("--preview", is_flag=True, help="Only say what it would do.")
@click.option("--json", "as_json", is_flag=True)
def load(
    folder: Path,
    database: str | None,
    file: Path,
    since: datetime,
    why: str,
    by: str,
    encoding: str | None,
    accept_good_rows: bool,
    preview: bool,
    as_json: bool,
) -> None:
    """File products from CSV or XLSX, as a shop's catalogue. A file with bad rows files nothing."""
    city, content, on = city_of(folder, database), file.read_bytes(), since.date()
    if preview:
        seen = filing.preview(city, file.name, content, since=on, encoding=encoding)
        changed = sum(one.is_change for one in seen.changes)
        _tell(file.name, seen.file.rows, changed, seen.file.problems, seen.file.warnings, as_json=as_json)
        return
    done = filing.load(
        city,
        file.name,
        content,
        since=on,
        why=why,
        encoding=encoding,
        accept_good_rows=accept_good_rows,
        by=By(by, "console"),
        now=system_clock(),
    )
    _tell(file.name, done.rows, done.changed, done.problems, done.warnings, as_json=as_json)
    if done.problems and not accept_good_rows:
        raise click.ClickException("nothing was filed: mend the rows above, or say --accept-good-rows")


@catalogue.command()
@data_option
@database_option
@click.argument("gtin")
@click.argument("price")
@_since
@_why
@by_option
def price(
    folder: Path, database: str | None, gtin: str, price: str, since: datetime, why: str, by: str
) -> None:
    """File another price of a product, in yuan, from a day on."""
    try:
        price_fen = fen(Decimal(price))
    except (InvalidOperation, ValueError):
        raise click.BadParameter("an amount in yuan, e.g. 2999.00", param_hint="PRICE") from None
    about = {"since": since.date(), "why": why, "by": By(by, "console"), "now": system_clock()}
    number = filing.file_price(city_of(folder, database), gtin, price_fen, **about)  # type: ignore[arg-type]
    click.echo(f"#{number}: {gtin} {yuan(price_fen)} 元 / yuan, {since:%Y-%m-%d} 起 / on")


@catalogue.command()
@data_option
@database_option
@click.argument("gtin")
@click.argument("status", type=click.Choice(["withdrawn", "in-force"]))
@_since
@_why
@by_option
def status(
    folder: Path, database: str | None, gtin: str, status: str, since: datetime, why: str, by: str
) -> None:
    """Withdraw a product from a day on, or put it in force again."""
    new = WITHDRAWN if status == "withdrawn" else IN_FORCE
    about = {"since": since.date(), "why": why, "by": By(by, "console"), "now": system_clock()}
    number = filing.set_status(city_of(folder, database), gtin, new, **about)  # type: ignore[arg-type]
    click.echo(f"#{number}: {gtin} {status}, {since:%Y-%m-%d} 起 / on")


@catalogue.command()
@data_option
@database_option
@click.argument("gtin")
def history(folder: Path, database: str | None, gtin: str) -> None:
    """Show as JSON every filing of a product with who and why."""
    print_json({"gtin": gtin, "filings": filing.history(city_of(folder, database), gtin)})


def _tell(
    name: str,
    rows: int,
    changed: int,
    problems: tuple[Problem, ...],
    warnings: tuple[Problem, ...],
    *,
    as_json: bool,
) -> None:
    if as_json:
        told = {"file": name, "rows": rows, "changed": changed}
        print_json({**told, "refused": [*map(_json, problems)], "warnings": [*map(_json, warnings)]})
        return
    for mark, found in (("✗", problems), ("!", warnings)):
        for one in found:
            spoken = words.say(one.code, one.params)
            told_zh = f"{mark} 第 {one.line} 行 {one.field}: {spoken.detail_zh}"
            click.echo(f"{told_zh} / {spoken.detail_en}", err=True)
    click.echo(f"{name}: {rows} 行 / rows, {changed} 件改变 / changed")


def _json(problem: Problem) -> dict[str, object]:
    spoken = words.say(problem.code, problem.params)
    about = {"line": problem.line, "field": problem.field, "code": problem.code}
    return {**about, "message_zh": spoken.detail_zh, "message_en": spoken.detail_en}
