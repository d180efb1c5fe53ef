"""Load the filed goods from a file, all of it or, by the user's word, its good rows."""

from dataclasses import dataclass
from datetime import datetime

from pos_subsidy.services.shop import Shop
from pos_subsidy.statements.catalogue import Problem, read_catalogue
from pos_subsidy.store import catalogue
from pos_subsidy.store.db import TillDatabase, write_transaction

__all__ = ["Loaded", "Problem", "load"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a file."""

    rows: int
    loaded: int
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def load(
    db: TillDatabase,
    shop: Shop,
    filename: str,
    content: bytes,
    *,
    encoding: str | None = None,
    accept_good_rows: bool = False,
    now: datetime,
) -> Loaded:
    """Load a catalogue file and report row by row.

    A file with a bad row changes nothing, unless ``accept_good_rows``.

    Raises:
        Invalid: the file as a whole cannot be read.
    """
    names = {code: category.names for code, category in shop.rulebook.categories.items()}
    file = read_catalogue(content, filename, categories=names, encoding=encoding)
    if file.problems and not accept_good_rows:
        return Loaded(file.rows, 0, file.problems, file.warnings)
    with write_transaction(db):
        catalogue.put(db, file.products, now=now)
    return Loaded(file.rows, len(file.products), file.problems, file.warnings)
