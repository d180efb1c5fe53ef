"""Calls of the contract that are not built yet. They say so; nothing pretends."""

from flask import Blueprint

from pos_subsidy.errors import NotBuilt
from pos_subsidy.web.api.auth import api_key_required

bp = Blueprint("api_unbuilt", __name__)


@bp.post("/claims")
@api_key_required
def open_claim() -> None:
    """Claims after purchase (cars, renovation)."""
    raise NotBuilt("not_built", part="claims")


@bp.put("/claims/<claim_id>/papers")
@api_key_required
def put_papers(claim_id: str) -> None:
    """Papers of a claim."""
    raise NotBuilt("not_built", part="claims")


@bp.post("/claims/<claim_id>/submit")
@api_key_required
def submit_claim(claim_id: str) -> None:
    """Submission of a claim."""
    raise NotBuilt("not_built", part="claims")


@bp.put("/redemptions/<redemption_id>/evidence")
@api_key_required
def put_evidence(redemption_id: str) -> None:
    """Evidence of a redemption."""
    raise NotBuilt("not_built", part="evidence")
