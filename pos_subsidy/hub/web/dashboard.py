"""The first page: today's claims, budgets and their pace, by class, district and merchant."""

from datetime import date

from flask import Blueprint, render_template, request

from pos_subsidy.domain import forecast
from pos_subsidy.hub import overview
from pos_subsidy.hub.limits import Limit
from pos_subsidy.hub.overview import PERIODS, Picture, Sums
from pos_subsidy.hub.web import rendering
from pos_subsidy.hub.web.api import city, now
from pos_subsidy.hub.web.language import t
from pos_subsidy.look import charts, charts_city
from pos_subsidy.look.charts import Bar
from pos_subsidy.look.charts_city import Tile

MOODS = {
    "accepted": "yes",
    "settled": "yes",
    "waiting": "brand",
    "suspended": "doubt",
    "rejected": "no",
    "clawed_back": "no",
}
_MERCHANTS = 10

bp = Blueprint("dashboard", __name__)


@bp.get("/overview")
def show() -> str:
    """Show the live picture of a period."""
    period = request.args.get("period", "today")
    period = period if period in PERIODS else "today"
    found = overview.picture(city(), period, now=now())
    return render_template(
        "hub/dashboard.html",
        picture=found,
        period=period,
        periods=list(PERIODS),
        moods=MOODS,
        now=now(),
        burning=[(one, _burn_down(one, found.today)) for one in found.limits],
        window=forecast.WINDOW_DAYS,
        verdict_chart=charts.bars(
            [
                Bar(t(f"verdict.{one.key}"), rendering.count(one.claims), one.claims, MOODS[one.key])
                for one in found.by_verdict
                if one.claims
            ]
        ),
        class_chart=charts.bars(
            [
                Bar(rendering.goods_name(one.key), rendering.money(one.net_fen), one.net_fen)
                for one in _most(found)
            ]
        ),
        tiles=charts_city.tiles([_tile(one) for one in found.by_region]),
        merchants=found.by_merchant[:_MERCHANTS],
        merchants_left_out=max(len(found.by_merchant) - _MERCHANTS, 0),
        amount=amount,
    )


def amount(limit: Limit, number: int) -> str:
    """Write a number of a limit in its unit."""
    return (
        rendering.money(number) if limit.unit == "fen" else t("limit.pieces", count=rendering.count(number))
    )


def _most(found: Picture) -> tuple[Sums, ...]:
    return tuple(one for one in found.by_class if one.net_fen > 0)[:8]


def _tile(one: Sums) -> Tile:
    return Tile(
        rendering.region_name(one.key),
        rendering.money(one.net_fen),
        t("dashboard.tile_claims", count=rendering.count(one.claims)),
        one.net_fen,
    )


def _burn_down(one: Limit, today: date) -> object:
    return charts_city.burn_down(
        one.total,
        one.by_day,
        first=one.first_day,
        today=min(max(today, one.first_day), max(one.last_day, one.first_day)),
        last=one.last_day,
        left=one.left,
        runs_out=one.forecast.on,
        label=amount(one, one.total),
    )
