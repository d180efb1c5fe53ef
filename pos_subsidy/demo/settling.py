"""The evening: close the day, compare with the shop's own files, send everything to the hub."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pos_subsidy.demo import processes
from pos_subsidy.demo.town import Shop, Town

_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Evening:
    """What stands at the end of the day, over all shops."""

    redemptions: tuple[dict[str, Any], ...]
    differences: tuple[dict[str, Any], ...]
    rows: int
    acknowledged: int
    journal_rows: int
    journal_verified: bool


def settle(town: Town, day: str, statements: Mapping[str, tuple[str, bytes]]) -> Evening:
    """Close, compare, send, verify; return what stands."""
    shops = list(town.shops.values())
    for shop in shops:
        shop.api.write(f"/days/{day}/close", {})
    # What the bills say of refunds is in the journal before it is sent.
    found: dict[str, Any] = {}
    if statements:
        found = town.shops["A"].api.upload(f"/days/{day}/reconciliation", statements)
    # A verdict may follow from what another shop sends later: everyone asks again at the end.
    for round_no in range(_ROUNDS):
        done = [shop.api.ask("/sync", {}) for shop in shops]
        if round_no and all(one["complete"] and not one["rows"] for one in done):
            break
    states = [shop.api.ready() for shop in shops]
    checks = [_journal(shop) for shop in shops]
    return Evening(
        redemptions=tuple(
            one for shop in shops for one in shop.api.read("/redemptions", business_date=day)["redemptions"]
        ),
        differences=tuple(found.get("differences", ())),
        rows=sum(state["journal_seq"] for state in states),
        acknowledged=sum(state["acknowledged_seq"] for state in states),
        journal_rows=sum(rows for rows, _ in checks),
        journal_verified=all(good for _, good in checks),
    )


def _journal(shop: Shop) -> tuple[int, bool]:
    """Verify a shop's chain and rebuild its state; return rows and whether both are good."""
    try:
        verified = json.loads(processes.run("journal", "verify", "--data", str(shop.data), "--json"))
        rebuilt = json.loads(processes.run("journal", "rebuild", "--data", str(shop.data), "--json"))
    except processes.Failed:
        return 0, False
    return int(verified["rows"]), bool(verified["verified"] and rebuilt["equal"])
