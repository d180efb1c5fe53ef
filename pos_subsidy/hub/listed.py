"""What the city's catalogue and its blocklist say against sales: at a hold, and when claims are judged."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import block, city_filing
from pos_subsidy.domain.block import Block
from pos_subsidy.domain.city_filing import CityFiling
from pos_subsidy.domain.decision import Reason
from pos_subsidy.domain.reasons import cited
from pos_subsidy.domain.rules import Rule
from pos_subsidy.hub.judgement import Judgement
from pos_subsidy.hub.live import pieces_of
from pos_subsidy.hub.store import blocks, catalogue, outlets
from pos_subsidy.hub.store.blocks import Thing

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """Everything the two lists have on a shop and on the goods of some of its sales."""

    filings: Mapping[str, Sequence[CityFiling]]
    blocks: Mapping[Thing, Sequence[Block]]
    seller: tuple[Thing, ...]

    def reasons(self, body: Body, on: date, *, granted_at: str | None = None) -> Iterator[Reason]:
        """Yield what speaks against one of the sales on its day, the shop itself first.

        ``granted_at``: the city granted this sale's hold then; what was entered later does not undo that.
        """
        yield from self.blocked((*self.seller, *_things(body)), on, granted_at=granted_at)
        filed = [one for one in self.filings.get(_product(body) or "", ()) if _counts(one, granted_at)]
        if (filing := city_filing.in_force(filed, on)) is not None:
            against = city_filing.against(
                filing,
                category=body["category"],
                energy_rating=body.get("energy_rating"),
                price_fen=body["price_fen"],
            )
            if against is not None:
                yield against

    def blocked(
        self, things: Iterable[Thing], on: date, *, granted_at: str | None = None
    ) -> Iterator[Reason]:
        """Yield the refusals of those things that are blocked on a day."""
        for thing in things:
            entered = (one for one in self.blocks.get(thing, ()) if _counts(one, granted_at))
            if (found := block.in_force(entered, on)) is not None:
                yield block.refusal(found)

    def judgement(
        self, body: Body, on: date, rule: Rule | None, *, granted_at: str | None = None
    ) -> Judgement | None:
        """Return the rejection of a sale that something speaks against, None if nothing does."""
        against = next(self.reasons(body, on, granted_at=granted_at), None)
        if against is None:
            return None
        (told,) = cited([against], rule)
        return Judgement("rejected", told.code, {**told.params, "clause": told.clause})


def look(db: Connection, outlet: str, bodies: Iterable[Body]) -> Listed:
    """Return what the lists have on some sales of a shop, asked at once."""
    sales = list(bodies)
    gtins = {product for body in sales if (product := _product(body)) is not None}
    filings = catalogue.filings_of(db, gtins)
    if not blocks.newest_no(db):
        return Listed(filings, {}, ())
    shop = outlets.find(db, outlet)
    seller = ((block.OUTLET, outlet), (block.MERCHANT, shop["merchant_uscc"] if shop else ""))
    things = {thing for body in sales for thing in _things(body)}
    return Listed(filings, blocks.entries_of(db, {*things, *seller}), seller)


def _things(body: Body) -> list[Thing]:
    told = [(space, number) for space, number in pieces_of(body) if isinstance(number, str)]
    product = _product(body)
    return [*([(block.PRODUCT, product)] if product is not None else []), *told]


def _product(body: Body) -> str | None:
    # A shop may sign what it likes; what is no bar code is none of the city's products.
    told = body.get("gtin")
    return told if isinstance(told, str) else None


def _counts(entered: Block | CityFiling, granted_at: str | None) -> bool:
    return granted_at is None or entered.entered_at <= granted_at
