"""The city's catalogue: products filed with prices and status, each change kept with its day, who and why."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import city_filing, moments
from pos_subsidy.domain.city_filing import IN_FORCE, CityFiling
from pos_subsidy.domain.identifiers import gtin as gtins
from pos_subsidy.domain.product import Product
from pos_subsidy.errors import Conflict, Invalid, NotFound
from pos_subsidy.hub import office_log
from pos_subsidy.hub.city import ZONE, City
from pos_subsidy.hub.office_log import By
from pos_subsidy.hub.store import catalogue as store
from pos_subsidy.hub.store.db import read, run
from pos_subsidy.protocol import envelopes
from pos_subsidy.protocol.catalogue_file import CatalogueFile, Problem, read_catalogue
from pos_subsidy.protocol.messages import FILING_FEED

# A page of the feed; a filing is some hundred bytes.
PAGE = 500
LISTED = 100


@dataclass(frozen=True, slots=True)
class Change:
    """What a file would do to one product; ``before`` is what counts the day before, None where it is new."""

    product: Product
    before: CityFiling | None

    @property
    def is_change(self) -> bool:
        before = self.before
        return before is None or before.status != IN_FORCE or before.product != self.product


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would do from a day on."""

    file: CatalogueFile
    since: date
    changes: tuple[Change, ...]

    @property
    def fresh(self) -> int:
        return sum(one.before is None for one in self.changes)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a file; ``changed`` counts the filings it made, ``newest`` is the last one's number."""

    rows: int
    changed: int
    newest: int
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """Products by what counts today, how many there are, and the newest filing's number."""

    products: list[dict[str, Any]]
    more: bool
    count: int
    newest: int


def preview(
    city: City, filename: str, content: bytes, *, since: date, encoding: str | None = None
) -> Preview:
    """Say what a catalogue file would do from a day on; nothing is filed.

    Raises:
        Invalid: the file as a whole cannot be read.
    """
    file = _read(city, filename, content, encoding)
    return read(city.engine, lambda db: Preview(file, since, _changes(db, file.products, since)))


def load(
    city: City,
    filename: str,
    content: bytes,
    *,
    since: date,
    why: str,
    encoding: str | None = None,
    accept_good_rows: bool = False,
    by: By,
    now: datetime,
) -> Loaded:
    """File the products of a catalogue file from a day on. What is filed so already stays untouched.

    A file with a bad row files nothing, unless ``accept_good_rows``.

    Raises:
        Invalid: the file as a whole cannot be read; ``office_reason_required``; ``filing_day_past``:
            what a product is filed with changes from tomorrow at the earliest.
    """
    why = office_log.reason(why)
    file = _read(city, filename, content, encoding)

    def keep(db: Connection) -> Loaded:
        if file.problems and not accept_good_rows:
            return Loaded(file.rows, 0, store.newest_no(db), file.problems, file.warnings)
        changes = [one for one in _changes(db, file.products, since) if one.is_change]
        newest = _file(db, changes, since, IN_FORCE, why, by, now) if changes else store.newest_no(db)
        if changes:
            office_log.note(
                db,
                by,
                "catalogue_loaded",
                about=filename[:80],
                now=now,
                note=f"{len(changes)}, {since}: {why}",
            )
        return Loaded(file.rows, len(changes), newest, file.problems, file.warnings)

    return run(city.engine, keep)


def file_price(city: City, gtin: str, price_fen: int, *, since: date, why: str, by: By, now: datetime) -> int:
    """File another price of a product from a day on and return the filing's number.

    Raises:
        NotFound: ``product_not_filed``.
        Invalid: ``price_invalid``, ``office_reason_required``, ``filing_day_past``.
        Conflict: ``filing_unchanged``.
    """
    if price_fen <= 0:
        raise Invalid("price_invalid", price_fen=price_fen)
    return _refile(city, gtin, {"filed_price_fen": price_fen}, None, since, why, by, now)


