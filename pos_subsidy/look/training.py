"""The call that moves a training clock."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from pos_subsidy.clock import TrainingClock
from pos_subsidy.domain import moments
from pos_subsidy.errors import Invalid


def training_clock(name: str, clock: TrainingClock) -> Blueprint:
    """Return the call. Only a demo's service has it: no real sale may have a moment of choice."""
    training = Blueprint(name, __name__)

    @training.post("/training/clock")
    def move() -> Response:
        asked: Any = request.get_json(silent=True)
        try:
            to = datetime.fromisoformat(str(asked.get("now") if isinstance(asked, dict) else None))
        except ValueError:
            raise Invalid("day_invalid") from None
        if to.tzinfo is None:
            raise Invalid("day_invalid")
        clock.advance_to(to)
        return jsonify({"now": moments.text(clock())})

    return training
