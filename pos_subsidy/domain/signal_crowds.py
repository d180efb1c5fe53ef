"""Patterns of persons, times and places: bursts, rings, rounds, odd hours, two places at once."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from pos_subsidy.domain.signal_case import Limits, Picture, Sale, Seen, densest, grouped, median

_DAY_SECONDS = 86_400
_CITY_DIGITS = 4
_HUNDRED = 100


def till_burst(picture: Picture, limits: Limits) -> Iterator[Seen]:
    """One till, a few minutes, more sales than people can buy."""
    for (outlet, till), sales in grouped(picture.sales, lambda one: (one.outlet, one.till)).items():
        burst = densest(sales, limits["minutes"] * 60)
        if len(burst) > limits["most"]:
            params = {"till": till, "count": len(burst), **_told(limits, "minutes", "most")}
            yield Seen(outlet, burst, len(burst), limits["most"], params)


def person_burst(picture: Picture, limits: Limits) -> Iterator[Seen]:
    """One person, some days, more sales than a household needs, over all shops."""
    for sales in grouped(picture.standing, lambda one: one.person).values():
        burst = densest(sales, limits["days"] * _DAY_SECONDS)
        if len(burst) > limits["most"]:
            shops = {one.outlet for one in burst}
            params = {"count": len(burst), "shops": len(shops), **_told(limits, "days", "most")}
            yield Seen(_one(shops), burst, len(burst), limits["most"], params)


def shop_surge(picture: Picture, limits: Limits) -> Iterator[Seen]:
    """One day of a shop far above its own usual day."""
    for outlet, sales in grouped(picture.sales, lambda one: one.outlet).items():
        by_day = grouped(sales, lambda one: one.on)
        if len(by_day) <= limits["days"]:
            continue
        for on, own in by_day.items():
            usual = median([len(others) for day, others in by_day.items() if day != on])
            bound = usual * limits["percent"] // _HUNDRED
            if len(own) >= limits["least"] and len(own) > bound:
                params = {
                    "on": on.isoformat(),
                    "count": len(own),
                    "usual": usual,
                    "percent": limits["percent"],
                }
                yield Seen(outlet, own, len(own), max(bound, 1), params)


def ring(kind: str) -> Callable[[Picture, Limits], Iterator[Seen]]:
    """Return the check for many persons behind one phone, address, device or payment."""

    def check(picture: Picture, limits: Limits) -> Iterator[Seen]:
        for sales in grouped(picture.standing, lambda one: one.ties.get(kind)).values():
            widest = _most_persons(sales, limits["days"] * _DAY_SECONDS)
            persons = len({one.person for one in widest})
            if persons > limits["most"]:
                shops = {one.outlet for one in widest}
                params = {"count": persons, "sales": len(widest), "shops": len(shops)}
                params |= _told(limits, "days", "most")
                yield Seen(_one(shops), widest, persons, limits["most"], params)

    return check


def rounds(picture: Picture, limits: Limits) -> Iterator[Seen]:
    """Sold, taken back and sold again: the same person and class, or the same piece."""
    told: set[tuple[str, ...]] = set()
    for by in (lambda one: (one.person, one.category) if one.person else None, lambda one: one.piece):
        for sales in grouped(picture.sales, by).values():
            again = _rounds(sales, timedelta(limits["days"]))
            numbers = tuple(one.redemption_id for one in again)
            back = sum(one.reversed_at is not None for one in again[:-1])
            if back > limits["most"] and numbers not in told:
                told.add(numbers)
                params = {"count": back, **_told(limits, "days", "most")}
                yield Seen(_one({one.outlet for one in again}), again, back, limits["most"], params)


def off_hours(picture: Picture, limits: Limits) -> Iterator[Seen]:
    """A shop that sells while shops are shut."""
    for outlet, sales in grouped(picture.standing, lambda one: one.outlet).items():
        odd = [one for one in sales if not limits["from_hour"] <= one.at.hour < limits["to_hour"]]
        share = len(odd) * _HUNDRED // len(sales)
        if len(odd) >= limits["least"] and share > limits["percent"]:
            hours = {
                "opens": f"{limits['from_hour']:02d}:00",
                "shuts": f"{limits['to_hour']:02d}:00",
                **_told(limits, "percent"),
            }
            params = {"count": len(odd), "of": len(sales), "share": share, **hours}
            yield Seen(outlet, odd, share, limits["percent"], params)


def two_places(picture: Picture, limits: Limits) -> Iterator[Seen]:
    """One person at shops of two regions sooner than one gets from one to the other."""
    for sales in grouped(picture.sales, lambda one: one.person).values():
        for before, one in zip(sales, sales[1:], strict=False):
            apart = int((one.at - before.at).total_seconds() // 60)
            if before.region != one.region and apart < limits["minutes"]:
                params = {
                    "count": apart,
                    "here": before.outlet,
                    "there": one.outlet,
                    **_told(limits, "minutes"),
                }
                # The sooner the odder: what is left of the time it takes.
                yield Seen("", (before, one), 2 * limits["minutes"] - apart, limits["minutes"], params)


def far_away(picture: Picture, limits: Limits) -> Iterator[Seen]:
    """A shop whose goods go to other cities."""
    for outlet, sales in grouped(picture.standing, lambda one: one.outlet).items():
        sent = [one for one in sales if one.delivered_to]
        away = [one for one in sent if str(one.delivered_to)[:_CITY_DIGITS] != one.region[:_CITY_DIGITS]]
        share = len(away) * _HUNDRED // len(sent) if sent else 0
        if len(away) >= limits["least"] and share > limits["percent"]:
            params = {"count": len(away), "of": len(sent), "share": share, **_told(limits, "percent")}
            yield Seen(outlet, away, share, limits["percent"], params)


def back_filled(picture: Picture, limits: Limits) -> Iterator[Seen]:
    """Many sales that the city heard of long after they are said to have been made."""
    late_after = timedelta(hours=limits["hours"])
    for outlet, sales in grouped(picture.sales, lambda one: one.outlet).items():
        late = [one for one in sales if one.received_at - one.at > late_after]
        if len(late) > limits["most"]:
            params = {"count": len(late), "of": len(sales), **_told(limits, "hours", "most")}
            yield Seen(outlet, late, len(late), limits["most"], params)


def _most_persons(sales: list[Sale], seconds: int) -> list[Sale]:
    """Return the run of sales within some seconds that has the most persons."""
    first, best, persons = 0, (0, 0, 0), dict[str | None, int]()
    for place, one in enumerate(sales):
        persons[one.person] = persons.get(one.person, 0) + 1
        while (one.at - sales[first].at).total_seconds() > seconds:
            gone = sales[first].person
            persons[gone] -= 1
            if not persons[gone]:
                del persons[gone]
            first += 1
        if len(persons) > best[2]:
            best = (first, place + 1, len(persons))
    return sales[best[0] : best[1]]


def _rounds(sales: list[Sale], within: timedelta) -> list[Sale]:
    """Return the longest run in which each sale was taken back and sold again soon after."""
    best: list[Sale] = []
    run: list[Sale] = []
    for one in sales:
        back = run[-1].reversed_at if run else None
        run = [*run, one] if back is not None and back <= one.at <= back + within else [one]
        best = max(best, run, key=len)
    return best


def _one(shops: set[str]) -> str:
    """Return the one shop it is about, or nothing where there are several."""
    return next(iter(shops)) if len(shops) == 1 else ""


def _told(limits: Limits, *names: str) -> dict[str, int]:
    return {name: limits[name] for name in names}
