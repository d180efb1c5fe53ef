"""Load the filed goods from a file, all of it or, by the user's word, its good rows; and take it back."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from pos_subsidy.domain import moments
from pos_subsidy.domain.product import Product
from pos_subsidy.errors import Conflict, Invalid, NotFound
from pos_subsidy.protocol.catalogue_file import CatalogueFile, Problem, read_catalogue
from pos_subsidy.services.shop import By, Remember, Shop, forget
from pos_subsidy.store import catalogue, filings
from pos_subsidy.store.db import TillDatabase, read_transaction, write_transaction
from pos_subsidy.store.filings import Filed, Load, Upload

__all__ = ["Filed", "Load", "Loaded", "Preview", "Problem", "load"]

UPLOAD_MINUTES = 60
_FEW = 10


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a file. ``changed`` of the loaded goods were new or filed otherwise before."""

    rows: int
    loaded: int
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    changed: int = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would do. ``before`` is how each of its goods is filed now, None where it is new."""

    filename: str
    expires_at: str
    file: CatalogueFile
    before: tuple[Product | None, ...]

    @property
    def fresh(self) -> int:
        return sum(one is None for one in self.before)

    @property
    def changed(self) -> int:
        pairs = zip(self.before, self.file.products, strict=True)
        return sum(old is not None and old != new for old, new in pairs)


@dataclass(frozen=True, slots=True)
class Overview:
    """How many goods are filed, and the newest loads; ``last`` is the one that can be taken back."""

    count: int
    loads: tuple[Load, ...]
    last: Load | None


def load(
    db: TillDatabase,
    shop: Shop,
    filename: str,
    content: bytes,
    *,
    encoding: str | None = None,
    accept_good_rows: bool = False,
    by: By,
    now: datetime,
) -> Loaded:
    """Load a catalogue file and report row by row. The same file again changes nothing.

    A file with a bad row changes nothing, unless ``accept_good_rows``.

    Raises:
        Invalid: the file as a whole cannot be read.
    """
    file = _read(shop, filename, content, encoding=encoding)
    if file.problems and not accept_good_rows:
        return Loaded(file.rows, 0, file.problems, file.warnings)
    with write_transaction(db):
        changed = filings.record(
            db,
            file.products,
            filename=filename,
            file_hash=hashlib.sha256(content).hexdigest(),
            on=shop.today(now).isoformat(),
            by=by.cashier or by.till,
            now=now,
        )
    return Loaded(file.rows, len(file.products), file.problems, file.warnings, changed)


def hand_in(db: TillDatabase, shop: Shop, filename: str, content: bytes, *, now: datetime) -> str:
    """Keep a file that can be read for a short time, and return under which name; nothing is loaded.

    Raises:
        Invalid: the file as a whole cannot be read.
    """
    _read(shop, filename, content)
    upload_id = secrets.token_urlsafe(16)
    ends = moments.text(now + timedelta(minutes=UPLOAD_MINUTES))
    with write_transaction(db):
        filings.keep_upload(db, upload_id, Upload(filename, content, ends), now=now)
    return upload_id


def preview(db: TillDatabase, shop: Shop, upload_id: str, *, now: datetime) -> Preview:
    """Say what a kept file would do.

    Raises:
        NotFound: ``catalogue_upload_over``.
    """
    with read_transaction(db):
        kept = _kept(db, upload_id, now=now)
        file = _read(shop, kept.filename, kept.content)
        before = tuple(catalogue.find(db, one.gtin) for one in file.products)
    return Preview(kept.filename, kept.expires_at, file, before)


def accept(
    db: TillDatabase,
    shop: Shop,
    upload_id: str,
    *,
    accept_good_rows: bool,
    by: By,
    now: datetime,
    remember: Remember = forget,
) -> Loaded:
    """Load a kept file; it is not kept any longer.

    Raises:
        NotFound: ``catalogue_upload_over``.
        Invalid: ``catalogue_not_accepted``, it has bad rows and nobody said to leave them out.
    """
    with write_transaction(db):
        kept = _kept(db, upload_id, now=now)
        done = load(db, shop, kept.filename, kept.content, accept_good_rows=accept_good_rows, by=by, now=now)
        if done.problems and not accept_good_rows:
            raise Invalid("catalogue_not_accepted", count=len(done.problems))
        filings.drop_upload(db, upload_id)
        remember(done)
    return done


def undo(db: TillDatabase, *, by: By, now: datetime, remember: Remember = forget) -> Load:
    """Take the last load back: what stood before stands again, what it brought is gone.

    A price that somebody bought at stays on record: it is what the sale is judged by. A load
    is therefore kept once goods whose filing it changed were sold, and is corrected by the next.

    Raises:
        Conflict: ``catalogue_nothing_to_undo``; ``catalogue_sold_since``.
    """
    with write_transaction(db):
        last = _last(filings.loads(db, limit=1))
        if last is None:
            raise Conflict("catalogue_nothing_to_undo")
        if sold := filings.sold_under(db, last):
            raise Conflict("catalogue_sold_since", gtin=sold["gtin"], order_no=sold["order_no"])
        filings.take_back(db, last, by=by.cashier or by.till, now=now)
        remember(last)
    return last


def overview(db: TillDatabase) -> Overview:
    with read_transaction(db):
        newest = filings.loads(db, limit=_FEW)
        return Overview(catalogue.count(db), tuple(newest), _last(newest))


def history(db: TillDatabase, gtin: str) -> list[Filed]:
    """Return every filing of a product, the newest first."""
    with read_transaction(db):
        return filings.history(db, gtin)


def _last(newest: list[Load]) -> Load | None:
    return newest[0] if newest and newest[0].undone_at is None else None


def _kept(db: TillDatabase, upload_id: str, *, now: datetime) -> Upload:
    found = filings.upload(db, upload_id, now=now)
    if found is None:
        raise NotFound("catalogue_upload_over")
    return found


def _read(shop: Shop, filename: str, content: bytes, *, encoding: str | None = None) -> CatalogueFile:
    names = {code: category.names for code, category in shop.rulebook.categories.items()}
    return read_catalogue(content, filename, categories=names, encoding=encoding)
