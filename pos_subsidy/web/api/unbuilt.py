"""Calls of the contract that are not built yet. They say so; nothing pretends."""

from flask import Blueprint

from pos_subsidy.errors import NotBuilt
from pos_subsidy.web.api.auth import api_key_required

bp = Blueprint("api_unbuilt", __name__)


@bp.put("/redemptions/<redemption_id>/evidence")
@api_key_required
def put_evidence(redemption_id: str) -> None:
    """Evidence of a redemption."""
    raise NotBuilt("not_built", part="evidence")
