"""Conflicts: claims that lost to another, journals that forked, both signed records side by side."""

from flask import Blueprint, render_template, request

from pos_subsidy.hub import records
from pos_subsidy.hub.records import Pair
from pos_subsidy.hub.web.api import city

bp = Blueprint("conflicts", __name__)


@bp.get("/conflicts")
def listing() -> str:
    """List conflicts, the latest first."""
    return render_template(
        "hub/conflicts.html", found=records.conflicts(city(), after=request.args.get("after"))
    )


@bp.get("/conflicts/claims/<redemption_id>")
def of_claim(redemption_id: str) -> str:
    """Show a claim that lost beside the record that stood first."""
    return _pair(records.of_claim(city(), redemption_id))


@bp.get("/conflicts/forks/<int:fork_id>")
def of_fork(fork_id: int) -> str:
    """Show both rows a shop signed for one place of its journal."""
    return _pair(records.of_fork(city(), fork_id))


def _pair(pair: Pair) -> str:
    return render_template("hub/conflict.html", pair=pair, compared=records.COMPARED)
