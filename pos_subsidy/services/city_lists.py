"""The city's catalogue and blocklist at the till: fetched page by page, asked by product, piece and day."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from pos_subsidy.domain import block, city_filing
from pos_subsidy.domain.city_filing import CityFiling
from pos_subsidy.domain.product import Product
from pos_subsidy.domain.subsidy import Reason
from pos_subsidy.errors import Invalid
from pos_subsidy.protocol.messages import Feed
from pos_subsidy.services import rules_age
from pos_subsidy.services.shop import CityLine, Shop
from pos_subsidy.store import catalogue, city_blocks, city_filings
from pos_subsidy.store.db import TillDatabase, read_transaction, write_transaction


@dataclass(frozen=True, slots=True)
class Overview:
    """What a shop has of the city's lists; ``heard_at`` is when they were last whole (UTC text)."""

    products: int
    filing_no: int
    blocks: int
    heard_at: str | None


def fetch(db: TillDatabase, city: CityLine, newest: Feed) -> int:
    """Fetch what is new on both lists up to the numbers the city named; return how many entries came.

    Each page is kept as it comes: a line that is cut goes on there the next time.

    Raises:
        Unavailable: no answer.
        Invalid: ``city_list_refused``, a page leaves something out or cannot be read; it is not kept.
    """
    return _fetch_filings(db, city, newest.filings) + _fetch_blocks(db, city, newest.blocks)


def _fetch_filings(db: TillDatabase, city: CityLine, newest: int) -> int:
    begun = after = city_filings.newest_no(db)
    while after < newest:
        page = city.filings(after).filings
        numbers = [one.get("filing_no") for one in page]
        is_known = all(one.get("status") in city_filing.STATUSES for one in page)
        if not page or not is_known or numbers != list(range(after + 1, after + 1 + len(page))):
            raise Invalid("city_list_refused", number=after + 1)
        with _readable(after + 1), write_transaction(db):
            city_filings.add(db, page)
        after += len(page)
    return after - begun


def _fetch_blocks(db: TillDatabase, city: CityLine, newest: int) -> int:
    came, after = 0, city_blocks.upto(db)
    while after < newest:
        page = city.blocks(after)
        numbers = [one.get("block_no") for one in page.blocks]
        is_known = all(one.get("kind") in block.KINDS for one in page.blocks)
        if page.upto <= after or not is_known or not set(numbers) <= set(range(after + 1, page.upto + 1)):
            raise Invalid("city_list_refused", number=after + 1)
        with _readable(after + 1), write_transaction(db):
            city_blocks.add(db, page.blocks, upto=page.upto)
        came, after = came + len(page.blocks), page.upto
    return came


def product_on(db: TillDatabase, gtin: str, on: date, findings: list[Reason] | None = None) -> Product | None:
    """Return a product as it is filed on a day: by the city, completed by the shop's own; else by that.

    What the two lists say against the product itself is added to ``findings``.
    """
    own, filing = catalogue.find(db, gtin), city_filings.in_force(db, gtin, on)
    if findings is not None:
        if filing is not None and filing.status == city_filing.WITHDRAWN:
            findings.append(city_filing.withdrawn(filing))
        findings += blocked(db, [(block.PRODUCT, gtin)], on)
    return own if filing is None else city_filing.completed(filing.product, own)


def blocked(db: TillDatabase, things: Iterable[tuple[str, str]], on: date) -> list[Reason]:
    """Return the refusals of those things that the city has blocked on a day."""
    found = (block.in_force(city_blocks.entries_of(db, *thing), on) for thing in things)
    return [block.refusal(one) for one in found if one is not None]


def seller_blocked(db: TillDatabase, shop: Shop, on: date) -> list[Reason]:
    """Return the refusal of this shop's own sales, if the city has blocked it or its merchant on a day."""
    seller = [(block.OUTLET, shop.outlet_id), (block.MERCHANT, shop.merchant_uscc)]
    return blocked(db, seller, on)[:1]


def numbers(db: TillDatabase) -> dict[str, int]:
    """Return up to which number each list was fetched."""
    return {"city_filing_no": city_filings.newest_no(db), "city_block_no": city_blocks.upto(db)}


def overview(db: TillDatabase) -> Overview:
    """Return how much of the city's lists is here, and how old it is."""
    with read_transaction(db):
        counts = (city_filings.count(db), city_filings.newest_no(db), city_blocks.count(db))
        return Overview(*counts, rules_age.heard_at(db))


def history(db: TillDatabase, gtin: str) -> list[CityFiling]:
    """Return every filing of a product by the city, the one that begins last first."""
    return city_filings.history(db, gtin)


@contextmanager
def _readable(number: int) -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError):
        raise Invalid("city_list_refused", number=number) from None
