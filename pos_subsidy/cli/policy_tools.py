"""``policy diff``, ``cases``, ``confirm``, ``simulate``: for the city's staff."""

import csv
import io
import sys
from collections.abc import Container, Iterator
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from pos_subsidy.cli import print_json
from pos_subsidy.cli.assess import today
from pos_subsidy.cli.policy import policy as policy
from pos_subsidy.config import Folder
from pos_subsidy.domain import words
from pos_subsidy.domain.money import yuan
from pos_subsidy.domain.rules import Source
from pos_subsidy.errors import Invalid
from pos_subsidy.policy import load_rulebook
from pos_subsidy.policy.cases import Worked, read_cases, work
from pos_subsidy.policy.comparing import compare
from pos_subsidy.policy.confirming import FILE, confirm
from pos_subsidy.policy.simulating import HEADINGS, Sale, Sum, chart, read_ledger, simulate
from pos_subsidy.protocol.encoding import codec_of
from pos_subsidy.rulebooks import rulebook
from pos_subsidy.services import looking_up
from pos_subsidy.wiring import open_till_database

_PART_BYTES = 1_000_000
_STEP = 5_000
_folder = click.Path(path_type=Path, exists=True, file_okay=False)
_path = click.Path(path_type=Path, exists=True)
_json = click.option("--json", "as_json", is_flag=True)


@policy.command()
@click.argument("old", type=_path)
@click.argument("new", type=_path)
@click.option("--cases", "case_files", type=_path, multiple=True, help="Work these cases under both.")
@_json
def diff(old: Path, new: Path, case_files: tuple[Path, ...], as_json: bool) -> None:
    """What changes between two folders of packs, from which day, and for which cases."""
    before, after = load_rulebook(old), load_rulebook(new)
    changes = [
        {
            "category": one.category,
            "first_day": one.first_day.isoformat(),
            "last_day": one.last_day.isoformat(),
            "what": one.what,
            "old": one.old,
            "new": one.new,
        }
        for one in compare(before, after)
    ]
    pairs = [(work(case, before), work(case, after)) for case in read_cases(case_files)]
    moved = [
        {"name": was.case.name, "old": _outcome(was), "new": _outcome(now)}
        for was, now in pairs
        if _outcome(was) != _outcome(now)
    ]
    if as_json:
        print_json({"changes": changes, "cases": moved})
        return
    for one in changes:
        days = f"{one['first_day']} – {one['last_day']}"
        click.echo(f"{one['category']:26} {days}  {one['what']}: {one['old']} → {one['new']}")
    for one in moved:
        click.echo(f"{one['name']}: {one['old']} → {one['new']}")
    click.echo(f"{len(changes)} 处变化 / changes, {len(moved)} 个案例不同 / cases differ")


@policy.command()
@click.argument("files", nargs=-1, required=True, type=_path)
@click.option("--csv", "as_csv", is_flag=True, help="A table to print and sign, for a spreadsheet.")
@click.option("--data", type=_folder, help="The shop or hub whose confirmed rules count.")
@_json
def cases(files: tuple[Path, ...], as_csv: bool, data: Path | None, as_json: bool) -> None:
    """Work a case file through the rules; exit status 1 if a case comes out otherwise."""
    book = rulebook(data / FILE if data else None)
    worked = [work(case, book) for case in read_cases(files)]
    rows = [_row(one) for one in worked]
    if as_json:
        print_json({"cases": rows, "disagreeing": sum(not one.agrees for one in worked)})
    elif as_csv:
        click.echo(_csv(rows), nl=False)
    else:
        for row in rows:
            mark = "✓" if row["agrees"] else "✗"
            click.echo(
                f"{mark} {row['name']}: {row['on']} {row['category']} {row['price']} → {row['computed']}"
            )
    if not all(one.agrees for one in worked):
        sys.exit(1)


@policy.command("confirm")
@click.argument("programme")
@click.argument("categories", nargs=-1, required=True)
@click.option("--document", required=True, help="The official document.")
@click.option("--clause", required=True)
@click.option("--confidence", required=True, type=click.Choice(["A", "A-", "B", "S"]))
@click.option("--url", default="")
@click.option("--data", type=_folder, required=True, help="The shop (or hub) whose rules are confirmed.")
def confirm_rule(
    programme: str,
    categories: tuple[str, ...],
    document: str,
    clause: str,
    confidence: str,
    url: str,
    data: Path,
) -> None:
    """Turn provisional rules on, with a source. A running service takes it over by itself."""
    path = data / FILE
    source = Source(document, clause, confidence, url)
    confirm(path, rulebook(path), programme=programme, categories=categories, source=source, on=today())
    click.echo(f"{', '.join(categories)}: confirmed by {source.cited}")


