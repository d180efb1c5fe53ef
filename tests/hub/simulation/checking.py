"""What must be true of a city at the end, and of two runs of one seed."""

import hashlib
import json
from collections import Counter, defaultdict
from dataclasses import astuple
from typing import Any

from tests.hub.simulation.city import Claim, Played
from tests.hub.simulation.plan import Plan

_STANDING = ("accepted", "settled")


def troubles(plan: Plan, played: Played) -> list[str]:
    """Return everything that is wrong with one run, in words; none is a sound city."""
    found = list(played.wrong)
    found += [f"audit: {one}" for one in played.discrepancies]
    if played.parked:
        found.append(f"{played.parked} rows were put aside")
    found += _sales(plan, played)
    found += _doubles(plan, played)
    found += _money(played)
    return found


def differences(plan: Plan, bad: Played, clean: Played) -> list[str]:
    """Return where a bad road led to other books than a good one.

    May differ: which of a planted pair stands (the first stored wins), and with it whose account is
    paid; a claim that was wholly reversed before any run is accepted, else settled: both stand, and
    both are worth nothing; moments, payment runs, rows about holds and verdicts. Nothing else.
    """
    found = []
    planted = plan.planted
    one, other = (
        {line for line in map(_worth, run.claims) if line[0] not in planted} for run in (bad, clean)
    )
    found += [f"only on one road: {line}" for line in sorted(one ^ other, key=repr)]
    for pair in plan.pairs:
        ends = [
            Counter(_worth(claim)[2:] for claim in run.claims if claim.order_no in pair.orders)
            for run in (bad, clean)
        ]
        if ends[0] != ends[1]:
            found.append(f"pair {sorted(pair.orders)}: {ends[0]} and {ends[1]}")
    if sums(bad) != sums(clean):
        found.append(f"sums: {sums(bad)} and {sums(clean)}")
    return found


def sums(played: Played) -> dict[str, int]:
    """Return claims, and fen by what became of them, over the whole city."""
    standing = [claim for claim in played.claims if claim.stands]
    rejected = [claim for claim in played.claims if claim.verdict == "rejected"]
    return {
        "claims": len(played.claims),
        "standing": len(standing),
        "standing_fen": sum(claim.net_fen for claim in standing),
        "rejected": len(rejected),
        "rejected_fen": sum(claim.net_fen for claim in rejected),
        "pools_fen": sum(fen for account, fen in played.balances.items() if account.startswith("pool:")),
    }


def digest(*runs: Played) -> str:
    """Return one number for everything that a seed decides, moments included."""
    told = [
        {
            "claims": [astuple(claim) for claim in run.claims],
            "balances": run.balances,
            "payments": run.payments,
            "head_seqs": run.head_seqs,
            "happened": run.happened,
        }
        for run in runs
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _worth(claim: Claim) -> tuple[Any, ...]:
    word = "stands" if claim.stands else claim.verdict
    return claim.order_no, claim.outlet, word, claim.code, claim.subsidy_fen, claim.net_fen


def _sales(plan: Plan, played: Played) -> list[str]:
    """Every sale of the plan is once at its shop and once at the hub, with the same word and worth."""
    found = []
    planned = Counter(sale.order_no for sale in plan.sales)
    at_hub = Counter(claim.order_no for claim in played.claims)
    at_shops = Counter(one.order_no for one in played.sold)
    if planned != at_hub:
        found.append(f"the hub's claims are not the plan's sales: {(planned - at_hub) + (at_hub - planned)}")
    if planned != at_shops:
        found.append(f"the shops' sales are not the plan's: {(planned - at_shops) + (at_shops - planned)}")
    kept = {(claim.outlet, claim.order_no): claim for claim in played.claims}
    for one in played.sold:
        claim = kept.get((one.outlet, one.order_no))
        mine = (one.verdict, one.code, one.net_fen)
        if claim is None or (claim.verdict, claim.code, claim.net_fen) != mine:
            found.append(f"{one.outlet} {one.order_no}: {mine} at the shop, {claim} at the hub")
    return found


def _doubles(plan: Plan, played: Played) -> list[str]:
    """Of every planted pair the one stored first stands, the other is refused by name; no other claim is."""
    found = []
    by_order = {claim.order_no: claim for claim in played.claims}
    losers = set()
    for pair in plan.pairs:
        ends = [by_order[order] for order in sorted(pair.orders) if order in by_order]
        refused = [claim for claim in ends if (claim.verdict, claim.code) == ("rejected", pair.code)]
        if len(refused) != 1 or sum(claim.stands for claim in ends) != 1:
            found.append(f"double {sorted(pair.orders)}: {[(one.verdict, one.code) for one in ends]}")
        elif refused[0].received_at < max(claim.received_at for claim in ends if claim.stands):
            found.append(f"double {sorted(pair.orders)}: the one that was stored later stands")
        losers |= {claim.order_no for claim in refused}
    for claim in played.claims:
        if not claim.stands and claim.order_no not in losers:
            found.append(f"invented: {claim.order_no} {claim.verdict} {claim.code}")
    return found


def _money(played: Played) -> list[str]:
    """What stands at the shops is what stands at the hub, what pools gave, what was paid or is owed."""
    found = []
    shops_fen: dict[str, int] = defaultdict(int)
    hub_fen: dict[str, int] = defaultdict(int)
    for one in played.sold:
        shops_fen[one.outlet] += one.net_fen if one.verdict in _STANDING else 0
    for claim in played.claims:
        hub_fen[claim.outlet] += claim.net_fen if claim.stands else 0
    paid_fen: dict[str, int] = defaultdict(int)
    for number, status, amount_fen, _ in played.payments:
        paid_fen[number.split("-", 2)[2]] += amount_fen if status == "paid" else 0
    for outlet in played.head_seqs:
        owed_fen = played.balances.get(f"outlet:{outlet}", 0)
        amounts = {shops_fen[outlet], hub_fen[outlet], paid_fen[outlet] + owed_fen}
        if len(amounts) != 1 or owed_fen > 0:
            found.append(
                f"{outlet}: {shops_fen[outlet]} fen by its own file, {hub_fen[outlet]} by the hub,"
                f" {paid_fen[outlet]} paid, {owed_fen} open"
            )
    told = sums(played)
    if -told["pools_fen"] != told["standing_fen"]:
        found.append(f"pools gave {-told['pools_fen']} fen, claims are worth {told['standing_fen']}")
    if sum(played.balances.values()):
        found.append(f"the trial balance is {sum(played.balances.values())} fen")
    return found
