"""What the city last said of the pools this shop draws on: running low, or spent. It decides nothing."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pos_subsidy.domain import words
from pos_subsidy.store import settings
from pos_subsidy.store.db import TillDatabase

_NAME = "city_budget"
_CODES = ("budget_low", "budget_spent")


def learn(db: TillDatabase, told: Sequence[Mapping[str, Any]], *, programme: str | None = None) -> None:
    """Keep what was said of one programme's pools, or of all, in the caller's transaction.

    What this till has no words for is left out.
    """
    known = [{"code": one["code"], "params": one["params"]} for one in told if one.get("code") in _CODES]
    before = _kept(db)
    if programme is not None:
        known += [one for one in before if one["params"].get("programme") != programme]
    if known != before:
        settings.put(db, _NAME, json.dumps(known, ensure_ascii=False))


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
