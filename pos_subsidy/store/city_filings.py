"""The city's catalogue as it was fed down: every filing, found by product and day."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlite_utils import Database

from pos_subsidy.domain.city_filing import CityFiling
from pos_subsidy.domain.product import Product
from pos_subsidy.store.db import insert, row, rows, value

_PRODUCT = (
    *("gtin", "category", "brand", "model", "name", "energy_rating", "has_rating_system"),
    *("label_record_no", "filed_price_fen", "mean_price_30d_fen"),
)
_COLUMNS = ("filing_no", "since", "status", *_PRODUCT, "entered_at")


def newest_no(db: Database) -> int:
    return int(value(db, "SELECT coalesce(max(filing_no), 0) FROM city_filing"))


def add(db: Database, filings: Iterable[Mapping[str, Any]]) -> None:
    """Keep filings as the city tells them."""
    for one in filings:
        insert(db, "city_filing", {name: one[name] for name in _COLUMNS})


def in_force(db: Database, gtin: str, on: date) -> CityFiling | None:
    """Return the filing of a product that counts on a day; see ``domain.city_filing``."""
    found = row(
        db,
        "SELECT * FROM city_filing WHERE gtin = ? AND since <= ? ORDER BY since DESC, filing_no DESC LIMIT 1",
        [gtin, on.isoformat()],
    )
    return _filing(found) if found else None


def history(db: Database, gtin: str) -> list[CityFiling]:
    """Return every filing of a product, the one that begins last first."""
    found = rows(db, "SELECT * FROM city_filing WHERE gtin = ? ORDER BY since DESC, filing_no DESC", [gtin])
    return [_filing(one) for one in found]


def count(db: Database) -> int:
    """Return how many products the city has filed."""
    return int(value(db, "SELECT count(DISTINCT gtin) FROM city_filing"))


def _filing(found: Mapping[str, Any]) -> CityFiling:
    rated = found["has_rating_system"]
    told = {name: found[name] for name in _PRODUCT}
    product = Product(**{**told, "has_rating_system": None if rated is None else bool(rated)})
    since = date.fromisoformat(found["since"])
    return CityFiling(found["filing_no"], since, found["status"], product, found["entered_at"])
