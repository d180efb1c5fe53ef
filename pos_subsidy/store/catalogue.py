"""The filed products of this shop."""

from collections.abc import Iterable
from datetime import datetime

from sqlite_utils import Database

from pos_subsidy.domain import moments
from pos_subsidy.domain.product import Product
from pos_subsidy.store.db import row, rows, value


def find(db: Database, gtin: str) -> Product | None:
    """Return the filed product of a GTIN, or None."""
    found = row(db, "SELECT * FROM product WHERE gtin = ?", [gtin])
    return _product(found) if found else None


def put(db: Database, products: Iterable[Product], *, now: datetime) -> None:
    """Add products; one that is there takes the new filing."""
    for product in products:
        db.execute(
            "INSERT INTO product VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (gtin) DO UPDATE SET"
            " category = excluded.category, brand = excluded.brand, model = excluded.model,"
            " name = excluded.name, energy_rating = excluded.energy_rating,"
            " has_rating_system = excluded.has_rating_system, label_record_no = excluded.label_record_no,"
            " filed_price_fen = excluded.filed_price_fen,"
            " mean_price_30d_fen = excluded.mean_price_30d_fen, loaded_at = excluded.loaded_at",
            [
                product.gtin,
                product.category,
                product.brand,
                product.model,
                product.name,
                product.energy_rating,
                None if product.has_rating_system is None else int(product.has_rating_system),
                product.label_record_no,
                product.filed_price_fen,
                product.mean_price_30d_fen,
                moments.text(now),
            ],
        )


def count(db: Database) -> int:
    return int(value(db, "SELECT count(*) FROM product"))


def newest_load(db: Database) -> str | None:
    """Return when goods were last loaded, as UTC text."""
    return value(db, "SELECT max(loaded_at) FROM product")


def listing(db: Database, *, limit: int) -> list[Product]:
    return [
        _product(one) for one in rows(db, "SELECT * FROM product ORDER BY category, gtin LIMIT ?", [limit])
    ]


def _product(found: dict) -> Product:
    found.pop("loaded_at")
    rated = found["has_rating_system"]
    return Product(**{**found, "has_rating_system": None if rated is None else bool(rated)})