@policy.command("print")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Business date; default today.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="HTML file to write.")
@click.option("--address", default="", help="Where the sheet can be seen anew; printed as a QR.")
@click.option("--data", type=_folder, help="The shop or hub whose confirmed rules are printed.")
def print_rules(on: datetime | None, out: Path, address: str, data: Path | None) -> None:
    """Write the rules in force as one printable page."""
    from pos_subsidy.web import rule_sheet

    book = rulebook(data / FILE if data else None)
    day = on.date() if on else today()
    out.write_text(rule_sheet.page(book, day, address=address), "utf-8")
    click.echo(f"{out}: {len(book.rules_in_force(day))} rules in force on {day}")


@policy.command("simulate")
@click.option("--ledger", required=True, type=_path, help=f"CSV ({', '.join(HEADINGS)}), or a shop's folder.")
@click.option("--pack", "packs", required=True, type=_path, help="The other rules: a folder, or one pack.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Rules of this day, not of each sale's.")
@click.option("--chart", "picture", type=click.Path(path_type=Path), help="Draw the sums by class as SVG.")
@_json
def simulate_rules(
    ledger: Path, packs: Path, on: datetime | None, picture: Path | None, as_json: bool
) -> None:
    """What past sales would have cost under other rules: sums by class and by programme."""
    other = load_rulebook(packs)
    sales = _of_shop(Folder(ledger)) if ledger.is_dir() else _of_file(ledger, other.categories)
    sums = simulate(sales, other, on=on.date() if on else None)
    if picture:
        names = {code: category.name_zh for code, category in other.categories.items()}
        picture.write_text(chart(sums.classes, names), "utf-8")
    found: dict[str, Any] = {
        "classes": [_sum_json("category", one) for one in sums.classes],
        "programmes": [_sum_json("programme", one) for one in sums.programmes],
        "was_fen": sum(one.was_fen for one in sums.classes),
        "would_be_fen": sum(one.would_be_fen for one in sums.classes),
    }
    if as_json:
        print_json(found)
        return
    for totals in (sums.classes, sums.programmes):
        for one in totals:
            amounts = f"{yuan(one.was_fen):>14} → {yuan(one.would_be_fen):>14}"
            click.echo(f"{one.name or '—':26} {one.sales:6} {amounts}")
        click.echo()
    click.echo(f"{'':33} {yuan(found['was_fen']):>14} → {yuan(found['would_be_fen']):>14}")


def _sum_json(what: str, one: Sum) -> dict[str, Any]:
    return {
        what: one.name,
        "sales": one.sales,
        "refused": one.refused,
        "was_fen": one.was_fen,
        "would_be_fen": one.would_be_fen,
    }


def _outcome(worked: Worked) -> str:
    return ", ".join(worked.codes) or yuan(worked.outcome.subsidy_fen)


def _row(worked: Worked) -> dict[str, Any]:
    case = worked.case
    reasons = [words.say(reason.code, reason.params).detail_zh for reason in worked.outcome.refusals]
    return {
        "name": case.name,
        "on": case.on.isoformat(),
        "category": case.category,
        "price": yuan(case.price_fen),
        "rating": case.rating or "",
        "units_used": "" if case.units_used is None else case.units_used,
        "expected": ", ".join(case.refuses) or yuan(case.grants_fen),
        "computed": _outcome(worked),
        "why": " ".join(reasons),
        "agrees": worked.agrees,
    }


def _csv(rows: list[dict[str, Any]]) -> str:
    sink = io.StringIO()
    table = csv.DictWriter(sink, list(rows[0]) if rows else ["name"], lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return "\ufeff" + sink.getvalue()


def _of_file(path: Path, categories: Container[str]) -> Iterator[Sale]:
    """Yield the sales of a CSV file in UTF-8 or GB18030, with a bar that shows how far it is."""
    with path.open("rb") as raw, _bar() as bar:
        codec = codec_of(iter(partial(raw.read, _PART_BYTES), b""), path.name)
        raw.seek(0)
        task = bar.add_task(path.name, total=path.stat().st_size)
        lines = io.TextIOWrapper(raw, encoding=codec, newline="")
        try:
            for place, sale in enumerate(read_ledger(lines, categories=categories)):
                if place % _STEP == 0:
                    bar.update(task, completed=raw.tell())
                yield sale
        except UnicodeDecodeError:
            raise Invalid("file_encoding", filename=path.name, said=lines.encoding) from None


def _of_shop(folder: Folder) -> Iterator[Sale]:
    with _bar() as bar:
        task = bar.add_task(folder.path.name, total=None)
        for one in looking_up.each_redemption(open_till_database(folder)):
            bar.advance(task)
            yield Sale(
                date.fromisoformat(one.business_date),
                one.category,
                one.net_price_fen,
                one.energy_rating,
                one.net_subsidy_fen,
                {},
            )


def _bar() -> Progress:
    """Return a progress bar; in a pipe it stays quiet."""
    return Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
