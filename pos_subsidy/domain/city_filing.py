"""The city's catalogue (市级备案目录): what the city filed of a product, from which day on.

Nothing in it is overwritten. On any day that filing of a product counts which began last;
of two that begin on the same day, the later one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from pos_subsidy.domain.decision import Reason
from pos_subsidy.domain.product import Product

IN_FORCE, WITHDRAWN = "in_force", "withdrawn"
STATUSES = (IN_FORCE, WITHDRAWN)


@dataclass(frozen=True, slots=True)
class CityFiling:
    """One filing of a product by the city. ``since`` is the first business date it decides."""

    filing_no: int
    since: date
    status: str
    product: Product
    entered_at: str  # UTC text


def in_force(filings: Iterable[CityFiling], on: date) -> CityFiling | None:
    """Return the filing of a product that counts on a day, None before the first begins."""
    begun = (one for one in filings if one.since <= on)
    return max(begun, key=lambda one: (one.since, one.filing_no), default=None)


def completed(filed: Product, own: Product | None) -> Product:
    """Return a product as the city files it; of what the city does not say, as the shop itself has it."""
    if own is None:
        return filed
    return replace(
        filed,
        brand=filed.brand or own.brand,
        model=filed.model or own.model,
        name=filed.name or own.name,
        label_record_no=filed.label_record_no or own.label_record_no,
        mean_price_30d_fen=filed.mean_price_30d_fen or own.mean_price_30d_fen,
    )


def withdrawn(filing: CityFiling) -> Reason:
    """Return the refusal of a product that was taken off the city's catalogue."""
    params = {"gtin": filing.product.gtin, "from_day": filing.since.isoformat(), "variant": WITHDRAWN}
    return Reason("not_in_catalogue", params, "")


def against(filing: CityFiling, *, category: str, energy_rating: int | None, price_fen: int) -> Reason | None:
    """Return what a product's filing says against a sale of it, None if nothing."""
    filed = filing.product
    about = {"gtin": filed.gtin, "filing_no": filing.filing_no, "from_day": filing.since.isoformat()}
    if filing.status == WITHDRAWN:
        refused = withdrawn(filing)
        return Reason(refused.code, {**refused.params, **about}, "")
    if filed.category != category:
        told = {"category": category, "filed_category": filed.category}
        return Reason("category_mismatch", {**about, **told}, "")
    if None not in (energy_rating, filed.energy_rating) and energy_rating != filed.energy_rating:
        ratings = {"rating": energy_rating, "filed_rating": filed.energy_rating}
        return Reason("rating_mismatch", {**about, **ratings}, "")
    if price_fen > filed.filed_price_fen:
        prices = {"price_fen": price_fen, "filed_price_fen": filed.filed_price_fen}
        return Reason("price_over_filed", {**about, **prices}, "")
    return None
