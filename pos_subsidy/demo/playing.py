"""Plays what happens on a day, and notes what came of it. Knows nothing of what is expected."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pos_subsidy.demo.calls import Refused, TillApi
from pos_subsidy.demo.town import Town

_OFFSET = "+08:00"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one thing that happened: amounts in fen, or the codes of a refusal."""

    order_no: str
    op: str
    subsidy_fen: int | None = None
    payable_fen: int | None = None
    redemption_id: str | None = None
    codes: tuple[str, ...] = field(default=())


def play(
    town: Town,
    day: str,
    happenings: list[dict[str, Any]],
    categories: Mapping[str, str],
    *,
    progress: Callable[[int], None] = lambda _: None,
) -> list[Outcome]:
    """Play everything in order and return the outcomes in the same order."""
    sold: dict[str, str] = {}
    outcomes = []
    for position, happening in enumerate(happenings, start=1):
        town.move_clocks(f"{day}T{happening['at']}{_OFFSET}")
        outcome = _play_one(town, happening, categories, sold)
        if outcome.redemption_id is not None:
            sold[outcome.order_no] = outcome.redemption_id
        outcomes.append(outcome)
        progress(position)
    return outcomes


def _play_one(
    town: Town, happening: dict[str, Any], categories: Mapping[str, str], sold: dict[str, str]
) -> Outcome:
    shop = town.shops[happening["shop"]]
    offline = bool(happening.get("offline"))
    if offline:
        shop.line.cut()
    try:
        act = {"sale": _sale, "reverse": _reverse, "exchange": _exchange}[happening["op"]]
        return act(shop.api, happening, categories, sold)
    except Refused as refused:
        return Outcome(happening["order_no"], happening["op"], codes=refused.codes)
    finally:
        if offline:
            shop.line.restore()
            shop.api.wait_online()


def _sale(api: TillApi, sale: dict[str, Any], categories: Mapping[str, str], sold: dict[str, str]) -> Outcome:
    goods: dict[str, Any] = {name: sale[name] for name in ("gtin", "category", "price_fen") if name in sale}
    optional: dict[str, Any] = {name: sale[name] for name in ("energy_rating", "attributes") if name in sale}
    person = sale["person"]
    papers = {name: person[name] for name in ("id_type", "id_number")}
    assessed = api.ask("/assessments", {**goods, **optional, "person": papers})
    if not assessed["eligible"]:
        raise Refused([refusal["code"] for refusal in assessed["refusals"]])
    wanted: dict[str, Any] = {**goods, "category": _category(sale, categories), "person": person}
    wanted |= {name: sale[name] for name in ("energy_rating",) if name in sale}
    voucher = api.write("/vouchers", wanted)
    try:
        held = api.write("/holds", _hold(sale, goods, optional, voucher["token"]))
    except Refused:
        # The customer leaves with nothing; her right must not stay bound to this try.
        api.write(f"/vouchers/{voucher['code']}/void", {"reason": "sale refused"})
        raise
    paid = {
        "paid_fen": held["payable_fen"],
        "channel": sale["channel"],
        "payment_ref": f"P{sale['order_no']}",
    }
    redeemed = api.write(f"/holds/{held['hold_id']}/redeem", paid)
    return Outcome(
        sale["order_no"],
        "sale",
        subsidy_fen=redeemed["subsidy_fen"],
        payable_fen=redeemed["payable_fen"],
        redemption_id=redeemed["redemption_id"],
    )


def _hold(
    sale: dict[str, Any], goods: dict[str, Any], optional: dict[str, Any], token: str
) -> dict[str, Any]:
    pieces: dict[str, Any] = {name: sale[name] for name in ("serial_no", "imei1", "imei2") if name in sale}
    return {
        "voucher": token,
        **goods,
        **optional,
        **pieces,
        "order_no": sale["order_no"],
        "identity_checked": True,
    }


def _category(sale: dict[str, Any], categories: Mapping[str, str]) -> str:
    return str(sale.get("category") or categories[sale["gtin"]])


def _reverse(
    api: TillApi, asked: dict[str, Any], categories: Mapping[str, str], sold: dict[str, str]
) -> Outcome:
    body: dict[str, Any] = {
        name: asked[name] for name in ("kind", "new_price_fen", "reason", "credit_note_no") if name in asked
    }
    done = api.write(f"/redemptions/{_sold(sold, asked)}/reverse", body)
    return Outcome(asked["order_no"], "reverse", done["net_subsidy_fen"], done["net_payable_fen"])


def _exchange(
    api: TillApi, asked: dict[str, Any], categories: Mapping[str, str], sold: dict[str, str]
) -> Outcome:
    body: dict[str, Any] = {
        name: asked[name] for name in ("serial_no", "imei1", "imei2", "reason") if name in asked
    }
    done = api.write(f"/redemptions/{_sold(sold, asked)}/exchange", body)
    return Outcome(asked["order_no"], "exchange", done["net_subsidy_fen"], done["net_payable_fen"])


def _sold(sold: dict[str, str], asked: dict[str, Any]) -> str:
    if asked["order_no"] not in sold:
        raise Refused(["redemption_unknown"])
    return sold[asked["order_no"]]
