"""The city's budget: every pool with its parts, one pool with the decisions that filled and moved it."""

from flask import Blueprint, render_template

from pos_subsidy.hub import pools
from pos_subsidy.hub.web.api import city

bp = Blueprint("pools", __name__)


@bp.get("/budgets")
def listing() -> str:
    """List the pools."""
    return render_template("hub/pools.html", pools=pools.listing(city()))


@bp.get("/budgets/<programme>/<region>/<period>")
def show(programme: str, region: str, period: str) -> str:
    """Show a pool with every decision about it."""
    found = pools.show(city(), f"{programme}/{region}/{period}")
    return render_template("hub/pool.html", pool=found)
