"""A product as the city's filed catalogue knows it (备案商品)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    """One filed product.

    ``energy_rating`` is 1 (best) to 5, or None. ``has_rating_system`` is False where the
    filing says that no energy or water rating exists for this kind of product, None where
    the filing does not say.
    """

    gtin: str
    category: str
    brand: str
    model: str
    name: str
    energy_rating: int | None
    has_rating_system: bool | None
    label_record_no: str
    filed_price_fen: int
    mean_price_30d_fen: int | None
