"""Patterns of prices: made for the cap, moved before the subsidy, above what others ask."""

from collections.abc import Iterator
from datetime import timedelta

from pos_subsidy.domain.signal_case import Limits, Picture, Sale, Seen, grouped, median

_HUNDRED = 100


def cap_crowd(picture: Picture, limits: Limits) -> Iterator[Seen]:
    """A shop most of whose prices lie just where the subsidy is at its most; compared with the others."""
    capped = [one for one in picture.standing if one.cap_price_fen]
    close = [one for one in capped if _is_at_cap(one, limits["permille"])]
    of_shop, close_of = grouped(capped, _outlet), grouped(close, _outlet)
    for outlet, own in close_of.items():
        of = len(of_shop[outlet])
        share = len(own) * _HUNDRED // of
        if len(own) >= limits["least"] and share > limits["percent"]:
            others, others_close = len(capped) - of, len(close) - len(own)
            params = {
                **{"count": len(own), "of": of, "share": share, "percent": limits["percent"]},
                "others_share": others_close * _HUNDRED // others if others else 0,
            }
            yield Seen(outlet, own, share, limits["percent"], params)


def price_moved(picture: Picture, limits: Limits) -> Iterator[Seen]:
    """A product dearer than the same shop sold it in the days before."""
    days = timedelta(limits["days"])
    for (outlet, gtin), sales in _by_product(picture).items():
        worst: Seen | None = None
        for place, one in enumerate(sales):
            before = [other.price_fen for other in sales[:place] if one.at - other.at <= days]
            if len(before) < limits["least"]:
                continue
            usual = median(before)
            risen = (one.price_fen - usual) * _HUNDRED // usual
            if risen > limits["percent"] and (worst is None or risen > worst.seen):
                params = {
                    **{"gtin": gtin, "price_fen": one.price_fen, "usual_fen": usual, "risen": risen},
                    **{"count": len(before), "days": limits["days"], "percent": limits["percent"]},
                }
                worst = Seen(outlet, (one,), risen, limits["percent"], params)
        if worst:
            yield worst


def price_over_city(picture: Picture, limits: Limits) -> Iterator[Seen]:
    """A product at one shop dearer than at all others."""
    everywhere = grouped(picture.standing, lambda one: one.gtin)
    for (outlet, gtin), own in _by_product(picture).items():
        others = [one.price_fen for one in everywhere[gtin] if one.outlet != outlet]
        if min(len(own), len(others)) < limits["least"]:
            continue
        here, there = median([one.price_fen for one in own]), median(others)
        above = (here - there) * _HUNDRED // there
        if above > limits["percent"]:
            params = {
                **{"gtin": gtin, "price_fen": here, "city_fen": there, "above": above},
                **{"count": len(own), "others": len(others), "percent": limits["percent"]},
            }
            yield Seen(outlet, own, above, limits["percent"], params)


def filing_raised(picture: Picture, limits: Limits) -> Iterator[Seen]:
    """A filed price raised shortly before sales at the new one."""
    for (outlet, gtin), sales in _by_product(picture).items():
        filed = sorted(picture.filings.get(str(gtin), ()), key=lambda one: one.since)
        for old, new in zip(filed, filed[1:], strict=False):
            soon = [
                one
                for one in sales
                if new.since <= one.on < new.since + timedelta(limits["days"])
                and one.price_fen > old.price_fen
            ]
            risen = (new.price_fen - old.price_fen) * _HUNDRED // old.price_fen
            if soon and risen > limits["percent"]:
                params = {
                    **{"gtin": gtin, "old_fen": old.price_fen, "new_fen": new.price_fen, "risen": risen},
                    **{"filed_on": new.since.isoformat(), "count": len(soon)},
                    **{"days": limits["days"], "percent": limits["percent"]},
                }
                yield Seen(outlet, soon, risen, limits["percent"], params)


def _is_at_cap(one: Sale, permille: int) -> bool:
    point = one.cap_price_fen or 0
    return 0 <= (one.price_fen - point) * 1000 <= point * permille


def _by_product(picture: Picture) -> dict[tuple[str, str], list[Sale]]:
    return grouped(picture.standing, lambda one: (one.outlet, one.gtin) if one.gtin else None)


def _outlet(one: Sale) -> str:
    return one.outlet
