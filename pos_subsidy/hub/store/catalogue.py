"""The city's catalogue: every filing of every product, appended, found by product and day."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, or_, select

from pos_subsidy.domain.city_filing import CityFiling
from pos_subsidy.domain.product import Product
from pos_subsidy.hub.store import bulk, chained
from pos_subsidy.hub.store.schema_catalogue import city_filing

_PRODUCT = (
    *("gtin", "category", "brand", "model", "name", "energy_rating", "has_rating_system"),
    *("label_record_no", "filed_price_fen", "mean_price_30d_fen"),
)
_TOLD = ("filing_no", "since", "status", *_PRODUCT, "entered_at")
_ANY = select(exists().where(city_filing.c.filing_no == 1))
_OF_ONE = select(city_filing).where(city_filing.c.gtin == bindparam("gtin"))
_newest_first = (city_filing.c.since.desc(), city_filing.c.filing_no.desc())


def newest_no(db: Connection) -> int:
    return chained.newest_no(db, city_filing.c.filing_no)


def add(db: Connection, filings: Sequence[Mapping[str, Any]]) -> int:
    """Append filings in their order and return the newest number."""
    return chained.append(db, city_filing, city_filing.c.filing_no, filings)


def row_of(product: Product, **about: Any) -> dict[str, Any]:
    """Return a filing as it is appended: the product, and ``since``, ``status``, ``why``, who and when."""
    return {**{name: getattr(product, name) for name in _PRODUCT}, **about}


def filings_of(db: Connection, gtins: Collection[str]) -> dict[str, list[CityFiling]]:
    """Return every filing of some products, by bar code."""
    if len(gtins) == 1:
        found = db.execute(_OF_ONE, {"gtin": next(iter(gtins))})
    elif gtins and db.execute(_ANY).scalar_one():
        found = db.execute(select(city_filing).where(bulk.among(db, city_filing.c.gtin, list(gtins))))
    else:
        return {}
    filings: dict[str, list[CityFiling]] = {}
    for one in found.mappings():
        filings.setdefault(one["gtin"], []).append(_filing(one))
    return filings


def history(db: Connection, gtin: str) -> list[dict[str, Any]]:
    """Return every filing of a product with who and why, the one that begins last first."""
    return [dict(one) for one in db.execute(_OF_ONE.order_by(*_newest_first), {"gtin": gtin}).mappings()]


def after(db: Connection, filing_no: int, *, limit: int) -> list[dict[str, Any]]:
    """Return the filings after a number as shops are told them."""
    columns = [city_filing.c[name] for name in _TOLD]
    chosen = select(*columns).where(city_filing.c.filing_no > filing_no)
    found = db.execute(chosen.order_by(city_filing.c.filing_no).limit(limit))
    return [dict(one) for one in found.mappings()]


def listing(db: Connection, *, on: str, wanted: str, limit: int, skip: int = 0) -> list[dict[str, Any]]:
    """Return products whose number or names hold a word, each by the filing that counts on a day.

    One whose first begins later comes with that; ``filings`` is how many there are of it.
    """
    place = func.row_number().over(
        partition_by=city_filing.c.gtin,
        order_by=((city_filing.c.since <= on).desc(), *_newest_first),
    )
    number = func.count().over(partition_by=city_filing.c.gtin)
    ranked = select(city_filing, place.label("place"), number.label("filings")).subquery()
    chosen = select(ranked).where(ranked.c.place == 1)
    if wanted:
        names = (ranked.c.gtin, ranked.c.brand, ranked.c.model, ranked.c.name)
        chosen = chosen.where(or_(*(name.icontains(wanted, autoescape=True) for name in names)))
    found = db.execute(chosen.order_by(ranked.c.category, ranked.c.gtin).limit(limit).offset(skip))
    return [dict(one) for one in found.mappings()]


def count(db: Connection) -> int:
    """Return how many products were ever filed."""
    return int(db.execute(select(func.count(city_filing.c.gtin.distinct()))).scalar_one())


def prices(db: Connection) -> list[tuple[str, str, int]]:
    """Return (bar code, since, filed price) of everything that is or was in force, as it was entered."""
    chosen = select(city_filing.c.gtin, city_filing.c.since, city_filing.c.filed_price_fen)
    chosen = chosen.where(city_filing.c.status == "in_force").order_by(city_filing.c.filing_no)
    return [(gtin, since, price_fen) for gtin, since, price_fen in db.execute(chosen)]


def _filing(found: Mapping[Any, Any]) -> CityFiling:
    product = Product(**{name: found[name] for name in _PRODUCT})
    return CityFiling(
        found["filing_no"],
        date.fromisoformat(found["since"]),
        found["status"],
        product,
        found["entered_at"],
    )
