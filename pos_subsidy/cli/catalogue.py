"""``catalogue``: the filed goods of the shop."""

from pathlib import Path

import click

from pos_subsidy.cli import data_option, print_json
from pos_subsidy.clock import system_clock
from pos_subsidy.config import Folder
from pos_subsidy.domain import words
from pos_subsidy.services import filed_goods
from pos_subsidy.services.filed_goods import Problem
from pos_subsidy.services.shop import By
from pos_subsidy.wiring import open_till_database, rulebook_of


@click.group()
def catalogue() -> None:
    """The filed goods."""


@catalogue.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@data_option
@click.option("--encoding", help="If the file says nothing or says wrong: utf-8, gb18030.")
@click.option("--accept-good-rows", is_flag=True, help="Load the good rows of a file with bad ones.")
@click.option("--json", "as_json", is_flag=True)
def load(file: Path, folder: Folder, encoding: str | None, accept_good_rows: bool, as_json: bool) -> None:
    """Load filed goods from CSV or XLSX. A file with bad rows changes nothing, unless you say so."""
    done = filed_goods.load(
        open_till_database(folder),
        folder.shop(rulebook_of(folder), city=None),
        file.name,
        file.read_bytes(),
        encoding=encoding,
        accept_good_rows=accept_good_rows,
        by=By("command"),
        now=system_clock(),
    )
    if as_json:
        print_json(
            {
                "file": file.name,
                "rows": done.rows,
                "loaded": done.loaded,
                "changed": done.changed,
                "refused": [_json(one) for one in done.problems],
                "warnings": [_json(one) for one in done.warnings],
            }
        )
    else:
        for one in done.problems:
            _show("✗", one)
        for one in done.warnings:
            _show("!", one)
        click.echo(f"{file.name}: {done.rows} 行 / rows, {done.loaded} 已载入 / loaded")
    if done.problems and not accept_good_rows:
        raise click.ClickException("nothing was loaded: mend the rows above, or say --accept-good-rows")


def _json(problem: Problem) -> dict[str, object]:
    spoken = words.say(problem.code, problem.params)
    return {
        "line": problem.line,
        "field": problem.field,
        "code": problem.code,
        "message_zh": spoken.detail_zh,
        "message_en": spoken.detail_en,
    }


def _show(mark: str, problem: Problem) -> None:
    spoken = words.say(problem.code, problem.params)
    click.echo(
        f"{mark} 第 {problem.line} 行 {problem.field}: {spoken.detail_zh} / {spoken.detail_en}", err=True
    )
