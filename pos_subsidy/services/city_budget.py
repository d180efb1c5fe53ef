"""What the city last said of the pools this shop draws on: running low, or spent.

With the city on the line only the city decides; without it, a pool known to be spent stays so.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pos_subsidy.domain import periods, words
from pos_subsidy.store import settings
from pos_subsidy.store.db import TillDatabase, write_transaction

_NAME = "city_budget"
_CODES = ("budget_low", "budget_spent")


def learn(db: TillDatabase, told: Sequence[Mapping[str, Any]], *, programme: str | None = None) -> None:
    """Keep what was said of one programme's pools, or of all; most often it is known and nothing is written.

    What this till has no words for is left out.
    """
    known = [{"code": one["code"], "params": one["params"]} for one in told if one.get("code") in _CODES]
    before = _kept(db)
    if programme is not None:
        known += [one for one in before if one["params"].get("programme") != programme]
    if sorted(known, key=_order) != sorted(before, key=_order):
        with write_transaction(db):
            settings.put(db, _NAME, json.dumps(known, ensure_ascii=False))


def spent(db: TillDatabase, programme: str, *, on: date) -> dict[str, Any] | None:
    """Return the pool of a programme that was spent when the city last spoke and covers a day; or None."""
    for one in _kept(db):
        if one["code"] == "budget_spent" and one["params"].get("programme") == programme:
            first, last = periods.days_of(str(one["params"]["period"]))
            if first <= on <= last:
                return dict(one["params"])
    return None


def notices(db: TillDatabase) -> list[dict[str, str]]:
    """Return each notice: its code, and what to show in Chinese and English."""
    return [
        {
            "code": one["code"],
            **{
                f"{part}_{tongue}": getattr(spoken, f"{part}_{tongue}")
                for part in ("title", "detail", "next_step")
                for tongue in ("zh", "en")
            },
        }
        for one in _kept(db)
        for spoken in [words.say(one["code"], one["params"])]
    ]


def _kept(db: TillDatabase) -> list[dict[str, Any]]:
    return list(json.loads(settings.get(db, _NAME) or "[]"))


def _order(one: Mapping[str, Any]) -> tuple[str, str]:
    return str(one["params"].get("pool")), str(one["code"])
