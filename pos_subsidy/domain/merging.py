"""Merges small groups of a table until no row tells of a single person or shop.

Every row that is left rests on enough people and enough shops. What is too small is merged with its
neighbours, never left out beside a sum from which it could be subtracted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# A reader who knows nine of ten people still learns a sum of one; fewer than ten in a row is where
# statistics offices begin to hide. A shop's sole owner is a person too, and two shops of a row each
# know the other's figures.
LEAST_PEOPLE, LEAST_SHOPS = 10, 3
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Group:
    """A row of a table before it is published: where, what, by whom, and the sums in fen."""

    region: str
    category: str
    people: frozenset[str]
    shops: frozenset[str]
    sales: int
    price_fen: int
    subsidy_fen: int

    @property
    def is_safe(self) -> bool:
        return len(self.people) >= LEAST_PEOPLE and len(self.shops) >= LEAST_SHOPS


def publishable(groups: Iterable[Group]) -> list[Group]:
    """Return rows that are all safe and together hold every sale; none where all together are too few."""
    regions: dict[str, list[Group]] = {}
    for one in groups:
        regions.setdefault(one.region, []).append(one)
    done = {region: _safe(rows, region) for region, rows in regions.items()}
    left = [one for region, rows in regions.items() if not done[region] for one in rows]
    kept = {region: rows for region, rows in done.items() if rows}
    while left and not _merged(left, OTHER, OTHER).is_safe and kept:
        smallest = min(kept, key=lambda region: (len(_merged(kept[region], "", "").people), region))
        left += kept.pop(smallest)
    rest = _merged(left, OTHER, OTHER) if left else None
    if rest is not None and not rest.is_safe:
        return []
    rows = [one for region in sorted(kept) for one in kept[region]]
    return [*rows, rest] if rest else rows


def _safe(rows: Sequence[Group], region: str) -> list[Group]:
    """Return a region's rows with the small ones merged; none where it is too small as a whole."""
    small = [one for one in rows if not one.is_safe]
    large = sorted((one for one in rows if one.is_safe), key=lambda one: (-len(one.people), one.category))
    while small and not _merged(small, region, OTHER).is_safe and large:
        small.append(large.pop())
    if small and not _merged(small, region, OTHER).is_safe:
        return []
    large.sort(key=lambda one: one.category)
    return [*large, *([_merged(small, region, OTHER)] if small else [])]


def _merged(rows: Sequence[Group], region: str, category: str) -> Group:
    return Group(
        region=region,
        category=category,
        people=frozenset[str]().union(*(one.people for one in rows)),
        shops=frozenset[str]().union(*(one.shops for one in rows)),
        sales=sum(one.sales for one in rows),
        price_fen=sum(one.price_fen for one in rows),
        subsidy_fen=sum(one.subsidy_fen for one in rows),
    )
