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
from pos_subsidy.hub.store import blocks, catalogue
from pos_subsidy.hub.store.blocks import Thing

Body = Mapping[str, Any]
_SELLER = (block.OUTLET, block.MERCHANT)


@dataclass(frozen=True, slots=True)
class Listed:
    """Everything the two lists have on a shop and on the goods of some of its sales."""

    filings: Mapping[str, Sequence[CityFiling]]
    blocks: Mapping[Thing, Sequence[Block]]  # of sellers only this one's

    def reasons(self, body: Body, on: date, *, granted_at: str | None = None) -> Iterator[Reason]:
        """Yield what speaks against one of the sales on its day, the shop itself first.

        ``granted_at``: the city granted this sale's hold then; what was entered later does not undo that.
        """
        if not self.blocks and not self.filings:
            return
        told, seller = _told(body), [one for one in self.blocks if one[0] in _SELLER]
        yield from self.blocked((*seller, *_things(told)), on, granted_at=granted_at)
        filed = [one for one in self.filings.get(told["gtin"] or "", ()) if _counts(one, granted_at)]
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


def look(db: Connection, outlet: str, bodies: Sequence[Body]) -> Listed:
    """Return what the lists have on some sales of a shop, asked at once."""
    told = (body.get("gtin") for body in bodies)
    filings = catalogue.filings_of(db, {one for one in told if isinstance(one, str)})
    if len(bodies) == 1:
        return Listed(filings, blocks.on_sale(db, {**_told(bodies[0]), "outlet": outlet}))
    # Mostly nothing is blocked at all, and nobody asks what they are.
    things = (thing for body in bodies for thing in _things(_told(body)))
    return Listed(filings, blocks.on_sales(db, outlet, things))


def _told(body: Body) -> dict[str, str | None]:
    # A shop may sign what it likes; what is no number is none of the lists'.
    told = {name: body.get(name) for name in blocks.ON_SALE}
    return {name: value if isinstance(value, str) else None for name, value in told.items()}


def _things(told: Mapping[str, str | None]) -> list[Thing]:
    product = told["gtin"]
    return [*([(block.PRODUCT, product)] if product is not None else []), *pieces_of(told)]


def _counts(entered: Block | CityFiling, granted_at: str | None) -> bool:
    return granted_at is None or entered.entered_at <= granted_at