def set_status(city: City, gtin: str, status: str, *, since: date, why: str, by: By, now: datetime) -> int:
    """Withdraw a product from a day on, or put it in force again; return the filing's number.

    Raises: as ``file_price``; ``filing_status_unknown``.
    """
    if status not in city_filing.STATUSES:
        raise Invalid("filing_status_unknown", status=status[:20])
    return _refile(city, gtin, {}, status, since, why, by, now)


def overview(city: City, *, wanted: str = "", page: int = 1, now: datetime) -> Overview:
    """Return products by what counts of them today."""
    on = moments.business_date(now, ZONE).isoformat()

    def look(db: Connection) -> Overview:
        skip = (page - 1) * LISTED
        found = store.listing(db, on=on, wanted=wanted, limit=LISTED + 1, skip=skip)
        return Overview(found[:LISTED], len(found) > LISTED, store.count(db), store.newest_no(db))

    return read(city.engine, look)


def history(city: City, gtin: str) -> list[dict[str, Any]]:
    """Return every filing of a product with who and why, the one that begins last first.

    Raises:
        NotFound: ``product_not_filed``.
    """
    found = read(city.engine, lambda db: store.history(db, gtin))
    if not found:
        raise NotFound("product_not_filed", gtin=gtin[:20])
    return found


def feed(city: City, outlet: str, after: int) -> dict[str, Any]:
    """Return the signed page of filings after a number."""

    def page(db: Connection) -> tuple[int, list[dict[str, Any]]]:
        return store.newest_no(db), store.after(db, after, limit=PAGE)

    newest, found = read(city.engine, page)
    said = {"outlet": outlet, "after": after, "newest": newest, "filings": found}
    return envelopes.wrap(FILING_FEED, said, city.keyring)


def _refile(
    city: City,
    gtin: str,
    changed: dict[str, Any],
    status: str | None,
    since: date,
    why: str,
    by: By,
    now: datetime,
) -> int:
    why, number = office_log.reason(why), gtins.validate(gtin)

    def keep(db: Connection) -> int:
        before = city_filing.in_force(store.filings_of(db, {number}).get(number, ()), since)
        if before is None:
            raise NotFound("product_not_filed", gtin=number)
        product, new = replace(before.product, **changed), status or before.status
        if (product, new) == (before.product, before.status):
            raise Conflict("filing_unchanged", gtin=number)
        filing_no = _file(db, [Change(product, before)], since, new, why, by, now)
        what = "product_withdrawn" if status == city_filing.WITHDRAWN else "product_filed"
        office_log.note(db, by, what, about=number, now=now, note=f"#{filing_no}, {since}: {why}")
        return filing_no

    return run(city.engine, keep)


def _file(
    db: Connection, changes: Iterable[Change], since: date, status: str, why: str, by: By, now: datetime
) -> int:
    earliest = moments.business_date(now, ZONE) + timedelta(1)
    filings = []
    for one in changes:
        # What decided sales stays: only a product the city had nothing on may begin on a day that is over.
        if one.before is not None and since < earliest:
            raise Invalid("filing_day_past", from_day=since.isoformat(), earliest=earliest.isoformat())
        about = {"since": since.isoformat(), "status": status, "why": why}
        who = {"entered_by": by.username, "entered_at": moments.text(now)}
        filings.append(store.row_of(one.product, **about, **who))
    return store.add(db, filings)


def _changes(db: Connection, products: Iterable[Product], since: date) -> tuple[Change, ...]:
    listed = list(products)
    known = store.filings_of(db, {one.gtin for one in listed})
    return tuple(Change(one, _before(known.get(one.gtin, ()), since)) for one in listed)


def _before(filings: Iterable[CityFiling], since: date) -> CityFiling | None:
    known = list(filings)
    # One that begins later only is no reason to let another begin in the past.
    return city_filing.in_force(known, since) or min(known, key=lambda one: one.since, default=None)


def _read(city: City, filename: str, content: bytes, encoding: str | None) -> CatalogueFile:
    names = {code: category.names for code, category in city.rulebook.categories.items()}
    return read_catalogue(content, filename, categories=names, encoding=encoding)
