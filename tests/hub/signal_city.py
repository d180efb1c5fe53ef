"""A city of honest shops over many days, as the signals look at it."""

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from pos_subsidy.domain.signal_case import Sale

CHINA = timezone(timedelta(hours=8))
DAY = date(2026, 11, 20)
# Class -> usual price in fen and where its subsidy reaches the cap.
GOODS = {
    "refrigerator": (420_000, 1_000_000),
    "washing_machine": (310_000, 1_000_000),
    "air_conditioner": (360_000, 1_000_000),
    "phone": (320_000, 333_334),
}
_SHOPS = [("S1", "330402"), ("S2", "330411"), ("S3", "330424"), ("S4", "330481")]
_MODELS = 6


def at(clock: str, on: date = DAY) -> datetime:
    return datetime.combine(on, time.fromisoformat(clock), CHINA)


def sale(number: int, when: datetime, outlet: str = "S1", **more: Any) -> Sale:
    """Return a sale like any other, to a person of its own."""
    category = more.pop("category", "refrigerator")
    price_fen, cap_price_fen = GOODS[category]
    told = {
        "redemption_id": f"R-{number}",
        "outlet": outlet,
        "region": dict(_SHOPS)[outlet],
        "till": "T1",
        "category": category,
        "at": when,
        "received_at": when + timedelta(minutes=5),
        "price_fen": price_fen,
        "subsidy_fen": min(price_fen, cap_price_fen) * 15 // 100,
        "person": f"person-{number}",
        "ties": {"phone": f"phone-{number}", "payment": f"payment-{number}", "address": f"home-{number}"},
        "gtin": f"{category}-1",
        "piece": f"serial:{number}",
        "cap_price_fen": cap_price_fen,
    }
    return Sale(**{**told, **more})


def honest(days: int, *, seed: int) -> Iterator[list[Sale]]:
    """Yield one honest day of the city after the other; a week-end is busier, some goods come back.

    Families share a phone and a home, some buy twice, a shop is offline for a night, one order is late.
    """
    chance = random.Random(seed)
    number = 0
    for place in range(days):
        on = DAY - timedelta(days - place)
        busy = 2 if on.weekday() >= 5 else 1
        today = []
        for outlet, region in _SHOPS:
            cut_off = chance.random() < 0.02
            here: list[str] = []
            for _ in range(chance.randint(1, 3) * busy):
                number += 1
                category = chance.choice(list(GOODS))
                model = chance.randrange(_MODELS)
                usual = GOODS[category][0] * (100 + 8 * model) // 100
                price_fen = usual * (100 + chance.randint(-5, 5)) // 100
                hour, minute = chance.randint(9, 20), chance.randrange(60)
                when = datetime(on.year, on.month, on.day, hour, minute, tzinfo=CHINA)
                if chance.random() < 0.004:
                    when = when.replace(hour=23)
                back = when + timedelta(days=chance.randint(0, 6)) if chance.random() < 0.03 else None
                family = f"{number - chance.randint(1, 2)}" if chance.random() < 0.1 else f"{number}"
                today.append(
                    sale(
                        number,
                        when,
                        outlet,
                        category=category,
                        gtin=f"{category}-{model}",
                        till=f"T{chance.randint(1, 3)}",
                        price_fen=price_fen,
                        region=region,
                        person=here[-1] if here and chance.random() < 0.05 else f"person-{number}",
                        ties={"phone": f"p{family}", "address": f"h{family}", "payment": f"pay{number}"},
                        received_at=when + timedelta(hours=14 if cut_off else 0, minutes=5),
                        reversed_at=back,
                        delivered_to="330212" if chance.random() < 0.02 else region,
                    )
                )
                here.append(str(today[-1].person))
        yield sorted(today, key=lambda one: one.at)
