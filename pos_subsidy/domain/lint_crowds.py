"""Controls of what only many sales together show: bursts, rounds, shared phones, exact caps."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from pos_subsidy.domain.lint_case import Limits, LintDay, Seen, Sold, bursts, grouped


def orders_split(day: LintDay, limits: Limits) -> Iterator[Seen]:
    """One person, a few minutes, several orders: one purchase told as many."""
    for sales in grouped(_standing(day), lambda one: one.who.person_key).values():
        ordered = sorted(sales, key=lambda one: one.redeemed_at)
        for before, one in zip(ordered, ordered[1:], strict=False):
            within = one.redeemed_at - before.redeemed_at <= timedelta(minutes=limits["minutes"])
            if within and one.order_no != before.order_no:
                yield Seen(one, {"other": before.order_no, "minutes": limits["minutes"]})


def cashier_burst(day: LintDay, limits: Limits) -> Iterator[Seen]:
    yield from _bursts(day, limits, lambda one: one.cashier, lambda one: {"cashier": one.cashier})


def serial_burst(day: LintDay, limits: Limits) -> Iterator[Seen]:
    def prefix(one: Sold) -> str | None:
        return one.serial_no[: limits["characters"]] if one.serial_no else None

    yield from _bursts(day, limits, prefix, lambda one: {"prefix": prefix(one)})


def person_burst(day: LintDay, limits: Limits) -> Iterator[Seen]:
    yield from _many(day, limits, lambda one: one.who.person_key)


def phone_burst(day: LintDay, limits: Limits) -> Iterator[Seen]:
    yield from _many(day, limits, lambda one: one.who.phone_hash)


def phone_shared(day: LintDay, limits: Limits) -> Iterator[Seen]:
    """Many claimants, one phone: somebody claims for others."""
    near = grouped((one for one in day.since(limits["days"]) if one.stands), lambda one: one.who.phone_hash)
    for one in _standing(day):
        persons = {other.who.person_key for other in near.get(one.who.phone_hash, [])}
        if len(persons) > limits["most"]:
            yield Seen(one, {"count": len(persons), "days": limits["days"]})


def payment_shared(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    """One payment for several persons: who pays is not who claims."""
    first: dict[str, Sold] = {}
    for one in _standing(day):
        for ref in one.payment_refs:
            other = first.setdefault(ref, one)
            if other.who.person_key != one.who.person_key:
                yield Seen(one, {"ref": ref, "other": other.order_no})


def rounds(day: LintDay, limits: Limits) -> Iterator[Seen]:
    """Sold, taken back and sold again: the same person and class, or the same piece."""
    near = [one for one in day.since(limits["days"]) if not one.stands]
    by_person = grouped(near, lambda one: (one.who.person_key, one.category))
    by_piece = grouped(near, lambda one: one.serial_no or next(iter(one.imeis), None))
    for one in day.sales:
        piece = one.serial_no or next(iter(one.imeis), None)
        same = (*by_person.get((one.who.person_key, one.category), ()), *by_piece.get(piece, ()))
        back = len({other.redemption_id for other in same})
        if back > limits["most"]:
            yield Seen(one, {"times": back, "days": limits["days"]})


def cap_crowd(day: LintDay, limits: Limits) -> Iterator[Seen]:
    """Many prices just where the subsidy is at its most: prices made for the subsidy."""
    capped = [one for one in _standing(day) if one.cap_price_fen]
    yield from _crowd(capped, limits, lambda one: one.cap_price_fen, below=False)


def ceiling_crowd(day: LintDay, limits: Limits) -> Iterator[Seen]:
    """Many prices just under the one above which nothing is granted."""
    limited = [one for one in _standing(day) if one.ceiling_fen]
    yield from _crowd(limited, limits, lambda one: one.ceiling_fen, below=True)


def own_staff(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    for one in _standing(day):
        if one.who.name_hash and one.who.name_hash in day.staff:
            yield Seen(one, {})


def off_hours(day: LintDay, limits: Limits) -> Iterator[Seen]:
    for one in _standing(day):
        if not limits["from_hour"] <= one.redeemed_at.hour < limits["to_hour"]:
            opens, shuts = f"{limits['from_hour']:02d}:00", f"{limits['to_hour']:02d}:00"
            yield Seen(one, {"clock": f"{one.redeemed_at:%H:%M}", "opens": opens, "shuts": shuts})


def redeemed_late(day: LintDay, limits: Limits) -> Iterator[Seen]:
    for one in _standing(day):
        if (waited := _waited(one)) > limits["minutes"]:
            yield Seen(one, {"minutes": waited})


def back_filled(day: LintDay, limits: Limits) -> Iterator[Seen]:
    """Several sales entered long after they were held: an evening's work, not the till's."""
    late = [one for one in _standing(day) if _waited(one) > limits["minutes"]]
    if len(late) > limits["most"]:
        for one in late:
            yield Seen(one, {"count": len(late), "minutes": limits["minutes"]})


def other_day(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    """The day that is claimed is neither that of the hold nor that of the payment."""
    for one in _standing(day):
        if one.sold_on not in (one.held_at.date(), one.redeemed_at.date()):
            yield Seen(
                one, {"sold_on": one.sold_on.isoformat(), "clock": f"{one.redeemed_at:%Y-%m-%d %H:%M}"}
            )


def _bursts(
    day: LintDay, limits: Limits, by: Callable[[Sold], Any], told: Callable[[Sold], Mapping[str, Any]]
) -> Iterator[Seen]:
    for sales in grouped(_standing(day), by).values():
        for one, count in bursts(sales, most=limits["most"], minutes=limits["minutes"]):
            yield Seen(one, {**told(one), "count": count, "minutes": limits["minutes"]})


def _many(day: LintDay, limits: Limits, by: Callable[[Sold], Any]) -> Iterator[Seen]:
    near = grouped((one for one in day.since(limits["days"]) if one.stands), by)
    for one in _standing(day):
        count = len(near.get(by(one), ()))
        if count > limits["most"]:
            yield Seen(one, {"count": count, "days": limits["days"]})


def _crowd(
    sales: Sequence[Sold], limits: Limits, at: Callable[[Sold], int | None], *, below: bool
) -> Iterator[Seen]:
    close = []
    for one in sales:
        point = at(one)
        assert point is not None
        away = point - one.price_fen if below else one.price_fen - point
        if 0 <= away * 1000 <= point * limits["permille"]:
            close.append((one, point))
    if len(close) > limits["most"] and len(close) * 100 >= len(sales) * limits["percent"]:
        for one, point in close:
            yield Seen(one, {"count": len(close), "of": len(sales), "point_fen": point})


def _waited(one: Sold) -> int:
    return int((one.redeemed_at - one.held_at).total_seconds() // 60)


def _standing(day: LintDay) -> Iterator[Sold]:
    return (one for one in day.sales if one.stands)
